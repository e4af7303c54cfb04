// SPDX-License-Identifier: MIT
// y[row] = the first place along the axis where x is largest, or smallest if SMALLEST; a NaN counts
// as both, as in PyTorch. x f32, or i32 if INTEGERS, [A, cols, S] -> y i32 [A, S]. A row of lanes
// owns one output.
//
// The host guarantees: y holds `rows` elements; groups come from groups_for() at ROWS outputs each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "axis.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(constant_id = 3) const bool SMALLEST = false;
layout(constant_id = 4) const bool INTEGERS = false;

layout(push_constant) uniform Push { AxisParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { uint y[]; };

shared uint lane_keys[LOCAL_SIZE];
shared uint lane_places[LOCAL_SIZE];

struct Best {
    uint key;
    uint place;
};

// The largest of these words is sought.
uint key_of(uint word) {
    if (INTEGERS) return SMALLEST ? ~order_of_int(word) : order_of_int(word);
    const uint key = order_of_float(word);
    return SMALLEST && !is_nan(word) ? ~key : key;
}

Best better(Best a, Best b) {
    return b.key > a.key || b.key == a.key && b.place < a.place ? b : a;
}

void main() {
    const uint row = group_index() * ROWS + group_row();
    const uint lane = group_lane();
    Best best = Best(0u, 0xffffffffu);
    if (row < p.rows) {
        const uint base = row / p.stride * p.stride * p.cols + row % p.stride;
        for (uint col = lane; col < p.cols; col += LANES) {
            best = better(best, Best(key_of(x[base + col * p.stride]), col));
        }
    }
    if (LANES > 1u) {
        const uint at = gl_LocalInvocationID.x;
        lane_keys[at] = best.key;
        lane_places[at] = best.place;
        barrier();
        for (uint half_lanes = LANES / 2u; half_lanes > 0u; half_lanes /= 2u) {
            if (lane < half_lanes) {
                const uint other = at + half_lanes * LANE_STRIDE;
                best = better(best, Best(lane_keys[other], lane_places[other]));
                lane_keys[at] = best.key;
                lane_places[at] = best.place;
            }
            barrier();
        }
    }
    if (row < p.rows && lane == 0u) y[row] = best.place;
}
