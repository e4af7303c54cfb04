// SPDX-License-Identifier: MIT
// y[k] = scale * sum, max or product over r of program(x)[k, r], in one stage or, for few outputs
// over much data, in two: y[k, split] first, then this kernel again over the partial results.
//
// A row of lanes owns one output (or one part of one). A lane sums blocks of 16 before it adds them
// up, and the lanes meet in a tree: the error grows with the logarithm of the length for all lengths
// that matter, and the order depends on the sizes alone. Of integers, sums and products wrap, and
// there is no scale.
//
// reduce_plain takes no program: x itself is reduced.
//
// The host guarantees: y holds kept * splits elements; groups come from groups_for() at ROWS
// outputs each, splits times as many.
// variant: reduce
// variant: reduce_plain PLAIN=1
// variant: reduce_integers INTEGERS=1
// variant: reduce_integers_plain INTEGERS=1 PLAIN=1
#version 450
#extension GL_GOOGLE_include_directive : require

#ifdef INTEGERS
#define GROUP_INTEGERS
#define NUMBER int
#define NUMBER_OF(word) int(word)
#define LARGER max
#define LEAST int(0x80000000u)
#define SCALE 1
#else
#define NUMBER float
#define NUMBER_OF(word) uintBitsToFloat(word)
#define LARGER nan_max
#define LEAST uintBitsToFloat(0xff800000u)
#define SCALE p.scale
#endif

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "reduce.h"

layout(constant_id = 3) const uint OPERATION = kReduceSum;
layout(constant_id = 4) const bool TWO_RUNS = false;  // are reduced

layout(push_constant) uniform Push { ReduceParameters p; };

layout(set = 0, binding = 0) writeonly buffer Y { NUMBER y[]; };

#ifdef PLAIN
layout(set = 0, binding = 1) readonly buffer X { NUMBER x[]; };

const uint STEP = 4u;

NUMBER load(uint element) {
    return x[element];
}
#else
#define PW_BINDING 1
#define PW_MODULAR(k) uvec2(p.div[k], p.mod[k])
#include "common/pointwise.glsl"
const uint STEP = 1u;

NUMBER load(uint element) {
    return NUMBER_OF(pw_run(element, 0u, 0u, 0u));
}
#endif

const uint BLOCK = 16u;

NUMBER combine(NUMBER a, NUMBER b) {
    return OPERATION == kReduceSum ? a + b : OPERATION == kReduceProduct ? a * b : LARGER(a, b);
}

NUMBER group_combine(NUMBER value) {
    if (OPERATION == kReduceSum) return group_sum(value);
    if (OPERATION == kReduceProduct) return group_product(value);
    return group_max(value);
}

// Where the lane is: element r of the reduced runs, walked through without a division an element,
// which on a processor takes longer than all the rest.
struct Place {
    uint r;
    uint inner;  // in the inner run
    uint index;  // in x
};

Place place(uint base, uint r) {
    if (!TWO_RUNS) return Place(r, r, base + r * p.reduced_inner_stride);
    const uint inner = r % p.reduced_inner;
    return Place(r, inner, base + r / p.reduced_inner * p.reduced_outer_stride +
                               inner * p.reduced_inner_stride);
}

void advance(inout Place at) {
    at.r += LANES;
    if (!TWO_RUNS) {
        at.index += LANES * p.reduced_inner_stride;
        return;
    }
    const uint runs = LANES / p.reduced_inner;  // the same for every element: found once
    const uint rest = LANES % p.reduced_inner;
    at.inner += rest;
    at.index += runs * p.reduced_outer_stride + rest * p.reduced_inner_stride;
    if (at.inner >= p.reduced_inner) {  // on to the next inner run
        at.inner -= p.reduced_inner;
        at.index += p.reduced_outer_stride - p.reduced_inner * p.reduced_inner_stride;
    }
}

NUMBER next(inout Place at) {
    const NUMBER value = load(at.index);
    advance(at);
    return value;
}

NUMBER reduce_lane(uint base, uint begin, uint end) {
    const NUMBER identity = OPERATION == kReduceSum       ? NUMBER(0)
                            : OPERATION == kReduceProduct ? NUMBER(1)
                                                          : LEAST;
    NUMBER total = identity;
    Place at = place(base, begin);
    while (at.r + (BLOCK - 1u) * LANES < end) {
        NUMBER partial = identity;
        for (uint k = 0u; k < BLOCK; k += STEP) {
#ifdef PLAIN  // written out: a loop's turn costs a software driver as much as a load
            const NUMBER a = next(at);
            const NUMBER b = next(at);
            const NUMBER c = next(at);
            const NUMBER d = next(at);
            partial = combine(partial, combine(combine(a, b), combine(c, d)));
#else
            partial = combine(partial, next(at));
#endif
        }
        total = combine(total, partial);
    }
    NUMBER rest = identity;
    while (at.r < end) rest = combine(rest, next(at));
    return combine(total, rest);
}

void main() {
    const uint group = group_index();
    const uint row_groups = (p.kept + ROWS - 1u) / ROWS;  // neighbours read neighbouring memory
    const uint split = group / row_groups;
    const uint k = group % row_groups * ROWS + group_row();
    const bool inside = k < p.kept && split < p.splits;

    NUMBER total = NUMBER(0);
    if (inside) {
        const uint base = k / p.kept_inner * p.kept_outer_stride +
                          k % p.kept_inner * p.kept_inner_stride;
        const uint begin = split * p.chunk;
        total = reduce_lane(base, begin + group_lane(), min(begin + p.chunk, p.reduced));
    }
    total = group_combine(total);
    if (inside && group_lane() == 0u) y[k * p.splits + split] = total * SCALE;
}
