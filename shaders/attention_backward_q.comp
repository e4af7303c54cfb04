// SPDX-License-Identifier: MIT
// The gradient of attention by q and by the mask. With the weights w = exp(scores - log_sum) made
// anew, and delta = rowsum(d_o o):
//   d_scores = w (d_o v^T - delta)        d_q = scale d_scores k
// d_q [B, L, H, E]; d_scores [B, H, L, S], stored if D_SCORES, is that of the mask before its
// broadcast axes are summed. log_sum, delta [B, L, H].
//
// Group (x, y, z) owns TEAMS * ROWS queries and SLICE columns of d_q, of head y of batch z.
// variant: attention_backward_q_shared
// variant: attention_backward_q_shared_wide VECTOR=1
// variant: attention_backward_q_spread SPREAD=1
// variant: attention_backward_q_spread_wide SPREAD=1 VECTOR=1
// variant: attention_backward_q_spread_texel SPREAD=1 TEXEL=1
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_vote : require

#include "common/attention.glsl"

layout(constant_id = 10) const bool D_SCORES = false;

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
layout(set = 0, binding = 10) writeonly buffer DQ { float d_q[]; };
layout(set = 0, binding = 11) writeonly buffer DScores { float d_scores[]; };

ROW_READER(q_row, q, p.E)
ROW_READER(k_row, k, p.E)
ROW_READER(v_row, v, p.Ev)
ROW_READER(d_o_row, d_o, p.Ev)

void main() {
    const uint slices = D_SCORES ? 1 : (p.E + SLICE - 1) / SLICE;
    const uint column0 = gl_WorkGroupID.x % slices * SLICE;
    const uint group_row0 = gl_WorkGroupID.x / slices * ROWS * TEAMS;
    const uint row0 = group_row0 + team() * ROWS;
    const uint head = gl_WorkGroupID.y, batch = gl_WorkGroupID.z;
    const uint q_base = head_base(p.q, batch, head);
    const uint k_base = head_base(p.k, batch, head / p.heads_per_key);
    const uint v_base = head_base(p.v, batch, head / p.heads_per_key);
    const uint d_o_base = head_base(p.d_o, batch, head);
    const uint mask_base = head_base(p.mask, batch, head);
    uvec3 random = uvec3(0);
    if (DROPOUT) random = uvec3(random_key[0], random_counter[0], random_stream[0]);

    float sums[ROWS * COLS], row_log_sum[ROWS], row_delta[ROWS];
    [[unroll]] for (uint n = 0; n < ROWS * COLS; n++) sums[n] = 0;
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        const uint row = (batch * p.L + min(row0 + r, p.L - 1)) * p.H + head;
        row_log_sum[r] = log_sum[row];
        row_delta[r] = delta[row];
    }

    const uint end = CAUSAL && !D_SCORES ? min(p.S, group_row0 + ROWS * TEAMS) : p.S;
    [[dont_unroll]] for (uint j0 = 0; j0 < end; j0 += C) {
        MULTIPLY(scores, q_row, q_base, p.q.row, row0, p.L, k_row, k_base, p.k.row, j0, p.S, p.E)
        MULTIPLY(d_weights, d_o_row, d_o_base, p.d_o.row, row0, p.L, v_row, v_base, p.v.row, j0,
                 p.S, p.Ev)
        [[unroll]] for (uint n = 0; n < KEYS; n++) {
            const uint j = j0 + n * LANES + lane();
            const uint mask_at = mask_base + min(j, p.S - 1) * p.mask_column;
            float bias = 0;
            if (MASK == kMaskKeys) bias = mask[mask_at];
            [[unroll]] for (uint r = 0; r < ROWS; r++) {
                const uint i = row0 + r, at = r * KEYS + n;
                if (MASK == kMaskFull) bias = mask[mask_at + min(i, p.L - 1) * p.mask.row];
                const float score = is_seen(i, j) ? fma(scores[at], p.scale, bias) : kMasked;
                const float d_weight = d_weights[at] * kept_share(batch, head, i, j, random);
                const float d_score = weight_of(score, row_log_sum[r]) * (d_weight - row_delta[r]);
                if (D_SCORES && i < p.L && j < p.S) {
                    d_scores[((batch * p.H + head) * p.L + i) * p.S + j] = d_score;
                }
                scores[at] = d_score * p.scale;
            }
        }
        if (!D_SCORES) {
            ACCUMULATE(sums, scores, k_row, k_base, p.k.row, j0, p.S, column0)
        }
    }

    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        const uint i = row0 + r;
        const uint row = (batch * p.L + i) * p.H + head;
        if (!D_SCORES && i < p.L) {
            [[unroll]] for (uint m = 0; m < COLS; m++) {
                const uint e = column0 + own_column(m);
                if (e < p.E) d_q[row * p.E + e] = sums[r * COLS + m];
            }
        }
    }
}
