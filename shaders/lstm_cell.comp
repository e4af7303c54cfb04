// SPDX-License-Identifier: MIT
// One step of an LSTM, pointwise part: (i, f, g, o) = (s, s, tanh, s)(pre) with s the logistic
// function, c_next = f c + i g, h = o tanh(c_next).
// pre, gates [B, 4 H]; c, c_next, h [B, H]. One invocation an element of h.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/functions.glsl"
#include "common/index.glsl"
#include "recurrent.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { RecurrentParameters p; };

layout(set = 0, binding = 0) readonly buffer Pre { float pre[]; };
layout(set = 0, binding = 1) readonly buffer C { float c[]; };
layout(set = 0, binding = 2) writeonly buffer H { float h[]; };
layout(set = 0, binding = 3) writeonly buffer CNext { float c_next[]; };
layout(set = 0, binding = 4) writeonly buffer Gates { float gates[]; };

void main() {
    const uint index = invocation_index();
    if (index >= p.count) return;
    const uint at = index + index / p.H * 3 * p.H;  // b * 4 H + unit
    const uint from = p.offsets[0] + at;
    const float i = 1.0 / (1.0 + exp(-pre[from]));
    const float f = 1.0 / (1.0 + exp(-pre[from + p.H]));
    const float g = accurate_tanh(pre[from + 2 * p.H]);
    const float o = 1.0 / (1.0 + exp(-pre[from + 3 * p.H]));
    const float next = f * c[p.offsets[1] + index] + i * g;
    h[index] = o * accurate_tanh(next);
    c_next[index] = next;
    gates[at] = i;
    gates[at + p.H] = f;
    gates[at + 2 * p.H] = g;
    gates[at + 3 * p.H] = o;
}
