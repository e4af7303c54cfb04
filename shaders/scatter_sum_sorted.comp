// SPDX-License-Identifier: MIT
// y[a, t, s] = sum of source[a, places[j], s] over the j with indices[j] = t, which stand side by
// side: the indices are sorted, the places say where each of them stood. Found by bisection and
// summed in their order, eight at a time.
//   indices, places i32 [count] or [A, count, inner], source [A, count, inner] -> y [A, size, inner]
// Row t = `word` stays 0. Many indices come in several calls, those from `begin` to `end` in each;
// later calls ADD to what is there.
//
// The host guarantees: (end - begin) / 8 * ELEMENTS stays below 2^16 with room for the rest; groups
// come from groups_for() at LOCAL_SIZE / LANES chunks each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/rows.glsl"
#include "gather.h"

layout(constant_id = 4) const bool ADD = false;

layout(push_constant) uniform Push { GatherParameters p; };

layout(set = 0, binding = 0) readonly buffer Indices { int indices[]; };
layout(set = 0, binding = 1) readonly buffer Places { uint places[]; };
layout(set = 0, binding = 2) readonly buffer Source { float source[]; };
layout(set = 0, binding = 3) buffer Y { float y[]; };

// The first j of [begin, end) with indices[base + j * stride] >= t.
uint first_of(int t, uint base, uint stride) {
    uint low = p.begin, high = p.end;
    while (low < high) {
        const uint middle = (low + high) / 2u;
        if (indices[base + middle * stride] < t) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

// The end of the run of t that begins at `begin`; most places have none.
uint end_of(int t, uint begin, uint base, uint stride) {
    if (begin == p.end || indices[base + begin * stride] != t) return begin;
    return first_of(t + 1, base, stride);
}

void main() {
    ROW_BEGIN(row)
    const uint a = row / p.size;
    const int t = int(row - a * p.size);
    const bool left_out = uint(t) == p.word;
    const uint stride = ELEMENTWISE ? p.inner : 1u;
    uint base = 0u, begin = 0u, end = 0u;
    if (!ELEMENTWISE && !left_out) {
        begin = first_of(t, 0u, 1u);
        end = end_of(t, begin, 0u, 1u);
    }
    FOR_EACH_INNER(s) {
        const uint rows = a * p.count * p.inner + s;
        if (ELEMENTWISE && !left_out) {
            base = rows;
            begin = first_of(t, base, stride);
            end = end_of(t, begin, base, stride);
        }
#define TERM(k) source[rows + places[base + (j + k) * stride] * p.inner]
        float sum = 0.0;
        uint j = begin;
        for (; j + 8u <= end; j += 8u) {
            sum += ((TERM(0u) + TERM(1u)) + (TERM(2u) + TERM(3u))) +
                   ((TERM(4u) + TERM(5u)) + (TERM(6u) + TERM(7u)));
        }
        for (; j < end; ++j) sum += TERM(0u);
        const uint at = row * p.inner + s;
        if (!ADD) {
            y[at] = sum;
        } else if (begin < end) {
            y[at] += sum;
        }
    }
}
