// SPDX-License-Identifier: MIT
// w[a, t, s] = 1 + the last k with index[a, k, s] = t, 0 when there is none: which of several
// elements scattered to one place stays. The maximum does not depend on the order, so an integer
// atomic keeps equal inputs equal.
//   index i32 [A, count, inner] -> w i32 [A, size, inner]
// Called twice: CLEAR first, one invocation an element of w, then one an element of the index.
//
// The host guarantees: rows is A * size or A * count; groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "gather.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const bool CLEAR = false;
layout(constant_id = 2) const bool CHECKED = true;  // an index outside [0, size) is reported

layout(push_constant) uniform Push { GatherParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer Index { uint index[]; };
layout(set = 0, binding = 2) buffer W { uint w[]; };

void main() {
    const uint element = invocation_index();
    if (element >= p.rows * p.inner) return;
    if (CLEAR) {
        w[element] = 0u;
        return;
    }
    const uint row = element / p.inner;
    const uint a = row / p.count;
    const uint to = index[element];
    if (to < p.size) {
        atomicMax(w[(a * p.size + to) * p.inner + element % p.inner], row - a * p.count + 1u);
    } else if (CHECKED) {
        report(p.site, element);
    }
}
