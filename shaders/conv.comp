// SPDX-License-Identifier: MIT
// C[m, n] = program(sum_k A[m, k] X[k, n]), X gathered from an image as conv.h says: a convolution
// or one of its two gradients, in registers, without shared memory.
//
// A group owns ROWS rows and LANES * COLS columns, tile row fastest, so that neighbouring groups
// read the same part of the image; each lane owns all ROWS rows of COLS columns, LANES apart. k
// advances by UNROLL. For software drivers, where loads are what costs, LANES is the subgroup: the
// values of A are spread over it, loaded once and broadcast. DIRECT reads them one by one instead:
// for few rows, on any subgroup. Each element is summed in ascending k: equal inputs, equal bits.
//
// The host guarantees: local size LANES, which is the subgroup's size unless DIRECT; k_per_split is
// a multiple of UNROLL; K_EDGE unless k is, too; MASKED unless every (z, y, x) lies inside the image;
// tiles in x and y from groups_for(), group * splits + split in z.
// variant: conv_subgroup
// variant: conv_direct DIRECT=1
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#ifndef DIRECT
#extension GL_KHR_shader_subgroup_ballot : require
#endif

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 8;
layout(constant_id = 1) const uint ROWS = 16;
layout(constant_id = 2) const uint COLS = 8;
layout(constant_id = 3) const uint UNROLL = 2;
layout(constant_id = 4) const bool K_EDGE = true;
layout(constant_id = 5) const bool MASKED = true;
layout(constant_id = 6) const bool SPLIT = false;

#include "common/gathered_product.glsl"

#ifdef DIRECT
#define A_LOADS ROWS  // every lane loads every row
#define A_ROW(i) (i)
#define A_VALUE(r, u) values[r * UNROLL + u]
#else
const uint A_LOADS = (ROWS + LANES - 1) / LANES;
#define A_ROW(i) (i * LANES + gl_SubgroupInvocationID)
#define A_VALUE(r, u) subgroupBroadcast(values[r / LANES * UNROLL + u], r % LANES)
#endif

void main() {
#ifdef DIRECT
    const uint lane = gl_LocalInvocationID.x;
#else
    const uint lane = gl_SubgroupInvocationID;
#endif
    const uint row_tiles = (p.rows + ROWS - 1) / ROWS;
    const uint row0 = group_index() % row_tiles * ROWS;
    const uint column0 = group_index() / row_tiles * (LANES * COLS);
    if (column0 >= p.columns) return;
    const uint group = gl_WorkGroupID.z / p.splits;
    const uint split = gl_WorkGroupID.z % p.splits;

    uint a_at[A_LOADS];
    [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
        const uint row = min(row0 + A_ROW(i), p.rows - 1);
        a_at[i] = p.a_offset + group * p.a_group + row * p.a_row;
    }
    Column columns[COLS];
    uint out_at[COLS];
    [[unroll]] for (uint j = 0; j < COLS; j++) {
        const uvec4 n = apart(column0 + j * LANES + lane);
        columns[j] = column_of(n, group);
        out_at[j] = output_at(n);
    }
    float acc[ROWS * COLS];
    [[unroll]] for (uint i = 0; i < ROWS * COLS; i++) acc[i] = 0;

    const uint begin = split * p.k_per_split;
    const uint end = min(begin + p.k_per_split, p.k);
    Step s = step_of(begin);
    [[dont_unroll]] for (uint k = begin; k < end; k += UNROLL) {
        float values[A_LOADS * UNROLL], image[COLS * UNROLL];
        [[unroll]] for (uint u = 0; u < UNROLL; u++) {
            const bool inside = !K_EDGE || k + u < end;
            const uint a_from = inside ? a_step(s) : 0;
            [[unroll]] for (uint i = 0; i < A_LOADS; i++) {
                const float value = a[a_at[i] + a_from];
                values[i * UNROLL + u] = inside ? value : 0;
            }
            [[unroll]] for (uint j = 0; j < COLS; j++) {
                image[j * UNROLL + u] = gathered(columns[j], s, inside, MASKED || K_EDGE);
            }
            s = next(s);
        }
        [[unroll]] for (uint r = 0; r < ROWS; r++) {
            float row[UNROLL];
            [[unroll]] for (uint u = 0; u < UNROLL; u++) row[u] = A_VALUE(r, u);
            // All of an element's k before the next element: it is read and written once a block.
            [[unroll]] for (uint j = 0; j < COLS; j++) {
                [[unroll]] for (uint u = 0; u < UNROLL; u++) {
                    acc[r * COLS + j] = fma(row[u], image[j * UNROLL + u], acc[r * COLS + j]);
                }
            }
        }
    }

    [[unroll]] for (uint j = 0; j < COLS; j++) {
        const uint n = column0 + j * LANES + lane;
        [[unroll]] for (uint r = 0; r < ROWS; r++) {
            if (n < p.columns && row0 + r < p.rows) {
                store(SPLIT, split, group * p.rows + row0 + r, out_at[j], acc[r * COLS + j]);
            }
        }
    }
}
