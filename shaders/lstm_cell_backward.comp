// SPDX-License-Identifier: MIT
// The gradient of lstm_cell.comp; with t = tanh(c_next) and e = d_c + d_h o (1 - t^2):
//   d_pre = (e g i (1 - i), e c f (1 - f), e i (1 - g^2), d_h t o (1 - o)),  d_c_prev = e f
// gates, d_pre [B, 4 H]; c (before the step), c_next, d_h, d_c, d_c_prev [B, H].
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/functions.glsl"
#include "common/index.glsl"
#include "recurrent.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { RecurrentParameters p; };

layout(set = 0, binding = 0) readonly buffer Gates { float gates[]; };
layout(set = 0, binding = 1) readonly buffer C { float c[]; };
layout(set = 0, binding = 2) readonly buffer CNext { float c_next[]; };
layout(set = 0, binding = 3) readonly buffer DH { float d_h[]; };
layout(set = 0, binding = 4) readonly buffer DC { float d_c[]; };
layout(set = 0, binding = 5) writeonly buffer DPre { float d_pre[]; };
layout(set = 0, binding = 6) writeonly buffer DCPrev { float d_c_prev[]; };

void main() {
    const uint index = invocation_index();
    if (index >= p.count) return;
    const uint at = index + index / p.H * 3 * p.H;
    const uint from = p.offsets[0] + at;
    const float i = gates[from], f = gates[from + p.H];
    const float g = gates[from + 2 * p.H], o = gates[from + 3 * p.H];
    const float t = accurate_tanh(c_next[p.offsets[2] + index]);
    const float d = d_h[p.offsets[3] + index];
    const float e = d_c[p.offsets[4] + index] + d * o * (1.0 - t * t);
    d_pre[at] = e * g * i * (1.0 - i);
    d_pre[at + p.H] = e * c[p.offsets[1] + index] * f * (1.0 - f);
    d_pre[at + 2 * p.H] = e * i * (1.0 - g * g);
    d_pre[at + 3 * p.H] = d * t * o * (1.0 - o);
    d_c_prev[index] = e * f;
}
