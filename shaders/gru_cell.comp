// SPDX-License-Identifier: MIT
// One step of a GRU, pointwise part, from what the input and the last state give, (r, z, n) each:
//   r = s(x_r + m_r), z = s(x_z + m_z), n = tanh(x_n + r m_n), h_next = (1 - z) n + z h
// with s the logistic function. x, m [B, 3 H]; h, h_next [B, H]; gates = (r, z, n, m_n) [B, 4 H].
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/functions.glsl"
#include "common/index.glsl"
#include "recurrent.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { RecurrentParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) readonly buffer M { float m[]; };
layout(set = 0, binding = 2) readonly buffer H { float h[]; };
layout(set = 0, binding = 3) writeonly buffer HNext { float h_next[]; };
layout(set = 0, binding = 4) writeonly buffer Gates { float gates[]; };

void main() {
    const uint index = invocation_index();
    if (index >= p.count) return;
    const uint sample_start = index / p.H * p.H;
    const uint x_at = p.offsets[0] + index + 2 * sample_start;  // b * 3 H + unit
    const uint m_at = p.offsets[1] + index + 2 * sample_start;
    const uint at = index + 3 * sample_start;
    const float r = 1.0 / (1.0 + exp(-(x[x_at] + m[m_at])));
    const float z = 1.0 / (1.0 + exp(-(x[x_at + p.H] + m[m_at + p.H])));
    const float m_n = m[m_at + 2 * p.H];
    const float n = accurate_tanh(x[x_at + 2 * p.H] + r * m_n);
    h_next[index] = (1.0 - z) * n + z * h[p.offsets[2] + index];
    gates[at] = r;
    gates[at + p.H] = z;
    gates[at + 2 * p.H] = n;
    gates[at + 3 * p.H] = m_n;
}
