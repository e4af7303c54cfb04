// SPDX-License-Identifier: MIT
// The gradient of gru_cell.comp; with e = d_h (1 - z) (1 - n^2) and a = e m_n r (1 - r),
// b = d_h (h - n) z (1 - z):
//   d_x = (a, b, e),  d_m = (a, b, e r),  d_h_prev = d_h z, without what comes through m
// gates = (r, z, n, m_n) [B, 4 H]; d_x, d_m [B, 3 H]; h (before the step), d_h, d_h_prev [B, H].
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "recurrent.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { RecurrentParameters p; };

layout(set = 0, binding = 0) readonly buffer Gates { float gates[]; };
layout(set = 0, binding = 1) readonly buffer H { float h[]; };
layout(set = 0, binding = 2) readonly buffer DH { float d_h[]; };
layout(set = 0, binding = 3) writeonly buffer DX { float d_x[]; };
layout(set = 0, binding = 4) writeonly buffer DM { float d_m[]; };
layout(set = 0, binding = 5) writeonly buffer DHPrev { float d_h_prev[]; };

void main() {
    const uint index = invocation_index();
    if (index >= p.count) return;
    const uint sample_start = index / p.H * p.H;
    const uint from = p.offsets[0] + index + 3 * sample_start;
    const uint at = index + 2 * sample_start;
    const float r = gates[from], z = gates[from + p.H];
    const float n = gates[from + 2 * p.H], m_n = gates[from + 3 * p.H];
    const float d = d_h[p.offsets[2] + index];
    const float e = d * (1.0 - z) * (1.0 - n * n);
    const float a = e * m_n * r * (1.0 - r);
    const float b = d * (h[p.offsets[1] + index] - n) * z * (1.0 - z);
    d_x[at] = a;
    d_x[at + p.H] = b;
    d_x[at + 2 * p.H] = e;
    d_m[at] = a;
    d_m[at + p.H] = b;
    d_m[at + 2 * p.H] = e * r;
    d_h_prev[index] = d * z;
}
