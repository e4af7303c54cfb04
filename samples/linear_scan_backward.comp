// SPDX-License-Identifier: MIT
// The gradient of linear_scan, from the last step to the first:
//     g[t] = d_h[t] + a[t + 1] g[t + 1]        d_x[t] = g[t]        d_a[t] = g[t] h[t - 1]
// a, h, d_h -> d_a, d_x, all f32 [batch, time, channels].
#version 450
#extension GL_GOOGLE_include_directive : require
#include "ingot/index.glsl"

layout(local_size_x = 64) in;
layout(push_constant) uniform Push { uint batch, time, channels; };
layout(binding = 0) readonly buffer A { float a[]; };
layout(binding = 1) readonly buffer H { float h[]; };
layout(binding = 2) readonly buffer DH { float d_h[]; };
layout(binding = 3) writeonly buffer DA { float d_a[]; };
layout(binding = 4) writeonly buffer DX { float d_x[]; };

void main() {
    const uint i = invocation_index();
    if (i >= batch * channels) return;
    uint at = (i / channels + 1) * time * channels + i % channels;
    float g = 0.0;
    for (uint t = time; t-- > 0;) {
        const float a_next = t + 1 < time ? a[at] : 0.0;
        at -= channels;
        g = d_h[at] + a_next * g;
        d_x[at] = g;
        d_a[at] = t > 0 ? g * h[at - channels] : 0.0;
    }
}
