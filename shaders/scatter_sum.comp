// SPDX-License-Identifier: MIT
// y[a, t, s] = sum of source[a, k, s] over the k whose index is t: each element goes through all the
// indices. For few indices, or few places to add to.
//   index i32 [count] or [A, count, inner], source [A, count, inner] -> y [A, size, inner]
// Row t = `word` stays 0. An index outside [0, size) is reported.
//
// The host guarantees: count * ELEMENTS stays below 2^16; groups come from groups_for() at
// LOCAL_SIZE / LANES chunks each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/rows.glsl"
#include "gather.h"

layout(push_constant) uniform Push { GatherParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer Index { uint index[]; };
layout(set = 0, binding = 2) readonly buffer Source { float source[]; };
layout(set = 0, binding = 3) writeonly buffer Y { float y[]; };

void main() {
    ROW_BEGIN(row)
    const uint a = row / p.size;
    const uint t = row - a * p.size;
    FOR_EACH_INNER(s) {
        const uint base = a * p.count * p.inner + s;
        float sum = 0.0;
        for (uint k = 0u; k < p.count; ++k) {
            const uint at = base + k * p.inner;
            const uint number = ELEMENTWISE ? at : k;
            const uint to = index[number];
            if (to >= p.size) report(p.site, number);
            if (to == t) sum += source[at];
        }
        y[row * p.inner + s] = t == p.word ? 0.0 : sum;
    }
}
