// SPDX-License-Identifier: MIT
// C[b] = program(op(A[b]) op(B[b])): one subgroup per work group, for software drivers.
//
//   op(A) [M, K], op(B) [K, N], C [batch, M, N] contiguous; matmul.h says how A and B are stored.
//
// Group (x, y, z) owns rows y*ROWS.. and columns x*LANES*COLS.. of batch z. Each lane owns all ROWS
// rows of COLS columns, in registers. K advances in blocks of four: A's block is spread over the
// lanes, one vec4 each, and every value is then broadcast; each lane loads the part of B that its
// own columns need. No shared memory and no barrier: loads are what costs on a processor.
// Each element is summed in ascending k by one lane: equal inputs give equal bits.
//
// The host guarantees: subgroup size = LANES = local size; LANES divides ROWS; 4 divides ROWS, and
// COLS too unless B_TRANSPOSED; 1 <= K <= 262140 (lavapipe before Mesa 25 leaves a loop after 65535
// rounds). A is read four elements at a time, as texels or as vectors, only where its stored row
// length, lda and a_batch_stride are multiples of 4; B likewise. K_EDGE is true unless K is a
// multiple of 4. Indices past an edge are clamped into the tensor, never out of it.
// The last two letters of a variant: how A and B are read, by words, vectors or texels.
// variant: matmul_subgroup_ww
// variant: matmul_subgroup_wv B_VECTOR=1
// variant: matmul_subgroup_vw A_VECTOR=1
// variant: matmul_subgroup_vv A_VECTOR=1 B_VECTOR=1
// variant: matmul_subgroup_wt B_TEXEL=1
// variant: matmul_subgroup_tw A_TEXEL=1
// variant: matmul_subgroup_tt A_TEXEL=1 B_TEXEL=1
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_shader_subgroup_ballot : require

#include "matmul.h"

layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 16;  // rows of C per group
layout(constant_id = 2) const uint COLS = 8;   // columns of C per lane
layout(constant_id = 3) const bool A_TRANSPOSED = false;
layout(constant_id = 4) const bool B_TRANSPOSED = false;
layout(constant_id = 5) const bool K_EDGE = true;
layout(local_size_x_id = 0) in;

layout(push_constant) uniform Push { MatmulParameters p; };

#ifdef A_TEXEL
const uint A_WIDTH = 4;  // elements per load
layout(set = 0, binding = 0) uniform textureBuffer a;
vec4 load_a(uint at, uint room) {
    return texelFetch(a, int(at));
}
#elif defined(A_VECTOR)
const uint A_WIDTH = 4;
layout(set = 0, binding = 0) readonly buffer A { vec4 a[]; };
vec4 load_a(uint at, uint room) {
    return a[at];
}
#else
const uint A_WIDTH = 1;
layout(set = 0, binding = 0) readonly buffer A { float a[]; };
// Four neighbours from `at` on; of these, `room` lie inside beyond the first, the rest repeat it.
vec4 load_a(uint at, uint room) {
    return vec4(a[at], a[at + min(1, room)], a[at + min(2, room)], a[at + min(3, room)]);
}
#endif
#ifdef B_TEXEL
const uint B_WIDTH = 4;
layout(set = 0, binding = 1) uniform textureBuffer b;
vec4 load_b(uint at, uint room) {
    return texelFetch(b, int(at));
}
#elif defined(B_VECTOR)
const uint B_WIDTH = 4;
layout(set = 0, binding = 1) readonly buffer B { vec4 b[]; };
vec4 load_b(uint at, uint room) {
    return b[at];
}
#else
const uint B_WIDTH = 1;
layout(set = 0, binding = 1) readonly buffer B { float b[]; };
vec4 load_b(uint at, uint room) {
    return vec4(b[at], b[at + min(1, room)], b[at + min(2, room)], b[at + min(3, room)]);
}
#endif

#define PW_BINDING 2
#include "common/pointwise.glsl"

// v with the components past k = last set to zero: v runs along k, or lies whole at k = `at_k`.
vec4 zero_past(vec4 v, uint last) {
    return mix(v, vec4(0), greaterThan(uvec4(0, 1, 2, 3), uvec4(last)));
}
vec4 zero_past(vec4 v, uint last, uint at_k) {
    return at_k > last ? vec4(0) : v;
}

// The block of A: ROWS x 4 values as ROWS vec4; number i * LANES + lane is held by `lane`.
const uint A_LOADS = ROWS / LANES;
const uint ROW_QUADS = ROWS / 4;

