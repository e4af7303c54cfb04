// SPDX-License-Identifier: MIT
// y[i] = start + i step, from attributes alone.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "ingot/index.glsl"

layout(local_size_x = 64) in;
layout(push_constant) uniform Push {
    uint count;
    float start, step;
};
layout(binding = 0) writeonly buffer Y { float y[]; };

void main() {
    const uint i = invocation_index();
    if (i < count) y[i] = start + float(i) * step;
}
