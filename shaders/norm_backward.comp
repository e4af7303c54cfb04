// SPDX-License-Identifier: MIT
// The gradient of norm.comp, with x^ = (x - mean) rstd and g = d_y weight, means over the row:
//   d_x = rstd (g - mean g - x^ mean(g x^)),  without mean g where not CENTERED
// and the sums of weight and bias, for a small reduction to add up: where they stand at the columns
// (kAffineColumn), of each block of `block_rows` rows,
//   d_weight[block, col] = sum over the block's rows of d_y x^,  d_bias[block, col] = sum d_y,
// where they stand at channels, the sums over each row's columns of a channel [rows, per_group].
// x, d_y, d_x [rows, cols]. A row of lanes owns a block of rows, or a chunk of each of them, and goes
// over every row twice; a lane owns its columns of the block's sums. In two stages, chunks leave
// their two sums in `partial` [rows, splits] first.
//
// The host guarantees: groups come from groups_for() at ROWS blocks each (in the first stage, rows,
// with block_rows 1), splits times as many; d_x overlaps no input; at several channels a row, chunks
// are whole channels.
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
layout(set = 0, binding = 1) readonly buffer Mean { float mean[]; };
layout(set = 0, binding = 2) readonly buffer Rstd { float rstd[]; };
layout(set = 0, binding = 3) readonly buffer DY { float d_y[]; };
layout(set = 0, binding = 4) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 5) buffer Partial { vec2 partial[]; };
layout(set = 0, binding = 6) writeonly buffer DX { float d_x[]; };
layout(set = 0, binding = 7) buffer DWeight { float d_weight[]; };
layout(set = 0, binding = 8) buffer DBias { float d_bias[]; };

#include "common/norm.glsl"

const uint BLOCK = 32u;

// (sum g, sum g x^) over the lane's columns, with g = d_y where `weighted` is false.
vec2 sums_of(uint row, uint begin, uint end, float m, float scale, const bool weighted) {
    const uint start = row * p.cols;
    vec2 sums = vec2(0.0);
    uint col = begin + group_lane();
    while (col + 3u * LANES < end) {
        vec2 block = vec2(0.0);  // rounding grows with blocks and turns, not with elements
        for (uint k = 0u; k < BLOCK && col + 3u * LANES < end; ++k, col += 4u * LANES) {
            vec4 g = FOUR(d_y, start + col);
            if (weighted) g *= FOUR(weight, col);
            if (CENTERED || AFFINE == kAffineChannel) block.x += add_up(g);
            block.y += add_up(g * (FOUR(x, start + col) - m));
        }
        sums += block;
    }
    for (; col < end; col += LANES) {
        float g = d_y[start + col];
        if (weighted) g *= weight[col];
        sums += g * vec2(1.0, x[start + col] - m);
    }
    return vec2(sums.x, sums.y * scale);
}

float weight_of(uint channel) {
    return HAS_WEIGHT ? weight[channel] : 1.0;
}

void store_channel(uint row, uint channel, vec2 sums) {
    const uint at = row * p.per_group + channel;
    if (HAS_BIAS) d_bias[at] = sums.x;
    if (HAS_WEIGHT) d_weight[at] = sums.y;
}

// (sum g, sum g x^) over all lanes, channel by channel; each channel's own sums are stored.
vec2 sums_by_channel(uint row, bool inside, uint begin, uint end, float m, float scale) {
    vec2 sums = vec2(0.0);
    for (uint col = begin; col < end; col += p.inner) {
        const uint channel = col / p.inner;
        const vec2 lane_sums = sums_of(row, col, inside ? col + p.inner : col, m, scale, false);
        const vec2 part = vec2(group_sum(lane_sums.x), group_sum(lane_sums.y));
        if (!inside) continue;
        if (group_lane() == 0u) store_channel(row, channel, part);
        sums += part * weight_of(row % p.groups * p.per_group + channel);
    }
    return sums;
}

vec2 joined(uint row, bool inside) {
    vec2 sums = vec2(0.0);
    for (uint s = group_lane(); inside && s < p.splits; s += LANES) {
        sums += partial[row * p.splits + s];
    }
    return sums;
}

void main() {
    const uint group = group_index();
    const uint split = group % p.splits;
    const uint block = group / p.splits * ROWS + group_row();
    const uint begin = split * p.chunk;
    const uint chunk_end = min(begin + p.chunk, p.cols);

    for (uint r = 0u; r < p.block_rows; ++r) {
        const uint row = block * p.block_rows + r;
        const bool inside = row < p.rows;
        const uint end = inside ? chunk_end : begin;
        const float m = inside ? mean[row] : 0.0;
        const float scale = inside ? rstd[row] : 0.0;

        vec2 sums;  // of a row's only channel without its weight
        if (STAGE == kNormApply) {
            sums = joined(row, inside);
            sums = vec2(group_sum(sums.x), group_sum(sums.y));
        } else if (AFFINE == kAffineChannel && p.per_group > 1u) {
            sums = sums_by_channel(row, inside, begin, chunk_end, m, scale);
        } else {
            sums = sums_of(row, begin, end, m, scale, HAS_WEIGHT && AFFINE == kAffineColumn);
            sums = vec2(group_sum(sums.x), group_sum(sums.y));
        }
        if (STAGE == kNormSums) {
            if (inside && group_lane() == 0u) partial[row * p.splits + split] = sums;
            continue;
        }
        if (AFFINE == kAffineChannel && p.per_group == 1u && inside) {
            if (begin == 0u && group_lane() == 0u) store_channel(row, 0u, sums);
            sums *= weight_of(row % p.groups);
        }
        if (!CENTERED) sums.x = 0.0;
        sums /= float(p.cols);
        const uint start = row * p.cols;
        const uint sums_start = block * p.cols;
        uint col = begin + group_lane();
        if (AFFINE != kAffineChannel) {
            for (; col + 3u * LANES < end; col += 4u * LANES) {
                const vec4 d = FOUR(d_y, start + col);
                const vec4 normal = (FOUR(x, start + col) - m) * scale;
                vec4 g = d;
                if (HAS_WEIGHT) g *= FOUR(weight, col);
                g = scale * (g - sums.x - normal * sums.y);
                STORE_FOUR(d_x, start + col, g)
                if (AFFINE == kAffineColumn && HAS_WEIGHT) {
                    vec4 total = d * normal;
                    if (r > 0u) total += FOUR(d_weight, sums_start + col);
                    STORE_FOUR(d_weight, sums_start + col, total)
                }
                if (AFFINE == kAffineColumn && HAS_BIAS) {
                    vec4 total = d;
                    if (r > 0u) total += FOUR(d_bias, sums_start + col);
                    STORE_FOUR(d_bias, sums_start + col, total)
                }
            }
        }
        ChannelPlace at = channel_place(row, col);
        for (; col < end; col += LANES) {
            const float d = d_y[start + col];
            const float normal = (x[start + col] - m) * scale;
            const float g = HAS_WEIGHT ? d * weight[at.channel] : d;
            d_x[start + col] = scale * (g - sums.x - normal * sums.y);
            if (AFFINE == kAffineColumn) {
                const uint sum_at = sums_start + col;
                if (HAS_WEIGHT) {
                    d_weight[sum_at] = r == 0u ? d * normal : d_weight[sum_at] + d * normal;
                }
                if (HAS_BIAS) d_bias[sum_at] = r == 0u ? d : d_bias[sum_at] + d;
            }
            advance(at);
        }
    }
}
