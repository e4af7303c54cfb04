// SPDX-License-Identifier: MIT
// h[t] = a[t] h[t - 1] + x[t] from h[-1] = 0, for each channel of each sequence by itself.
// a, x -> h, all f32 [batch, time, channels].
#version 450
#extension GL_GOOGLE_include_directive : require
#include "ingot/index.glsl"

layout(local_size_x = 64) in;
layout(push_constant) uniform Push { uint batch, time, channels; };
layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 1) readonly buffer X { float x[]; };
layout(binding = 2) writeonly buffer H { float h[]; };

void main() {
    const uint i = invocation_index();
    if (i >= batch * channels) return;
    uint at = i / channels * time * channels + i % channels;
    float state = 0.0;
    for (uint t = 0; t < time; t++, at += channels) {
        state = a[at] * state + x[at];
        h[at] = state;
    }
}
