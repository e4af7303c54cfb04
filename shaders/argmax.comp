// SPDX-License-Identifier: MIT
// y[row] = the first place along the axis where x, or -x if SMALLEST, is largest; a NaN counts as largest, as in
// PyTorch. x [A, cols, S] -> y i32 [A, S]. A row of lanes owns one output.
//
// The host guarantees: y holds `rows` elements; groups come from groups_for() at ROWS outputs each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "axis.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(constant_id = 3) const bool SMALLEST = false;

layout(push_constant) uniform Push { AxisParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { uint y[]; };

shared uint lane_places[LOCAL_SIZE];

struct Best {
    float value;
    uint place;
};

Best better(Best a, Best b) {
    const bool a_nan = is_nan(floatBitsToUint(a.value));
    const bool b_nan = is_nan(floatBitsToUint(b.value));
    const bool equal = a_nan == b_nan && (a_nan || a.value == b.value);
    const bool larger = a_nan != b_nan ? b_nan : b.value > a.value;
    return (equal ? b.place < a.place : larger) ? b : a;
}

void main() {
    const uint row = group_index() * ROWS + group_row();
    const uint lane = group_lane();
    Best best = Best(uintBitsToFloat(0xff800000u), 0xffffffffu);
    if (row < p.rows) {
        const uint base = row / p.stride * p.stride * p.cols + row % p.stride;
        for (uint col = lane; col < p.cols; col += LANES) {
            const float value = x[base + col * p.stride];
            best = better(best, Best(SMALLEST ? -value : value, col));
        }
    }
    if (LANES > 1u) {
        const uint at = gl_LocalInvocationID.x;
        lane_values[at] = best.value;
        lane_places[at] = best.place;
        barrier();
        for (uint half_lanes = LANES / 2u; half_lanes > 0u; half_lanes /= 2u) {
            if (lane < half_lanes) {
                const uint other = at + half_lanes * LANE_STRIDE;
                best = better(best, Best(lane_values[other], lane_places[other]));
                lane_values[at] = best.value;
                lane_places[at] = best.place;
            }
            barrier();
        }
    }
    if (row < p.rows && lane == 0u) y[row] = best.place;
}
