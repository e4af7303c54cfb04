// SPDX-License-Identifier: MIT
// y[i], ... = program(x[i], ...): as pointwise.comp, four elements at a time, of which inputs that
// repeat have one or four neighbours. An invocation owns ELEMENTS vectors, LOCAL_SIZE apart.
//
// The host guarantees what it does for pointwise.comp, and that `count` is a multiple of 4; `div` and
// `mod` count vectors. Every binding may be read to the next multiple of 16 bytes.
// variant: pointwise_wide PW_MAX=32 PW_WIDE=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pointwise.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint ELEMENTS = 1;
layout(constant_id = 2) const bool GUARDED = false;

layout(push_constant) uniform Push { PointwiseParameters p; };

layout(set = 0, binding = 0) readonly buffer Status { uint status[]; };

#define PW_BINDING 1
#define PW_MODULAR(k) uvec2(p.div[k], p.mod[k])
#include "common/pointwise.glsl"

void main() {
    if (GUARDED && status[0] != 0u) return;
    uint vector = group_index() * LOCAL_SIZE * ELEMENTS + gl_LocalInvocationID.x;
    for (uint k = 0u; k < ELEMENTS; ++k, vector += LOCAL_SIZE) {
        if (vector < p.count / 4u) pw_run(vector, 0u, 0u, uvec4(0u));
    }
}
