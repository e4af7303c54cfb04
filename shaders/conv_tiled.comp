// SPDX-License-Identifier: MIT
// C[m, n] = program(sum_k A[m, k] X[k, n]), X gathered from an image as conv.h says: a convolution
// or one of its two gradients, through tiles in shared memory.
//
// A group owns the BM x BN tile of C; k advances by BK. The group copies A [BM, BK] and the gathered
// X [BK, BN] to shared memory, k outermost and zero beyond the edges, then each invocation
// accumulates TM x TN outputs: TM neighbouring rows, and TN columns BN / TN apart. In copying, an
// invocation keeps to one column of X and one k of A, so that it takes them apart once a tile.
// Each element is summed in ascending k: equal inputs give equal bits.
//
// The host guarantees: GROUP = BM / TM * BN / TN is the local size; BN and BK divide GROUP, GROUP
// divides BM * BK and BN * BK; 4 * BK * (BM + BN + 2 * PAD) bytes of shared memory; tiles in x and y
// from groups_for(), group * splits + split in z. FIXED makes the sizes literals, for compilers
// that cannot unroll over specialization constants.
// variant: conv_tiled
// variant: conv_tiled_fixed FIXED=1
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

#ifdef FIXED
#define TUNABLE(id)
layout(local_size_x = 64) in;
#else
#define TUNABLE(id) layout(constant_id = id)
layout(local_size_x_id = 0) in;
#endif
TUNABLE(0) const uint GROUP = 64;  // local size
TUNABLE(1) const uint BM = 32;     // tile of C
TUNABLE(2) const uint BN = 64;
TUNABLE(3) const uint BK = 16;
TUNABLE(4) const uint TM = 4;      // part of one invocation
TUNABLE(5) const uint TN = 8;
layout(constant_id = 6) const bool MASKED = true;
layout(constant_id = 7) const bool SPLIT = false;

#include "common/gathered_product.glsl"

const uint PAD = 4;
const uint A_ROW = BM + PAD;
const uint X_ROW = BN + PAD;
const uint COLUMN_STEP = BN / TN;
const uint COPIES = BN * BK / GROUP;  // of X by one invocation, at neighbouring k
shared float a_tile[BK * A_ROW];
shared float x_tile[BK * X_ROW];

void main() {
    const uint row_tiles = (p.rows + BM - 1) / BM;
    const uint row0 = group_index() % row_tiles * BM;
    const uint column0 = group_index() / row_tiles * BN;
    if (column0 >= p.columns) return;
    const uint group = gl_WorkGroupID.z / p.splits;
    const uint split = gl_WorkGroupID.z % p.splits;
    const uint id = gl_LocalInvocationID.x;

    const uint a_k = id % BK;
    const uint a_row0 = id / BK;
    const uint a_from = p.a_offset + group * p.a_group;
    const uint x_column = id % BN;
    const uint x_k0 = id / BN * COPIES;
    const Column column = column_of(apart(column0 + x_column), group);

    float acc[TM * TN];
    [[unroll]] for (uint i = 0; i < TM * TN; i++) acc[i] = 0;
    const uint tile_row = id / COLUMN_STEP * TM;
    const uint tile_column = id % COLUMN_STEP;

    const uint begin = split * p.k_per_split;
    const uint end = min(begin + p.k_per_split, p.k);
    [[dont_unroll]] for (uint k0 = begin; k0 < end; k0 += BK) {
        const uint a_at = a_from + a_step(step_of(k0 + a_k));
        [[unroll]] for (uint i = 0; i < BM * BK / GROUP; i++) {
            const uint tile = a_row0 + i * (GROUP / BK);
            const uint row = row0 + tile;
            float value = 0;
            if (k0 + a_k < end && row < p.rows) value = a[a_at + row * p.a_row];
            a_tile[a_k * A_ROW + tile] = value;
        }
        Step s = step_of(k0 + x_k0);
        [[unroll]] for (uint i = 0; i < COPIES; i++) {
            const bool inside = k0 + x_k0 + i < end;
            float value = 0;
            if (inside) value = gathered(column, s, true, MASKED);
            x_tile[(x_k0 + i) * X_ROW + x_column] = value;
            s = next(s);
        }
        barrier();
        [[dont_unroll]] for (uint kk = 0; kk < BK; kk++) {
            float a_column[TM], x_row[TN];
            [[unroll]] for (uint i = 0; i < TM; i++) a_column[i] = a_tile[kk * A_ROW + tile_row + i];
            [[unroll]] for (uint j = 0; j < TN; j++) {
                x_row[j] = x_tile[kk * X_ROW + tile_column + j * COLUMN_STEP];
            }
            [[unroll]] for (uint i = 0; i < TM; i++) {
                [[unroll]] for (uint j = 0; j < TN; j++) {
                    acc[i * TN + j] = fma(a_column[i], x_row[j], acc[i * TN + j]);
                }
            }
        }
        barrier();
    }

    [[unroll]] for (uint j = 0; j < TN; j++) {
        const uint n = column0 + tile_column + j * COLUMN_STEP;
        const uint at = output_at(apart(n));
        [[unroll]] for (uint i = 0; i < TM; i++) {
            const uint row = row0 + tile_row + i;
            if (n < p.columns && row < p.rows) {
                store(SPLIT, split, group * p.rows + row, at, acc[i * TN + j]);
            }
        }
    }
}
