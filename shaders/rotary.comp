// SPDX-License-Identifier: MIT
// Pair n of the elements of row l is turned by the angle (first + l) base^(-n / pairs):
//   y_a = x_a cos - x_b sin,  y_b = x_b cos + x_a sin           (INVERSE: by minus the angle)
//   x [B, H, L, E] with strides -> y [B, L, H, E]
// (a, b) = (2 n, 2 n + 1) if INTERLEAVED, else (n, pairs + n). Elements behind the pairs are copied.
//
// Vulkan promises little of sin and cos at large angles, and an angle of 1e5 in f32 is off by 1e-2.
// So angles are counted in turns, in fixed point of 64 bits, where whole turns drop out by
// themselves; what is left, within an eighth of a turn, goes to a polynomial (Cephes, sinf, cosf).
// One invocation takes one pair (or one element behind them) of one row, of HEADS heads.
//
// The host guarantees: groups from groups_for() in x and y, ceil(B * H / HEADS) in z; pairs <= 512.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "rotary.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint HEADS = 8;
layout(constant_id = 2) const bool INTERLEAVED = false;
layout(constant_id = 3) const bool INVERSE = false;

layout(push_constant) uniform Push { RotaryParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { float y[]; };

// The upper half of a product of two numbers (high, low).
uvec2 fixed_product(uvec2 a, uvec2 b) {
    uint hh_high, hh_low, hl_high, hl_low, lh_high, lh_low, ll_high, ll_low;
    umulExtended(a.x, b.x, hh_high, hh_low);
    umulExtended(a.x, b.y, hl_high, hl_low);
    umulExtended(a.y, b.x, lh_high, lh_low);
    umulExtended(a.y, b.y, ll_high, ll_low);
    uint carry[5];
    uaddCarry(uaddCarry(hl_low, lh_low, carry[0]), ll_high, carry[1]);
    uint low = uaddCarry(hh_low, hl_high, carry[2]);
    low = uaddCarry(low, lh_high, carry[3]);
    low = uaddCarry(low, carry[0] + carry[1], carry[4]);
    return uvec2(hh_high + carry[2] + carry[3] + carry[4], low);
}

// (cos, sin) of a fraction of a turn, in units of 2^-32.
vec2 cos_sin(uint turn) {
    const uint quarter = (turn + 0x20000000u) >> 30;
    const float a = float(int(turn - (quarter << 30))) * 1.4629180792671596e-9;  // 2 pi / 2^32
    const float z = a * a;
    const float s =
        a + a * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
    const float c = 1.0 - 0.5 * z +
                    z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z +
                             4.166664568298827e-2);
    const vec2 turned = (quarter & 1u) == 0u ? vec2(c, s) : vec2(-s, c);
    return quarter < 2u ? turned : -turned;
}

void main() {
    const uint units = p.E - p.pairs;  // pairs, then what lies behind them
    const uint index = invocation_index();
    if (index >= units * p.L) return;
    const uint unit = index % units;
    const uint row = index / units;
    const bool is_pair = unit < p.pairs;

    vec2 turn = vec2(1, 0);
    if (is_pair) {
        uvec2 speed = uvec2(p.turn_high, p.turn_low);
        for (uint n = 0; n < kRotaryPowers; n++) {
            if ((unit >> n & 1u) != 0u) {
                speed = fixed_product(speed, uvec2(p.power_high[n], p.power_low[n]));
            }
        }
        uint carried, unused;
        umulExtended(p.first + row, speed.y, carried, unused);
        turn = cos_sin((p.first + row) * speed.x + carried);
        if (INVERSE) turn.y = -turn.y;
    }
    const uint a = !is_pair ? p.pairs + unit : INTERLEAVED ? 2 * unit : unit;
    const uint b = !is_pair ? a : INTERLEAVED ? a + 1 : p.pairs + unit;

    const uint end = min((gl_WorkGroupID.z + 1) * HEADS, p.B * p.H);
    for (uint n = gl_WorkGroupID.z * HEADS; n < end; n++) {
        const uint batch = n / p.H, head = n % p.H;
        const uint from = p.x_offset + batch * p.x_batch + head * p.x_head + row * p.x_row;
        const uint to = ((batch * p.L + row) * p.H + head) * p.E;
        const float x_a = x[from + a], x_b = x[from + b];
        y[to + a] = is_pair ? x_a * turn.x - x_b * turn.y : x_a;
        if (is_pair) y[to + b] = x_b * turn.x + x_a * turn.y;
    }
}
