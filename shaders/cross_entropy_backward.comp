// SPDX-License-Identifier: MIT
// d_x[row, :] = (softmax(x[row, :]) - onehot(label[row])) d_rows[row]; 0 where the label is the
// ignored one.
// x, d_x [rows, classes], labels i32 [rows], d_rows [rows] or one number for all of them.
// The softmax is computed again rather than kept: it is as large as x. A row of lanes owns one row.
//
// The host guarantees: groups come from groups_for() at ROWS rows each; d_x overlaps no input.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "cross_entropy.h"

layout(push_constant) uniform Push { CrossEntropyBackwardParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) readonly buffer Labels { uint labels[]; };
layout(set = 0, binding = 2) readonly buffer DRows { float d_rows[]; };
layout(set = 0, binding = 3) writeonly buffer DX { float d_x[]; };

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

    if (row >= p.rows) return;
    const uint label = labels[row];
    const bool counts = p.ignores == 0u || label != p.ignored;
    const float d = d_rows[p.d_offset + row * p.d_stride];
    for (uint col = group_lane(); col < classes; col += LANES) {
        const float share = exp(x[base + col] - largest) / total;
        d_x[base + col] = counts ? (col == label ? share - 1.0 : share) * d : 0.0;
    }
}
