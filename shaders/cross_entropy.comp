// SPDX-License-Identifier: MIT
// loss[row] = log sum exp(x[row, :]) - x[row, label[row]].
// x [rows, classes], labels i32 [rows] -> loss [rows]; 0 where the label is the ignored one. A row
// of lanes owns one row.
// Another label outside [0, classes) is never used as an index: it is reported, and the loss is NaN.
//
// The host guarantees: groups come from groups_for() at ROWS rows each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "cross_entropy.h"

layout(push_constant) uniform Push { CrossEntropyParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer X { float x[]; };
layout(set = 0, binding = 2) readonly buffer Labels { uint labels[]; };
layout(set = 0, binding = 3) writeonly buffer Loss { float loss[]; };

void main() {
    const uint row = group_index() * ROWS + group_row();
    const uint classes = row < p.rows ? p.classes : 0u;
    const uint base = row * p.classes;

    float largest = uintBitsToFloat(0xff800000u);
    for (uint col = group_lane(); col < classes; col += LANES) {
        largest = nan_max(largest, x[base + col]);
    }
    largest = group_max(largest);

    float total = 0.0;
    for (uint col = group_lane(); col < classes; col += LANES) {
        total += exp(x[base + col] - largest);
    }
    total = group_sum(total);

    if (row < p.rows && group_lane() == 0u) {
        const uint label = labels[row];  // a negative one is large
        if (p.ignores != 0u && label == p.ignored) {
            loss[row] = 0.0;
        } else if (label < p.classes) {
            loss[row] = log(total) - (x[base + label] - largest);
        } else {
            report(p.site, row);
            loss[row] = uintBitsToFloat(0x7fc00000u);
        }
    }
}
