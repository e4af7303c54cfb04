// SPDX-License-Identifier: MIT
// y[a, k, s] = x[a, index, s] with the index of k, or of each element. Words of 32 bits.
//   x [A, size, inner], index i32 [count] or [A, count, inner] -> y [A, count, inner]
// An index outside [0, size) is never used: it is reported, and the element is the word given.
//
// The host guarantees: groups come from groups_for() at LOCAL_SIZE / LANES chunks each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/rows.glsl"
#include "gather.h"

layout(push_constant) uniform Push { GatherParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer X { uint x[]; };
layout(set = 0, binding = 2) readonly buffer Index { uint index[]; };
layout(set = 0, binding = 3) writeonly buffer Y { uint y[]; };

void main() {
    ROW_BEGIN(row)
    const uint a = row / p.count;
    const uint k = row - a * p.count;
    uint from = ELEMENTWISE ? 0u : index[k];  // a negative one is large
    FOR_EACH_INNER(s) {
        const uint at = row * p.inner + s;
        if (ELEMENTWISE) from = index[at];
        if (from < p.size) {
            y[at] = x[(a * p.size + from) * p.inner + s];
        } else {
            y[at] = p.word;
            report(p.site, ELEMENTWISE ? at : k);
        }
    }
}