void main() {
    const uint lane = gl_SubgroupInvocationID;
    const uint batch = gl_WorkGroupID.z;
    const uint row0 = gl_WorkGroupID.y * ROWS;
    const uint col0 = gl_WorkGroupID.x * LANES * COLS;

    // Where each load starts (in loads, not elements), and how many neighbours it may take.
    uint a_at[A_LOADS], a_room[A_LOADS], a_k[A_LOADS];
    [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
        const uint t = i * LANES + lane;
        const uint m = A_TRANSPOSED ? min(row0 + t % ROW_QUADS * 4, (p.M - 1) / A_WIDTH * A_WIDTH)
                                    : min(row0 + t, p.M - 1);
        a_k[i] = A_TRANSPOSED ? t / ROW_QUADS : 0;
        a_at[i] = batch * p.a_batch_stride + (A_TRANSPOSED ? m : m * p.lda);
        if (!K_EDGE) a_at[i] += a_k[i] * p.lda;
        a_at[i] /= A_WIDTH;
        a_room[i] = p.M - 1 - m;
    }
    uint b_at[COLS], b_room[COLS];
    [[unroll]] for (uint j = 0; j < COLS; j++) {
        const uint n = B_TRANSPOSED ? min(col0 + j * LANES + lane, p.N - 1)
                                    : min(col0 + (j / 4 * LANES + lane) * 4,
                                          (p.N - 1) / B_WIDTH * B_WIDTH);
        b_at[j] = batch * p.b_batch_stride + (B_TRANSPOSED ? n * p.ldb : n);
        if (!K_EDGE && !B_TRANSPOSED) b_at[j] += j % 4 * p.ldb;
        b_at[j] /= B_WIDTH;
        b_room[j] = p.N - 1 - n;
    }

    float acc[ROWS * COLS];
    [[unroll]] for (uint i = 0; i < ROWS * COLS; i++) acc[i] = 0;

    const uint a_step = (A_TRANSPOSED ? 4 * p.lda : 4) / A_WIDTH;
    const uint b_step = (B_TRANSPOSED ? 4 : 4 * p.ldb) / B_WIDTH;
    uint a_next = 0, b_next = 0;
    [[dont_unroll]] for (uint k = 0; k < p.K; k += 4) {
        const uint last = K_EDGE ? p.K - 1 - k : 3;  // last valid k within this block, if below 3
        vec4 a_block[A_LOADS], b_block[COLS];
        [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
            const uint edge = K_EDGE && A_TRANSPOSED ? min(a_k[i], last) * p.lda / A_WIDTH : 0;
            a_block[i] = load_a(a_at[i] + a_next + edge, A_TRANSPOSED ? a_room[i] : last);
            if (!K_EDGE) continue;
            a_block[i] = A_TRANSPOSED ? zero_past(a_block[i], last, a_k[i])
                                      : zero_past(a_block[i], last);
        }
        [[unroll]] for (uint j = 0; j < COLS; j++) {
            const uint edge = K_EDGE && !B_TRANSPOSED ? min(j % 4, last) * p.ldb / B_WIDTH : 0;
            b_block[j] = load_b(b_at[j] + b_next + edge, B_TRANSPOSED ? last : b_room[j]);
            if (!K_EDGE) continue;
            b_block[j] = B_TRANSPOSED ? zero_past(b_block[j], last)
                                      : zero_past(b_block[j], last, j % 4);
        }
        a_next += a_step;
        b_next += b_step;

        [[unroll]] for (uint r = 0; r < ROWS; r++) {
            float a_row[4];  // row r at the four k, the same in every lane
            [[unroll]] for (uint kk = 0; kk < 4; kk++) {
                const uint t = A_TRANSPOSED ? kk * ROW_QUADS + r / 4 : r;
                a_row[kk] =
                    subgroupBroadcast(a_block[t / LANES][A_TRANSPOSED ? r % 4 : kk], t % LANES);
            }
            // All four k of one element before the next: read and written once per block.
            [[unroll]] for (uint j = 0; j < COLS; j++) {
                [[unroll]] for (uint kk = 0; kk < 4; kk++) {
                    const float b_value =
                        B_TRANSPOSED ? b_block[j][kk] : b_block[j / 4 * 4 + kk][j % 4];
                    acc[r * COLS + j] = fma(a_row[kk], b_value, acc[r * COLS + j]);
                }
            }
        }
    }

    // The program is compiled once, in a loop over a copy, so that the sums themselves are never
    // indexed and stay in registers.
    float sums[ROWS * COLS];
    [[unroll]] for (uint i = 0; i < ROWS * COLS; i++) sums[i] = acc[i];
    [[dont_unroll]] for (uint i = 0; i < ROWS * COLS; i++) {
        const uint j = i % COLS;
        const uint row = row0 + i / COLS;
        const uint column =
            col0 + (B_TRANSPOSED ? j * LANES + lane : (j / 4 * LANES + lane) * 4 + j % 4);
        if (row < p.M && column < p.N) {
            pw_run((batch * p.M + row) * p.N + column, row, column, floatBitsToUint(sums[i]));
        }
    }
}
