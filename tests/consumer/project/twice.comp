// SPDX-License-Identifier: MIT
// y = 2 x, with the library's header for GLSL.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "ingot/index.glsl"
layout(local_size_x = 64) in;
layout(push_constant) uniform Push { uint count; };
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
void main() {
    const uint i = invocation_index();
    if (i < count) y[i] = 2.0 * x[i];
}
