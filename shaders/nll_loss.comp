// SPDX-License-Identifier: MIT
// loss[row] = -weight[label[row]] x[row, label[row]], row_weight[row] = weight[label[row]]; both 0
// where the label is the ignored one. x [rows, classes], labels i32 [rows], weight [classes] or one
// number for all. One invocation a row.
// A label outside [0, classes) is never used as an index: it is reported, and the loss is NaN.
//
// The host guarantees: groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "nll_loss.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { NllLossParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer X { float x[]; };
layout(set = 0, binding = 2) readonly buffer Labels { uint labels[]; };
layout(set = 0, binding = 3) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 4) writeonly buffer Loss { float loss[]; };
layout(set = 0, binding = 5) writeonly buffer RowWeight { float row_weight[]; };

void main() {
    const uint row = invocation_index();
    if (row >= p.rows) return;
    const uint label = labels[row];  // a negative one is large
    if (p.ignores != 0u && label == p.ignored) {
        loss[row] = 0.0;
        row_weight[row] = 0.0;
    } else if (label < p.classes) {
        const float w = weight[p.weight_offset + label * p.weight_stride];
        loss[row] = -w * x[row * p.classes + label];
        row_weight[row] = w;
    } else {
        report(p.site, row);
        loss[row] = uintBitsToFloat(0x7fc00000u);
        row_weight[row] = uintBitsToFloat(0x7fc00000u);
    }
}
