// SPDX-License-Identifier: MIT
// y = x, four elements an invocation.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "ceiling.h"
#include "common/index.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { CeilingParameters p; };
layout(set = 0, binding = 0) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { vec4 y[]; };

void main() {
    const uint i = invocation_index();
    if (i < p.count) y[i] = x[i];
}
