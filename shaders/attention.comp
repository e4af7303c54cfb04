// SPDX-License-Identifier: MIT
// o = softmax(scale q k^T + mask) v, one pass over the keys (online softmax; Dao et al. 2022,
// FlashAttention): a running maximum and sum a row, by which earlier sums are rescaled.
//
//   q [B, H, L, E], k [B, Hkv, S, E], v [B, Hkv, S, Ev] as attention.h says;
//   o [B, L, H, Ev], log_sum [B, L, H] = log sum exp(scores), 0 for a row without keys.
//
// Group (x, y, z) owns TEAMS * ROWS queries and SLICE columns of o, of head y of batch z.
// variant: attention_shared
// variant: attention_shared_wide VECTOR=1
// variant: attention_spread SPREAD=1
// variant: attention_spread_wide SPREAD=1 VECTOR=1
// variant: attention_spread_texel SPREAD=1 TEXEL=1
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
layout(set = 0, binding = 7) writeonly buffer O { float o[]; };
layout(set = 0, binding = 8) writeonly buffer LogSum { float log_sum[]; };

ROW_READER(q_row, q, p.E)
ROW_READER(k_row, k, p.E)
ROW_READER(v_row, v, p.Ev)

void main() {
    const uint slices = (p.Ev + SLICE - 1) / SLICE;
    const uint column0 = gl_WorkGroupID.x % slices * SLICE;
    const uint group_row0 = gl_WorkGroupID.x / slices * ROWS * TEAMS;
    const uint row0 = group_row0 + team() * ROWS;
    const uint head = gl_WorkGroupID.y, batch = gl_WorkGroupID.z;
    const uint q_base = head_base(p.q, batch, head);
    const uint k_base = head_base(p.k, batch, head / p.heads_per_key);
    const uint v_base = head_base(p.v, batch, head / p.heads_per_key);
    const uint mask_base = head_base(p.mask, batch, head);
    uvec3 random = uvec3(0);
    if (DROPOUT) random = uvec3(random_key[0], random_counter[0], random_stream[0]);

    float sums[ROWS * COLS], largest[ROWS], total[ROWS];  // total: of this lane's keys
    [[unroll]] for (uint n = 0; n < ROWS * COLS; n++) sums[n] = 0;
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        largest[r] = kLowest;
        total[r] = 0;
    }

    const uint end = CAUSAL ? min(p.S, group_row0 + ROWS * TEAMS) : p.S;
    [[dont_unroll]] for (uint j0 = 0; j0 < end; j0 += C) {
        MULTIPLY(scores, q_row, q_base, p.q.row, row0, p.L, k_row, k_base, p.k.row, j0, p.S, p.E)
        float top[ROWS];
        [[unroll]] for (uint r = 0; r < ROWS; r++) top[r] = largest[r];
        [[unroll]] for (uint n = 0; n < KEYS; n++) {
            const uint j = j0 + n * LANES + lane();
            const uint mask_at = mask_base + min(j, p.S - 1) * p.mask_column;
            float bias = 0;
            if (MASK == kMaskKeys) bias = mask[mask_at];
            [[unroll]] for (uint r = 0; r < ROWS; r++) {
                const uint i = row0 + r;
                if (MASK == kMaskFull) bias = mask[mask_at + min(i, p.L - 1) * p.mask.row];
                const float score = fma(scores[r * KEYS + n], p.scale, bias);
                scores[r * KEYS + n] = is_seen(i, j) ? score : kMasked;
                top[r] = max(top[r], scores[r * KEYS + n]);
            }
        }
        // The further on, the rarer a new maximum.
        bool grew = false;
        [[unroll]] for (uint r = 0; r < ROWS; r++) grew = grew || top[r] > largest[r];
        if (SOMEWHERE(grew)) rows_max(top);
        [[unroll]] for (uint r = 0; r < ROWS; r++) {
            const float keep = exp(largest[r] - top[r]);
            largest[r] = top[r];
            total[r] *= keep;
            [[unroll]] for (uint m = 0; m < COLS; m++) sums[r * COLS + m] *= keep;
            [[unroll]] for (uint n = 0; n < KEYS; n++) {
                const float weight = weight_of(scores[r * KEYS + n], top[r]);
                total[r] += weight;
                const uint j = j0 + n * LANES + lane();
                scores[r * KEYS + n] = weight * kept_share(batch, head, row0 + r, j, random);
            }
        }
        ACCUMULATE(sums, scores, v_row, v_base, p.v.row, j0, p.S, column0)
    }

    rows_sum(total);
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        const uint i = row0 + r;
        const uint row = (batch * p.L + i) * p.H + head;
        const float share = total[r] == 0 ? 0 : 1 / total[r];
        if (i < p.L) {
            if (column0 == 0 && lane() == 0) {
                log_sum[row] = total[r] == 0 ? 0 : largest[r] + log(total[r]);
            }
            [[unroll]] for (uint m = 0; m < COLS; m++) {
                const uint e = column0 + own_column(m);
                if (e < p.Ev) o[row * p.Ev + e] = sums[r * COLS + m] * share;
            }
        }
    }
}
