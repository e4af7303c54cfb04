// SPDX-License-Identifier: MIT
// Per channel of x [B, C, S], with n = B * S:
//   mean = sum x / n,  rstd = 1 / sqrt(sum (x - mean)^2 / n + epsilon),
//   variance = sum (x - mean)^2 / (n - 1), the unbiased one that running statistics keep.
// A row of lanes owns a channel, or a chunk of one: it goes over its values twice, so that nothing
// cancels however far the mean is from 0. Chunks then leave (mean, sum of squares) in `partial`, and
// batch_norm_stats_join adds them up by Chan, Golub and LeVeque's formula.
//
// The host guarantees: groups come from groups_for() at ROWS channels each, splits times as many.
// variant: batch_norm_stats
// variant: batch_norm_stats_join JOIN=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "batch_norm.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(push_constant) uniform Push { BatchNormParameters p; };

layout(set = 0, binding = 0) writeonly buffer Mean { float mean[]; };
layout(set = 0, binding = 1) writeonly buffer Rstd { float rstd[]; };
layout(set = 0, binding = 2) writeonly buffer Variance { float variance[]; };

#ifdef JOIN
layout(set = 0, binding = 3) readonly buffer Partial { vec2 partial[]; };  // [C, splits]
#else
layout(constant_id = 3) const bool PARTIAL = false;
layout(set = 0, binding = 3) writeonly buffer Partial { vec2 partial[]; };
layout(set = 0, binding = 4) readonly buffer X { float x[]; };

#include "common/channel.glsl"
#endif

void store(uint channel, float m, float squares) {
    const float n = float(p.reduced);
    mean[channel] = m;
    rstd[channel] = 1.0 / sqrt(squares / n + p.epsilon);
    variance[channel] = squares / (n - 1.0);
}

#ifdef JOIN
void main() {
    const uint channel = group_index() * ROWS + group_row();
    const uint splits = channel < p.channels ? p.splits : 0u;
    // Beside the first chunk's mean, so that a large one is rounded once, not with every chunk.
    const float first = splits > 0u ? partial[channel * p.splits].x : 0.0;
    float m = 0.0;
    for (uint s = group_lane(); s < splits; s += LANES) {
        const uint n = min(p.chunk, p.reduced - s * p.chunk);
        m += (partial[channel * p.splits + s].x - first) * (float(n) / float(p.reduced));
    }
    m = first + group_sum(m);
    float squares = 0.0;
    for (uint s = group_lane(); s < splits; s += LANES) {
        const float n = float(min(p.chunk, p.reduced - s * p.chunk));
        const vec2 part = partial[channel * p.splits + s];
        squares += part.y + n * (part.x - m) * (part.x - m);
    }
    squares = group_sum(squares);
    if (splits > 0u && group_lane() == 0u) store(channel, m, squares);
}
#else
void main() {
    const uint group = group_index();
    const uint split = group % p.splits;
    const uint channel = group / p.splits * ROWS + group_row();
    const bool inside = channel < p.channels;
    const uint begin = split * p.chunk;
    const uint end = inside ? min(begin + p.chunk, p.reduced) : 0u;
    const float n = float(end - begin);

    float total = 0.0;
    ChannelPlace at = channel_place(channel, begin + group_lane());
    while (at.r < end) {
        float block = 0.0;
        for (uint k = 0u; k < BLOCK && at.r < end; ++k, at = next_place(at)) block += x[at.index];
        total += block;
    }
    const float m = group_sum(total) / n;

    vec2 sums = vec2(0.0);  // of differences: what rounding left in m; of their squares
    at = channel_place(channel, begin + group_lane());
    while (at.r < end) {
        vec2 block = vec2(0.0);
        for (uint k = 0u; k < BLOCK && at.r < end; ++k, at = next_place(at)) {
            const float d = x[at.index] - m;
            block += vec2(d, d * d);
        }
        sums += block;
    }
    const float difference = group_sum(sums.x) / n;
    const float squares = max(group_sum(sums.y) - n * difference * difference, 0.0);

    if (!inside || group_lane() != 0u) return;
    if (PARTIAL) {
        partial[channel * p.splits + split] = vec2(m + difference, squares);
    } else {
        store(channel, m + difference, squares);
    }
}
#endif
