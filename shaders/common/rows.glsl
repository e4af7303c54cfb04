// SPDX-License-Identifier: MIT
// Rows of `inner` contiguous elements, cut into chunks of LANES * ELEMENTS: LANES neighbours own a
// chunk, each of them every LANES-th element. What is found out once a row (an index, where a run
// begins) is so shared by up to ELEMENTS elements. For kernels with GatherParameters p.
//
//     ROW_BEGIN(row)                 the invocation's row, if it has one
//     FOR_EACH_INNER(s) { ... }      its elements of the row
#ifndef INGOT_ROWS_GLSL
#define INGOT_ROWS_GLSL

#include "common/index.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint LANES = 64;    // divides LOCAL_SIZE
layout(constant_id = 2) const uint ELEMENTS = 1;  // at most, of an invocation
layout(constant_id = 3) const bool ELEMENTWISE = false;

#define ROW_BEGIN(row)                                                                         \
    const uint chunk_number =                                                                  \
        group_index() * (LOCAL_SIZE / LANES) + gl_LocalInvocationID.x / LANES;                 \
    const uint row = chunk_number / p.chunks;                                                  \
    if (row >= p.rows) return;                                                                 \
    const uint first_inner = (chunk_number - row * p.chunks) * (LANES * ELEMENTS) +            \
                             gl_LocalInvocationID.x % LANES;                                   \
    const uint end_inner = min(first_inner + LANES * ELEMENTS, p.inner);

#define FOR_EACH_INNER(s) for (uint s = first_inner; s < end_inner; s += LANES)

#endif
