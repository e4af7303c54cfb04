// SPDX-License-Identifier: MIT
// y = x sigmoid(beta x), and d_x from d_y: the two shaders of one operator.
// variant: swish
// variant: swish_backward BACKWARD=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "ingot/index.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(push_constant) uniform Push {
    uint count;
    float beta;
};
layout(binding = 0) readonly buffer X { float x[]; };
#ifdef BACKWARD
layout(binding = 1) readonly buffer DY { float d_y[]; };
layout(binding = 2) writeonly buffer DX { float d_x[]; };
#else
layout(binding = 1) writeonly buffer Y { float y[]; };
#endif

void main() {
    const uint i = invocation_index();
    if (i >= count) return;
    const float s = 1.0 / (1.0 + exp(-beta * x[i]));
#ifdef BACKWARD
    d_x[i] = d_y[i] * (s + beta * x[i] * s * (1.0 - s));
#else
    y[i] = x[i] * s;
#endif
}
