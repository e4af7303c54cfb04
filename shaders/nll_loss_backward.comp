// SPDX-License-Identifier: MIT
// d_x[row, col] = -weight[label[row]] d_rows[row] where col is the row's label, else 0; a row whose
// label is ignored is 0 throughout. d_x [rows, classes], labels i32 [rows], weight [classes] or one
// number for all, d_rows [rows] or one number for all. A row of lanes owns one row.
//
// The host guarantees: groups come from groups_for() at ROWS rows each; d_x overlaps no input.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "nll_loss.h"

layout(push_constant) uniform Push { NllLossBackwardParameters p; };

layout(set = 0, binding = 0) readonly buffer Labels { uint labels[]; };
layout(set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 2) readonly buffer DRows { float d_rows[]; };
layout(set = 0, binding = 3) writeonly buffer DX { float d_x[]; };

void main() {
    const uint row = group_index() * ROWS + group_row();
    if (row >= p.rows) return;
    const uint label = labels[row];
    const bool counts = label < p.classes && !(p.ignores != 0u && label == p.ignored);
    float d = 0.0;
    if (counts) {
        d = -weight[p.weight_offset + label * p.weight_stride] *
            d_rows[p.d_offset + row * p.d_stride];
    }
    const uint base = row * p.classes;
    for (uint col = group_lane(); col < p.classes; col += LANES) {
        d_x[base + col] = counts && col == label ? d : 0.0;
    }
}
