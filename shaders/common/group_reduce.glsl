// SPDX-License-Identifier: MIT
// A group as ROWS rows of LANES lanes, each row reducing something of its own, and the fixed tree
// through shared memory that combines what the lanes of a row hold. One lane a row costs neither
// shared memory traffic nor a barrier.
//
// LANES_FAST says which neighbours stand side by side in memory: the lanes of a row (the reduced
// axis is contiguous) or the rows (the kept axis is). Every invocation of the group must come here.
//
// With the constants left alone a group is one row of 64 lanes. Part of what users of the library may
// include ("ingot/group_reduce.glsl"): group_lane(), group_row(), ROWS, LANES, group_sum(),
// group_product() and group_max() stay as they are. With GROUP_INTEGERS defined in front, the last
// three take ints, too.
#ifndef INGOT_GROUP_REDUCE_GLSL
#define INGOT_GROUP_REDUCE_GLSL

#include "functions.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint LANES = 64;  // a power of two that divides LOCAL_SIZE
layout(constant_id = 2) const bool LANES_FAST = true;

const uint ROWS = LOCAL_SIZE / LANES;
const uint LANE_STRIDE = LANES_FAST ? 1u : ROWS;

shared float lane_values[LOCAL_SIZE];

uint group_lane() {
    return LANES_FAST ? gl_LocalInvocationID.x % LANES : gl_LocalInvocationID.x / ROWS;
}
uint group_row() {
    return LANES_FAST ? gl_LocalInvocationID.x / LANES : gl_LocalInvocationID.x % ROWS;
}

float nan_max(float a, float b) {  // a NaN in either passes on
    return a > b || is_nan(floatBitsToUint(a)) ? a : b;
}

#define GROUP_TREE(name, type, lane_values, combine)                                         \
    type name(type value) {                                                                  \
        if (LANES == 1u) return value;                                                       \
        const uint at = gl_LocalInvocationID.x;                                              \
        const uint lane = group_lane();                                                      \
        lane_values[at] = value;                                                             \
        barrier();                                                                           \
        for (uint half_lanes = LANES / 2u; half_lanes > 0u; half_lanes /= 2u) {              \
            if (lane < half_lanes) {                                                         \
                lane_values[at] =                                                            \
                    combine(lane_values[at], lane_values[at + half_lanes * LANE_STRIDE]);    \
            }                                                                                \
            barrier();                                                                       \
        }                                                                                    \
        const type result = lane_values[at - lane * LANE_STRIDE];                            \
        barrier();                                                                           \
        return result;                                                                       \
    }
#define GROUP_ADD(a, b) (a) + (b)
#define GROUP_MULTIPLY(a, b) (a) * (b)
GROUP_TREE(group_sum, float, lane_values, GROUP_ADD)
GROUP_TREE(group_product, float, lane_values, GROUP_MULTIPLY)
GROUP_TREE(group_max, float, lane_values, nan_max)

#ifdef GROUP_INTEGERS
shared int lane_integers[LOCAL_SIZE];
GROUP_TREE(group_sum, int, lane_integers, GROUP_ADD)
GROUP_TREE(group_product, int, lane_integers, GROUP_MULTIPLY)
GROUP_TREE(group_max, int, lane_integers, max)
#endif

#endif
