// SPDX-License-Identifier: MIT
// C[b] = program(op(A[b]) op(B[b])): through tiles in shared memory, for graphics cards.
//
//   op(A) [M, K], op(B) [K, N], C [batch, M, N] contiguous; matmul.h says how A and B are stored.
//
// Group (x, y, z) owns the BM x BN tile of C at rows y*BM, columns x*BN of batch z. K advances by
// BK: the group copies op(A) [BM, BK] and op(B) [BK, BN] to shared memory, k outermost and zero
// beyond the edges, then each invocation accumulates TM x TN outputs: TM neighbouring rows, and TN
// columns BN / TN apart, so that neighbours read neighbouring words of B's tile and store
// neighbouring elements of C. Global reads run along the contiguous axis in every transposition.
// The rows of the shared tiles are PAD longer than needed: a transposing copy then meets at most
// two-way bank conflicts.
// Each element is summed in ascending k by one invocation: equal inputs give equal bits.
//
// The host guarantees: GROUP = BM / TM * BN / TN is the local size and within the device's limit;
// TM divides BM, TN divides BN, GROUP divides BM * BK and BN * BK, the quotients are multiples of
// AT_ONCE or below it; 4 * BK * (BM + BN + 2 * PAD)
// bytes of shared memory. FIXED makes every constant a literal, for compilers that cannot unroll
// over specialization constants (SwiftShader: 7 times faster).
// variant: matmul_tiled
// variant: matmul_tiled_nn FIXED=0
// variant: matmul_tiled_tn FIXED=1
// variant: matmul_tiled_nt FIXED=2
// variant: matmul_tiled_tt FIXED=3
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

#include "matmul.h"

#ifdef FIXED  // bit 0: A transposed, bit 1: B transposed
#define ON_PROCESSOR
#define TUNABLE(id)
layout(local_size_x = 64) in;
#else
#define FIXED 0
#define TUNABLE(id) layout(constant_id = id)
layout(local_size_x_id = 0) in;
#endif
TUNABLE(0) const uint GROUP = 64;  // local size
TUNABLE(1) const uint BM = 64;     // tile of C
TUNABLE(2) const uint BN = 64;
TUNABLE(3) const uint BK = 16;
TUNABLE(4) const uint TM = 8;      // part of one invocation
TUNABLE(5) const uint TN = 8;
TUNABLE(6) const bool A_TRANSPOSED = (FIXED & 1) != 0;
TUNABLE(7) const bool B_TRANSPOSED = (FIXED & 2) != 0;
TUNABLE(8) const uint AT_ONCE = 16;  // elements that an invocation has on their way to a tile

layout(push_constant) uniform Push { MatmulParameters p; };

layout(set = 0, binding = 0) readonly buffer A { float a[]; };
layout(set = 0, binding = 1) readonly buffer B { float b[]; };

#define PW_BINDING 2
#include "common/pointwise.glsl"

const uint PAD = 4;  // keeps the rows of a tile 16-byte aligned
const uint A_ROW = BM + PAD;
const uint B_ROW = BN + PAD;
const uint COLUMN_STEP = BN / TN;
const uint A_COPIES = BM * BK / GROUP;  // of one invocation for a tile
const uint B_COPIES = BN * BK / GROUP;
const uint A_AT_ONCE = AT_ONCE < A_COPIES ? AT_ONCE : A_COPIES;
const uint B_AT_ONCE = AT_ONCE < B_COPIES ? AT_ONCE : B_COPIES;
shared float a_tile[BK * A_ROW];
shared float b_tile[BK * B_ROW];

void load_a(uint t, uint batch, uint row0, uint k0) {
    const uint kk = A_TRANSPOSED ? t / BM : t % BK;
    const uint mm = A_TRANSPOSED ? t % BM : t / BK;
    const uint k = k0 + kk, m = row0 + mm;
    float value = 0;
    if (k < p.K && m < p.M) {
        value = a[batch * p.a_batch_stride + (A_TRANSPOSED ? k * p.lda + m : m * p.lda + k)];
    }
    a_tile[kk * A_ROW + mm] = value;
}

