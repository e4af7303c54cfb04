// SPDX-License-Identifier: MIT
// Parameters of the convolution kernels. All three directions are one product with a gathered right
// operand; the strides say which. With columns n = (n0, n1, n2, n3) and reduced k = (k0, k1, k2,
// k3),
//
//   C[m, n] = sum_k A[m, k] * X[z, y, x]
//   z = n1 Z_N + k1 Z_K + z_0,  y = n2 Y_N + k2 Y_K + y_0,  x = n3 X_N + k3 X_K + x_0
//
// where X is the image at n0 x_n0 + k0 x_k0, and zero outside depth, height and width. One such
// product for each of the convolution's groups. The steps of z, y and x, and the strides of A and C
// along x, few numbers that a network's layers share, are specialization constants
// (common/gathered_product.glsl): the rest would not fit.
#ifndef INGOT_SHADERS_CONV_H
#define INGOT_SHADERS_CONV_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

// Strides and offsets in elements.
struct ConvParameters {
    uint rows;     // m, of one group
    uint columns;  // n0 n1 n2 n3 together
    uint n1;
    uint n2;
    uint n3;
    uint k;  // k0 k1 k2 k3 together
    uint k1;
    uint k2;
    uint k3;
    uint k_per_split;
    uint splits;  // of k; grid z is group * splits + split
    uint a_row;
    uint a_k0;
    uint a_k1;
    uint a_k2;
    uint a_group;
    uint a_offset;
    uint x_n0;
    uint x_k0;
    uint x_group;
    uint depth;
    uint height;
    uint width;
    int z_0;
    int y_0;
    int x_0;
    uint out_row;  // rows follow each other through all groups
    uint out_n0;
    uint out_n1;
    uint out_n2;
    uint out_offset;
    uint partial_stride;  // from one split's results to the next
};

struct ConvSumParameters {
    uint count;  // elements of the output
    uint splits;
    uint row_div;  // the epilogue's row of element e is e / row_div % rows
    uint rows;
};

INGOT_SHADER_END

#endif
