// SPDX-License-Identifier: MIT
// C[m, n] = program(sum_k A[m, k] X[k, n]) as conv.h says, for the gradient of weights whose groups
// are small: a work group owns the TAPS_Y x TAPS_X columns of one row m, n0 and n1, and sums over all
// pixels k of the batch.
//
// Each lane takes tiles of TILE_Y x TILE_X pixels, LANES apart, and keeps all taps in registers: of
// a tile it loads d_y, then what its taps reach of the image, line by line, so that a value loaded
// serves all of them. Lanes are then added in ascending order: equal inputs, equal bits.
//
// The host guarantees: TAPS_Y = n2, TAPS_X = n3; LANES * TAPS_Y * TAPS_X floats of shared memory;
// k_per_split counts tiles, fewer than 60000 * LANES; work groups in x and y from groups_for(),
// group * splits + split in z.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LANES = 64;
layout(constant_id = 1) const int TILE_Y = 4;
layout(constant_id = 2) const int TILE_X = 4;
layout(constant_id = 3) const int TAPS_Y = 3;
layout(constant_id = 4) const int TAPS_X = 3;
layout(constant_id = 5) const bool MASKED = true;
layout(constant_id = 6) const bool SPLIT = false;

#include "common/gathered_product.glsl"

const int LINES = (TILE_Y - 1) * Y_K + (TAPS_Y - 1) * Y_N + 1;
const int SPAN = (TILE_X - 1) * X_K + (TAPS_X - 1) * X_N + 1;
const uint TAPS = TAPS_Y * TAPS_X;
shared float lane_sums[LANES * TAPS];

// A tile's place: sample, slice, and tile in the slice.
uvec4 tile_of(uint number, uvec3 sizes) {
    const uint row = number / sizes.z;
    const uint slice = row / sizes.y;
    const uint sample_ = slice / sizes.x;
    return uvec4(sample_, slice - sample_ * sizes.x, row - slice * sizes.y, number - row * sizes.z);
}

void main() {
    const uint inputs = p.columns / (p.n1 * TAPS);
    const uint owned = group_index();
    const uint n1 = owned % p.n1;
    const uint row = owned / p.n1 / inputs;
    const uint n0 = owned / p.n1 - row * inputs;
    if (row >= p.rows) return;  // the whole group
    const uint group = gl_WorkGroupID.z / p.splits;
    const uint split = gl_WorkGroupID.z % p.splits;
    const uint lane = gl_LocalInvocationID.x;

    const uint x_from = group * p.x_group + n0 * p.x_n0;
    const uint a_from = p.a_offset + group * p.a_group + row * p.a_row;
    const int z0 = VOLUME ? int(n1) * Z_N + p.z_0 : 0;
    const uvec3 sizes =
        uvec3(p.k1, (p.k2 + TILE_Y - 1) / TILE_Y, (p.k3 + TILE_X - 1) / TILE_X);
    const uint tiles = p.k / (p.k1 * p.k2 * p.k3) * sizes.x * sizes.y * sizes.z;
    const uint end = min((split + 1) * p.k_per_split, tiles);
    uint number = split * p.k_per_split + lane;
    uvec4 t = tile_of(number, sizes);
    const uvec4 step_ = tile_of(LANES, sizes);

    float acc[TAPS];
    [[unroll]] for (int i = 0; i < TAPS; i++) acc[i] = 0;
    [[dont_unroll]] for (; number < end; number += LANES) {
        const uint k2 = t.z * TILE_Y, k3 = t.w * TILE_X;
        const uint a_at = a_from + t.x * p.a_k0 + (VOLUME ? t.y * p.a_k1 : 0u) + k2 * p.a_k2 + k3;
        float d_y[TILE_Y * TILE_X];
        [[unroll]] for (int r = 0; r < TILE_Y; r++) {
            [[unroll]] for (int j = 0; j < TILE_X; j++) {
                const bool inside = k2 + r < p.k2 && k3 + j < p.k3;
                const float value = a[inside ? a_at + uint(r) * p.a_k2 + uint(j) : a_from];
                d_y[r * TILE_X + j] = inside ? value : 0.0;
            }
        }
        const int z = VOLUME ? z0 + int(t.y) * Z_K : 0;
        const bool slice_inside = !VOLUME || uint(z) < p.depth;
        const int y0 = int(k2) * Y_K + p.y_0;
        const int x0 = int(k3) * X_K + p.x_0;
        [[unroll]] for (int i = 0; i < LINES; i++) {
            const bool line_inside = slice_inside && (!MASKED || uint(y0 + i) < p.height);
            const uint from = x_from + t.x * p.x_k0 + pixel(z, y0 + i, x0);
            float line[SPAN];
            [[unroll]] for (int j = 0; j < SPAN; j++) {
                const bool inside = line_inside && (!MASKED || uint(x0 + j) < p.width);
                const float value = x[inside ? from + uint(j) : 0u];
                line[j] = inside ? value : 0.0;
            }
            [[unroll]] for (int r = 0; r < TILE_Y; r++) {
                [[unroll]] for (int v = 0; v < TAPS_Y; v++) {
                    if (r * Y_K + v * Y_N == i) {
                        [[unroll]] for (int u = 0; u < TAPS_X; u++) {
                            [[unroll]] for (int j = 0; j < TILE_X; j++) {
                                acc[v * TAPS_X + u] = fma(d_y[r * TILE_X + j], line[j * X_K + u * X_N],
                                                          acc[v * TAPS_X + u]);
                            }
                        }
                    }
                }
            }
        }
        // On by LANES tiles, carrying: a division would cost more than all the rest.
        t += step_;
        if (t.w >= sizes.z) { t.w -= sizes.z; t.z += 1u; }
        if (t.z >= sizes.y) { t.z -= sizes.y; t.y += 1u; }
        if (t.y >= sizes.x) { t.y -= sizes.x; t.x += 1u; }
    }

    [[unroll]] for (int i = 0; i < TAPS; i++) lane_sums[lane * TAPS + i] = acc[i];
    barrier();
    for (uint tap = lane; tap < TAPS; tap += LANES) {
        float sum = 0;
        for (uint other = 0; other < LANES; other++) sum += lane_sums[other * TAPS + tap];
        const uint v = tap / TAPS_X;
        store(SPLIT, split, group * p.rows + row,
              output_at(uvec4(n0, n1, v, tap - v * TAPS_X)), sum);
    }
}
