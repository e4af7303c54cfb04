// SPDX-License-Identifier: MIT
// C[m, n] = program(sum_k A[m, k] X[k, n]) as conv.h says, one row at a time: for convolutions whose
// product has few rows or few terms, depthwise ones above all, where a tile of a matrix would stay
// empty.
//
// An invocation owns TILE_Y x TILE_X neighbouring columns of one row. For each k0 and k1 it loads the
// TAPS_Y x TAPS_X weights, then the part of the image that they reach, line by line; each value
// loaded serves all taps and columns that meet it. Summed in a fixed order: equal inputs, equal bits.
//
// The host guarantees: TAPS_Y = k2, TAPS_X = k3; MASKED unless every position of every tile, those
// beyond the last column included, lies inside the image; fewer than 60000 pairs (k0, k1); groups in
// x and y from groups_for(), the convolution's group in z.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const int TILE_Y = 4;
layout(constant_id = 2) const int TILE_X = 4;
layout(constant_id = 3) const int TAPS_Y = 3;
layout(constant_id = 4) const int TAPS_X = 3;
layout(constant_id = 5) const bool MASKED = true;

#include "common/gathered_product.glsl"

// Where a tile's lines begin before its first position: taps may step backwards.
const int BACK_Y = Y_K < 0 ? (1 - TAPS_Y) * Y_K : 0;
const int BACK_X = X_K < 0 ? (1 - TAPS_X) * X_K : 0;
const int LINES = (TILE_Y - 1) * Y_N + (TAPS_Y - 1) * (Y_K < 0 ? -Y_K : Y_K) + 1;
const int SPAN = (TILE_X - 1) * X_N + (TAPS_X - 1) * (X_K < 0 ? -X_K : X_K) + 1;

void main() {
    const uint tiles_x = (p.n3 + TILE_X - 1) / TILE_X;
    const uint tiles_y = (p.n2 + TILE_Y - 1) / TILE_Y;
    const uint down = invocation_index() / tiles_x;
    const uint slice = down / tiles_y;
    const uint image = VOLUME ? slice / p.n1 : slice;
    uvec4 n;
    n.x = image / p.rows;
    n.y = VOLUME ? slice - image * p.n1 : 0u;
    n.z = (down - slice * tiles_y) * TILE_Y;
    n.w = (invocation_index() - down * tiles_x) * TILE_X;
    const uint row = image - n.x * p.rows;
    if (n.x >= p.columns / (p.n1 * p.n2 * p.n3)) return;
    const uint group = gl_WorkGroupID.z;

    const int z0 = VOLUME ? int(n.y) * Z_N + p.z_0 : 0;
    const int y0 = int(n.z) * Y_N + p.y_0 - BACK_Y;
    const int x0 = int(n.w) * X_N + p.x_0 - BACK_X;
    const uint x_from = group * p.x_group + n.x * p.x_n0;
    const uint a_from = p.a_offset + group * p.a_group + row * p.a_row;

    float acc[TILE_Y * TILE_X];
    [[unroll]] for (int i = 0; i < TILE_Y * TILE_X; i++) acc[i] = 0;
    const uint k0_end = p.k / (p.k1 * p.k2 * p.k3);
    [[dont_unroll]] for (uint k0 = 0; k0 < k0_end; k0++) {
        [[dont_unroll]] for (uint k1 = 0; k1 < (VOLUME ? p.k1 : 1u); k1++) {
            const int z = z0 + int(k1) * Z_K;
            if (VOLUME && uint(z) >= p.depth) continue;
            float taps[TAPS_Y * TAPS_X];
            const uint a_at = a_from + k0 * p.a_k0 + (VOLUME ? k1 * p.a_k1 : 0u);
            [[unroll]] for (int v = 0; v < TAPS_Y; v++) {
                [[unroll]] for (int u = 0; u < TAPS_X; u++) {
                    taps[v * TAPS_X + u] = a[a_at + uint(v) * p.a_k2 + uint(u) * A_K3];
                }
            }
            [[unroll]] for (int i = 0; i < LINES; i++) {
                const bool line_inside = !MASKED || uint(y0 + i) < p.height;
                const uint from = x_from + k0 * p.x_k0 + pixel(z, y0 + i, x0);
                float line[SPAN];
                [[unroll]] for (int j = 0; j < SPAN; j++) {
                    const bool inside = line_inside && (!MASKED || uint(x0 + j) < p.width);
                    const float value = x[inside ? from + uint(j) : 0u];
                    line[j] = inside ? value : 0.0;
                }
                [[unroll]] for (int r = 0; r < TILE_Y; r++) {
                    [[unroll]] for (int v = 0; v < TAPS_Y; v++) {
                        if (r * Y_N + v * Y_K + BACK_Y == i) {
                            [[unroll]] for (int u = 0; u < TAPS_X; u++) {
                                [[unroll]] for (int j = 0; j < TILE_X; j++) {
                                    acc[r * TILE_X + j] =
                                        fma(taps[v * TAPS_X + u], line[j * X_N + u * X_K + BACK_X],
                                            acc[r * TILE_X + j]);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    const uint at = output_at(n);
    [[unroll]] for (int r = 0; r < TILE_Y; r++) {
        [[unroll]] for (int j = 0; j < TILE_X; j++) {
            if (n.z + uint(r) < p.n2 && n.w + uint(j) < p.n3) {
                store(false, 0u, group * p.rows + row, at + uint(r) * p.out_n2 + uint(j) * OUT_N3,
                      acc[r * TILE_X + j]);
            }
        }
    }
}
