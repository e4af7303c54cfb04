// SPDX-License-Identifier: MIT
// The two sums per channel from which every gradient of batch norm follows:
//   d_shift = sum d_y,  d_scale = sum d_y (x - mean) rstd
// x, d_y [B, C, S], mean, rstd [C] -> d_shift, d_scale [C]. A row of lanes owns a channel, or a
// chunk of one; batch_norm_sums_join then adds up the chunks' sums in `partial`.
//
// The host guarantees: groups come from groups_for() at ROWS channels each, splits times as many.
// variant: batch_norm_sums
// variant: batch_norm_sums_join JOIN=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "batch_norm.h"
#include "common/group_reduce.glsl"
#include "common/index.glsl"

layout(push_constant) uniform Push { BatchNormParameters p; };

layout(set = 0, binding = 0) writeonly buffer DShift { float d_shift[]; };
layout(set = 0, binding = 1) writeonly buffer DScale { float d_scale[]; };

#ifdef JOIN
layout(set = 0, binding = 2) readonly buffer Partial { vec2 partial[]; };  // [C, splits]
#else
layout(constant_id = 3) const bool PARTIAL = false;
layout(set = 0, binding = 2) writeonly buffer Partial { vec2 partial[]; };
layout(set = 0, binding = 3) readonly buffer X { float x[]; };
layout(set = 0, binding = 4) readonly buffer Mean { float mean[]; };
layout(set = 0, binding = 5) readonly buffer Rstd { float rstd[]; };
layout(set = 0, binding = 6) readonly buffer DY { float d_y[]; };

#include "common/channel.glsl"
#endif

void main() {
    const uint group = group_index();
#ifdef JOIN
    const uint channel = group * ROWS + group_row();
    const bool inside = channel < p.channels;
    vec2 sums = vec2(0.0);
    for (uint s = group_lane(); inside && s < p.splits; s += LANES) {
        sums += partial[channel * p.splits + s];
    }
#else
    const uint split = group % p.splits;
    const uint channel = group / p.splits * ROWS + group_row();
    const bool inside = channel < p.channels;
    const uint begin = split * p.chunk;
    const uint end = inside ? min(begin + p.chunk, p.reduced) : 0u;
    const float m = inside ? mean[channel] : 0.0;
    vec2 sums = vec2(0.0);
    ChannelPlace at = channel_place(channel, begin + group_lane());
    while (at.r < end) {
        vec2 block = vec2(0.0);
        for (uint k = 0u; k < BLOCK && at.r < end; ++k, at = next_place(at)) {
            block += d_y[at.index] * vec2(1.0, x[at.index] - m);
        }
        sums += block;
    }
    if (inside) sums.y *= rstd[channel];
#endif
    sums = vec2(group_sum(sums.x), group_sum(sums.y));
    if (!inside || group_lane() != 0u) return;
#ifndef JOIN
    if (PARTIAL) {
        partial[channel * p.splits + split] = sums;
        return;
    }
#endif
    d_shift[channel] = sums.x;
    d_scale[channel] = sums.y;
}
