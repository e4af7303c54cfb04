// SPDX-License-Identifier: MIT
// Every row of x [rows, cols], normalised:
//   y = (x - mean) rstd weight + bias,  rstd = 1 / sqrt(variance + epsilon)
// with the row's mean and mean squared deviation, or, not CENTERED, mean 0 and the mean square.
// A row of lanes owns a row, or a chunk of one. It goes over it once for the mean, once for the
// deviations from it, with what rounding left in the mean taken off, so that nothing cancels however
// far the mean is from 0, and once for y. In two stages, chunks leave their moments in `partial`
// first, and each reader adds them up by Chan, Golub and LeVeque's formula.
//
// The host guarantees: groups come from groups_for() at ROWS rows each, splits times as many;
// y overlaps no input.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/group_reduce.glsl"
#include "common/index.glsl"
#include "norm.h"

layout(constant_id = 3) const uint STAGE = kNormWhole;
layout(constant_id = 4) const uint AFFINE = kAffineNone;
layout(constant_id = 5) const bool HAS_WEIGHT = false;
layout(constant_id = 6) const bool HAS_BIAS = false;
layout(constant_id = 7) const bool CENTERED = true;

layout(push_constant) uniform Push { NormParameters p; };

layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 2) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 3) buffer Partial { float partial[]; };  // Moments [rows, splits]
layout(set = 0, binding = 4) writeonly buffer Y { float y[]; };
layout(set = 0, binding = 5) writeonly buffer Mean { float mean[]; };
layout(set = 0, binding = 6) writeonly buffer Rstd { float rstd[]; };
layout(set = 0, binding = 7) writeonly buffer Variance { float variance[]; };

#include "common/norm.glsl"

// The mean is base + rest: x - base is exact where x is close to it, and only then comes the rest.
struct Moments {
    float base;
    float rest;
    float squares;  // sum of squared deviations
};

Moments moments_of(uint start, uint begin, uint end) {
    const float n = float(end - begin);
    float base = 0.0;
    if (CENTERED) {
        float total = 0.0;
        uint col = begin + group_lane();
        for (; col + 3u * LANES < end; col += 4u * LANES) total += add_up(FOUR(x, start + col));
        for (; col < end; col += LANES) total += x[start + col];
        base = group_sum(total) / n;
    }
    float rest = 0.0;
    float squares = 0.0;
    uint col = begin + group_lane();
    for (; col + 3u * LANES < end; col += 4u * LANES) {
        const vec4 d = FOUR(x, start + col) - base;
        if (CENTERED) rest += add_up(d);
        squares += add_up(d * d);
    }
    for (; col < end; col += LANES) {
        const float d = x[start + col] - base;
        rest += d;
        squares += d * d;
    }
    squares = group_sum(squares);
    if (!CENTERED) return Moments(0.0, 0.0, squares);
    rest = group_sum(rest) / n;
    return Moments(base, rest, max(squares - n * rest * rest, 0.0));
}

Moments part(uint row, uint split) {
    const uint at = (row * p.splits + split) * kNormMoments;
    return Moments(partial[at], partial[at + 1u], partial[at + 2u]);
}

float part_columns(uint split) {
    return float(min(p.chunk, p.cols - split * p.chunk));
}

Moments joined(uint row, bool inside) {
    const uint splits = inside ? p.splits : 0u;
    const float base = inside ? part(row, 0u).base : 0.0;
    float rest = 0.0;
    for (uint s = group_lane(); s < splits; s += LANES) {
        const Moments m = part(row, s);
        rest += (m.base - base + m.rest) * part_columns(s);
    }
    rest = group_sum(rest) / float(p.cols);
    float squares = 0.0;
    for (uint s = group_lane(); s < splits; s += LANES) {
        const Moments m = part(row, s);
        const float d = m.base - base + (m.rest - rest);
        squares += m.squares + part_columns(s) * d * d;
    }
    return Moments(base, rest, group_sum(squares));
}

void main() {
    const uint group = group_index();
    const uint split = group % p.splits;
    const uint row = group / p.splits * ROWS + group_row();
    const bool inside = row < p.rows;
    const uint begin = inside ? split * p.chunk : 0u;
    const uint end = inside ? min(begin + p.chunk, p.cols) : 0u;
    const uint start = row * p.cols;

    Moments m = STAGE == kNormApply ? joined(row, inside) : moments_of(start, begin, end);
    if (STAGE == kNormSums) {
        if (inside && group_lane() == 0u) {
            const uint at = (row * p.splits + split) * kNormMoments;
            partial[at] = m.base;
            partial[at + 1u] = m.rest;
            partial[at + 2u] = m.squares;
        }
        return;
    }
    const float spread = m.squares / float(p.cols);
    const float scale = 1.0 / sqrt(spread + p.epsilon);
    uint col = begin + group_lane();
    if (AFFINE != kAffineChannel) {
        for (; col + 3u * LANES < end; col += 4u * LANES) {
            vec4 values = (FOUR(x, start + col) - m.base - m.rest) * scale;
            if (HAS_WEIGHT) values *= FOUR(weight, col);
            if (HAS_BIAS) values += FOUR(bias, col);
            STORE_FOUR(y, start + col, values)
        }
    }
    ChannelPlace at = channel_place(row, col);
    for (; col < end; col += LANES) {
        float value = (x[start + col] - m.base - m.rest) * scale;
        if (HAS_WEIGHT) value *= weight[at.channel];
        if (HAS_BIAS) value += bias[at.channel];
        y[start + col] = value;
        advance(at);
    }
    if (inside && split == 0u && group_lane() == 0u) {
        mean[row] = m.base + m.rest;
        rstd[row] = scale;
        variance[row] = spread;
    }
}
