// SPDX-License-Identifier: MIT
// The gradient of attention by k and v; weights and d_scores as in attention_backward_q.comp:
//   d_v = w^T d_o        d_k = scale d_scores^T q
// summed over the heads that share a key, one after the other, and over queries in ascending order.
// d_k [B, S, Hkv, E], d_v [B, S, Hkv, Ev].
//
// Group (x, y, z) owns TEAMS * ROWS keys and SLICE columns of d_k and of d_v, of key head y of batch z.
// variant: attention_backward_kv_shared
// variant: attention_backward_kv_shared_wide VECTOR=1
// variant: attention_backward_kv_spread SPREAD=1
// variant: attention_backward_kv_spread_wide SPREAD=1 VECTOR=1
// variant: attention_backward_kv_spread_texel SPREAD=1 TEXEL=1
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_vote : require

#include "common/attention.glsl"

ROWS_BUFFER(0, Q, q)
ROWS_BUFFER(1, K, k)
ROWS_BUFFER(2, V, v)
layout(set = 0, binding = 3) readonly buffer Mask { float mask[]; };
layout(set = 0, binding = 4) readonly buffer Key { uint random_key[]; };
layout(set = 0, binding = 5) readonly buffer Counter { uint random_counter[]; };
layout(set = 0, binding = 6) readonly buffer Stream { uint random_stream[]; };
ROWS_BUFFER(7, DO, d_o)
layout(set = 0, binding = 8) readonly buffer LogSum { float log_sum[]; };
layout(set = 0, binding = 9) readonly buffer Delta { float delta[]; };
layout(set = 0, binding = 10) writeonly buffer DK { float d_k[]; };
layout(set = 0, binding = 11) writeonly buffer DV { float d_v[]; };

ROW_READER(q_row, q, p.E)
ROW_READER(k_row, k, p.E)
ROW_READER(v_row, v, p.Ev)
ROW_READER(d_o_row, d_o, p.Ev)

void main() {
    const uint slices = (max(p.E, p.Ev) + SLICE - 1) / SLICE;
    const uint column0 = gl_WorkGroupID.x % slices * SLICE;
    const uint group_row0 = gl_WorkGroupID.x / slices * ROWS * TEAMS;
    const uint row0 = group_row0 + team() * ROWS;
    const uint key_head = gl_WorkGroupID.y, batch = gl_WorkGroupID.z;
    const uint key_heads = p.H / p.heads_per_key;
    const uint k_base = head_base(p.k, batch, key_head);
    const uint v_base = head_base(p.v, batch, key_head);
    uvec3 random = uvec3(0);
    if (DROPOUT) random = uvec3(random_key[0], random_counter[0], random_stream[0]);

    float k_sums[ROWS * COLS], v_sums[ROWS * COLS];
    [[unroll]] for (uint n = 0; n < ROWS * COLS; n++) {
        k_sums[n] = 0;
        v_sums[n] = 0;
    }

    const uint begin = CAUSAL ? group_row0 / C * C : 0;
    const uint first_head = key_head * p.heads_per_key;
    [[dont_unroll]] for (uint head = first_head; head < first_head + p.heads_per_key; head++) {
        const uint q_base = head_base(p.q, batch, head);
        const uint d_o_base = head_base(p.d_o, batch, head);
        const uint mask_base = head_base(p.mask, batch, head);
        [[dont_unroll]] for (uint i0 = begin; i0 < p.L; i0 += C) {
            MULTIPLY(scores, k_row, k_base, p.k.row, row0, p.S, q_row, q_base, p.q.row, i0, p.L, p.E)
            MULTIPLY(d_weights, v_row, v_base, p.v.row, row0, p.S, d_o_row, d_o_base, p.d_o.row,
                     i0, p.L, p.Ev)
            [[unroll]] for (uint n = 0; n < KEYS; n++) {
                const uint i = i0 + n * LANES + lane();
                const uint row = (batch * p.L + min(i, p.L - 1)) * p.H + head;
                const float row_log_sum = log_sum[row], row_delta = delta[row];
                const uint mask_at = mask_base + min(i, p.L - 1) * p.mask.row;
                [[unroll]] for (uint r = 0; r < ROWS; r++) {
                    const uint j = row0 + r, at = r * KEYS + n;
                    float bias = 0;
                    if (MASK != kMaskNone) bias = mask[mask_at + min(j, p.S - 1) * p.mask_column];
                    const float score = is_seen(i, j) ? fma(scores[at], p.scale, bias) : kMasked;
                    const float share = kept_share(batch, head, i, j, random);
                    const float weight = weight_of(score, row_log_sum);
                    scores[at] = weight * (d_weights[at] * share - row_delta) * p.scale;
                    d_weights[at] = weight * share;
                }
            }
            ACCUMULATE(k_sums, scores, q_row, q_base, p.q.row, i0, p.L, column0)
            ACCUMULATE(v_sums, d_weights, d_o_row, d_o_base, p.d_o.row, i0, p.L, column0)
        }
    }

    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        const uint j = row0 + r;
        const uint row = (batch * p.S + j) * key_heads + key_head;
        if (j < p.S) {
            [[unroll]] for (uint m = 0; m < COLS; m++) {
                const uint e = column0 + own_column(m);
                if (e < p.E) d_k[row * p.E + e] = k_sums[r * COLS + m];
                if (e < p.Ev) d_v[row * p.Ev + e] = v_sums[r * COLS + m];
            }
        }
    }
}