void load_b(uint t, uint batch, uint col0, uint k0) {
    const uint kk = B_TRANSPOSED ? t % BK : t / BN;
    const uint nn = B_TRANSPOSED ? t / BK : t % BN;
    const uint k = k0 + kk, n = col0 + nn;
    float value = 0;
    if (k < p.K && n < p.N) {
        value = b[batch * p.b_batch_stride + (B_TRANSPOSED ? n * p.ldb + k : k * p.ldb + n)];
    }
    b_tile[kk * B_ROW + nn] = value;
}

// Copies the tiles that start at k0. Consecutive invocations take consecutive addresses.
void load_tiles(uint batch, uint row0, uint col0, uint k0) {
    const uint id = gl_LocalInvocationID.x;
    [[dont_unroll]] for (uint i = 0; i < A_COPIES; i += A_AT_ONCE) {
        [[unroll]] for (uint j = 0; j < A_AT_ONCE; j++) {
            load_a((i + j) * GROUP + id, batch, row0, k0);
        }
    }
    [[dont_unroll]] for (uint i = 0; i < B_COPIES; i += B_AT_ONCE) {
        [[unroll]] for (uint j = 0; j < B_AT_ONCE; j++) {
            load_b((i + j) * GROUP + id, batch, col0, k0);
        }
    }
}

void main() {
    const uint batch = gl_WorkGroupID.z;
    const uint row0 = gl_WorkGroupID.y * BM;
    const uint col0 = gl_WorkGroupID.x * BN;
    const uint tile_row = gl_LocalInvocationID.x / COLUMN_STEP * TM;
    const uint tile_col = gl_LocalInvocationID.x % COLUMN_STEP;

    float acc[TM * TN];
    [[unroll]] for (uint i = 0; i < TM * TN; i++) acc[i] = 0;

    [[dont_unroll]] for (uint k0 = 0; k0 < p.K; k0 += BK) {
        load_tiles(batch, row0, col0, k0);
        barrier();
        [[dont_unroll]] for (uint kk = 0; kk < BK; kk++) {
            float a_column[TM], b_row[TN];
            [[unroll]] for (uint i = 0; i < TM; i++) {
                a_column[i] = a_tile[kk * A_ROW + tile_row + i];
            }
            [[unroll]] for (uint j = 0; j < TN; j++) {
                b_row[j] = b_tile[kk * B_ROW + tile_col + j * COLUMN_STEP];
            }
            [[unroll]] for (uint i = 0; i < TM; i++) {
                [[unroll]] for (uint j = 0; j < TN; j++) {
                    acc[i * TN + j] = fma(a_column[i], b_row[j], acc[i * TN + j]);
                }
            }
        }
        barrier();
    }

#ifdef ON_PROCESSOR
    // The program is compiled once, in a loop over a copy, so that the sums themselves are never
    // indexed.
    float sums[TM * TN];
    [[unroll]] for (uint i = 0; i < TM * TN; i++) sums[i] = acc[i];
    [[dont_unroll]] for (uint i = 0; i < TM * TN; i++) {
        const uint row = row0 + tile_row + i / TN;
        const uint column = col0 + tile_col + i % TN * COLUMN_STEP;
        if (row < p.M && column < p.N) {
            pw_run((batch * p.M + row) * p.N + column, row, column, floatBitsToUint(sums[i]));
        }
    }
#else
    // One row of the sums at a time, the others moving up: a register that is found by a number
    // known only at run time would put all of them into memory. And the program is compiled TN
    // times, not TM * TN times.
    [[dont_unroll]] for (uint i = 0; i < TM; i++) {
        const uint row = row0 + tile_row + i;
        [[unroll]] for (uint j = 0; j < TN; j++) {
            const uint column = col0 + tile_col + j * COLUMN_STEP;
            if (row < p.M && column < p.N) {
                pw_run((batch * p.M + row) * p.N + column, row, column, floatBitsToUint(acc[j]));
            }
        }
        [[unroll]] for (uint below = TN; below < TM * TN; below++) acc[below - TN] = acc[below];
    }
#endif
}
