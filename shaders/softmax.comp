// SPDX-License-Identifier: MIT
// y = exp(x - max x) / sum exp(x - max x) along one axis, or its logarithm
// x - max x - log sum exp(x - max x). x [A, cols, S] -> y of the same shape.
// A row of lanes owns one row and goes over it three times: maximum, sum, result.
//
// The host guarantees: groups come from groups_for() at ROWS rows each; y does not overlap x.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "axis.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(constant_id = 3) const bool LOGARITHM = false;

layout(push_constant) uniform Push { AxisParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { float y[]; };

void main() {
    const uint row = group_index() * ROWS + group_row();
    const uint cols = row < p.rows ? p.cols : 0u;
    const uint base = row / p.stride * p.stride * p.cols + row % p.stride;

    float largest = uintBitsToFloat(0xff800000u);
    for (uint col = group_lane(); col < cols; col += LANES) {
        largest = nan_max(largest, x[base + col * p.stride]);
    }
    largest = group_max(largest);

    float total = 0.0;
    for (uint col = group_lane(); col < cols; col += LANES) {
        total += exp(x[base + col * p.stride] - largest);
    }
    total = group_sum(total);

    const float log_total = LOGARITHM ? log(total) : 0.0;
    for (uint col = group_lane(); col < cols; col += LANES) {
        const uint at = base + col * p.stride;
        const float shifted = x[at] - largest;
        y[at] = LOGARITHM ? shifted - log_total : exp(shifted) / total;
    }
}
