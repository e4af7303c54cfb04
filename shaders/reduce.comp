// SPDX-License-Identifier: MIT
// y[k] = scale * sum or max over r of program(x)[k, r], in one stage or, for few outputs over much
// data, in two: y[k, split] first, then this kernel again over the partial results.
//
// A row of lanes owns one output (or one part of one). A lane sums blocks of 16 before it adds them
// up, and the lanes meet in a tree: the error grows with the logarithm of the length for all lengths
// that matter, and the order depends on the sizes alone.
//
// The host guarantees: y holds kept * splits elements; groups come from groups_for() at ROWS
// outputs each, splits times as many.
// reduce_plain takes no program: x itself is reduced.
// variant: reduce
// variant: reduce_light PW_MAX=3 PW_LIGHT=1
// variant: reduce_plain PLAIN=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "reduce.h"

layout(constant_id = 3) const uint OPERATION = kReduceSum;
layout(constant_id = 4) const bool TWO_RUNS = false;  // are reduced

layout(push_constant) uniform Push { ReduceParameters p; };

layout(set = 0, binding = 0) writeonly buffer Y { float y[]; };

#ifdef PLAIN
layout(set = 0, binding = 1) readonly buffer X { float x[]; };

float load(uint element) {
    return x[element];
}
#else
#define PW_BINDING 1
#define PW_MODULAR(k) uvec2(p.div[k], p.mod[k])
#include "common/pointwise.glsl"

float load(uint element) {
    return uintBitsToFloat(pw_run(element, 0u, 0u, 0u));
}
#endif

const uint BLOCK = 16u;

float combine(float a, float b) {
    return OPERATION == kReduceSum ? a + b : nan_max(a, b);
}

float reduce_lane(uint base, uint begin, uint end) {
    const float identity = OPERATION == kReduceSum ? 0.0 : uintBitsToFloat(0xff800000u);
    float total = identity;
    for (uint block = begin; block < end; block += BLOCK * LANES) {
        const uint block_end = min(end, block + BLOCK * LANES);
        float partial = identity;
        for (uint r = block; r < block_end; r += LANES) {
            const uint at = TWO_RUNS ? r / p.reduced_inner * p.reduced_outer_stride +
                                           r % p.reduced_inner * p.reduced_inner_stride
                                     : r * p.reduced_inner_stride;
            partial = combine(partial, load(base + at));
        }
        total = combine(total, partial);
    }
    return total;
}

void main() {
    const uint group = group_index();
    const uint split = group % p.splits;
    const uint k = group / p.splits * ROWS + group_row();
    const bool inside = k < p.kept;

    float total = 0.0;
    if (inside) {
        const uint base = k / p.kept_inner * p.kept_outer_stride +
                          k % p.kept_inner * p.kept_inner_stride;
        const uint begin = split * p.chunk;
        total = reduce_lane(base, begin + group_lane(), min(begin + p.chunk, p.reduced));
    }
    total = OPERATION == kReduceSum ? group_sum(total) : group_max(total);
    if (inside && group_lane() == 0u) y[k * p.splits + split] = total * p.scale;
}
