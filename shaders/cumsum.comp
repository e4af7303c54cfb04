// SPDX-License-Identifier: MIT
// y[i] = x[0] + ... + x[i] along one axis, x and y [A, cols, S]; PRODUCT multiplies instead. A row of
// x is cut into splits, and a split into chunks, one for each of LANES neighbours, who add up their
// chunk, exchange the sums through shared memory, and go through the chunk again. The splits of a row
// are joined by two more calls: TOTALS only stores the sum of each split, [rows, splits]; the running
// sums of those, without their own element, are `before` of the last call.
//
// REVERSE counts from the end; EXCLUSIVE leaves out the element itself. Words are f32, or integers.
//
// The host guarantees: groups come from groups_for() at LOCAL_SIZE / LANES of the rows * splits each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "cumsum.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint LANES = 64;  // a power of two that divides LOCAL_SIZE
layout(constant_id = 2) const uint CHUNK = 16;  // elements of a lane
layout(constant_id = 3) const bool INTEGERS = false;
layout(constant_id = 4) const bool REVERSE = false;
layout(constant_id = 5) const bool EXCLUSIVE = false;
layout(constant_id = 6) const bool TOTALS = false;
layout(constant_id = 7) const bool BEFORE = false;
layout(constant_id = 8) const bool PRODUCT = false;

layout(push_constant) uniform Push { CumsumParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) readonly buffer Before { uint before[]; };
layout(set = 0, binding = 2) writeonly buffer Y { uint y[]; };

shared uint sums[LOCAL_SIZE];

const uint kNothing = !PRODUCT ? 0u : INTEGERS ? 1u : 0x3f800000u;  // what joined changes nothing

uint join(uint a, uint b) {
    if (INTEGERS) return PRODUCT ? a * b : a + b;
    const float x = uintBitsToFloat(a), y = uintBitsToFloat(b);
    return floatBitsToUint(PRODUCT ? x * y : x + y);
}

uint element_at(uint base, uint col) {
    return base + (REVERSE ? p.cols - 1u - col : col) * p.stride;
}

void main() {
    // Neighbours take the same split of neighbouring rows, whose elements stand side by side.
    const uint at = gl_LocalInvocationID.x;
    const uint lane = at % LANES;
    const uint number = group_index() * (LOCAL_SIZE / LANES) + at / LANES;
    const uint row = number % p.rows;
    const uint split = number / p.rows;
    const bool inside = split < p.splits;
    const uint base = row / p.stride * p.stride * p.cols + row % p.stride;
    const uint begin = (split * LANES + lane) * CHUNK;
    const uint end = inside ? min(begin + CHUNK, p.cols) : begin;

    uint total = kNothing;
    if (LANES > 1u || TOTALS) {
        for (uint col = begin; col < end; ++col) total = join(total, x[element_at(base, col)]);
    }
    if (LANES > 1u) {
        sums[at] = total;  // each becomes the sum of those up to it
        barrier();
        for (uint apart = 1u; apart < LANES; apart *= 2u) {
            const uint earlier = lane >= apart ? sums[at - apart] : kNothing;
            barrier();
            if (lane >= apart) sums[at] = join(earlier, sums[at]);
            barrier();
        }
        if (TOTALS) total = sums[at];
        if (!TOTALS) total = lane > 0u ? sums[at - 1u] : kNothing;
    }
    if (TOTALS) {
        if (inside && lane == LANES - 1u) y[row * p.splits + split] = total;
        return;
    }
    if (BEFORE && inside) total = join(before[row * p.splits + split], total);
    for (uint col = begin; col < end; ++col) {
        const uint element = element_at(base, col);
        const uint sum = join(total, x[element]);
        y[element] = EXCLUSIVE ? total : sum;
        total = sum;
    }
}
