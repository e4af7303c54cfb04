// SPDX-License-Identifier: MIT
// The gradient of softmax from its output, along one axis:
//   softmax:     d_x = y (d_y - sum y d_y)
//   log_softmax: d_x = d_y - exp(y) sum d_y
// y, d_y, d_x [A, cols, S]. A row of lanes owns one row.
//
// The host guarantees: groups come from groups_for() at ROWS rows each; d_x overlaps no input.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "axis.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(constant_id = 3) const bool LOGARITHM = false;

layout(push_constant) uniform Push { AxisParameters p; };

layout(set = 0, binding = 0) readonly buffer Y { float y[]; };
layout(set = 0, binding = 1) readonly buffer DY { float d_y[]; };
layout(set = 0, binding = 2) writeonly buffer DX { float d_x[]; };

void main() {
    const uint row = group_index() * ROWS + group_row();
    const uint cols = row < p.rows ? p.cols : 0u;
    const uint base = row / p.stride * p.stride * p.cols + row % p.stride;

    float total = 0.0;
    for (uint col = group_lane(); col < cols; col += LANES) {
        const uint at = base + col * p.stride;
        total += LOGARITHM ? d_y[at] : y[at] * d_y[at];
    }
    total = group_sum(total);

    for (uint col = group_lane(); col < cols; col += LANES) {
        const uint at = base + col * p.stride;
        d_x[at] = LOGARITHM ? d_y[at] - exp(y[at]) * total : y[at] * (d_y[at] - total);
    }
}
