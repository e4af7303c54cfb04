// SPDX-License-Identifier: MIT
// y[a, t, s] = source[a, w - 1, s] where w = winners[a, t, s] is not 0, else x[a, t, s], or 0
// without x. Words of 32 bits, one invocation an element of y.
//   winners i32 [A, size, inner], source [A, count, inner], x like y -> y [A, size, inner]
//
// The host guarantees: rows is A * size; groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "gather.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const bool INTO_X = false;

layout(push_constant) uniform Push { GatherParameters p; };

layout(set = 0, binding = 0) readonly buffer Winners { uint winners[]; };
layout(set = 0, binding = 1) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 2) readonly buffer X { uint x[]; };
layout(set = 0, binding = 3) writeonly buffer Y { uint y[]; };

void main() {
    const uint element = invocation_index();
    const uint row = element / p.inner;
    if (row >= p.rows) return;
    const uint winner = winners[element];
    uint word = 0u;
    if (winner != 0u) {
        const uint from = row / p.size * p.count + winner - 1u;
        word = source[from * p.inner + element - row * p.inner];
    } else if (INTO_X) {
        word = x[element];
    }
    y[element] = word;
}
