// SPDX-License-Identifier: MIT
// Parameters of the convolution kernels. All three directions are one product with a gathered right
// operand; the strides say which. With columns n = (n0, n1, n2) and reduced k = (k0, k1, k2),
//
//   C[m, n] = sum_k A[m, k] * X[y, x]      y = n1 y_n + k1 y_k + y_0,  x = n2 x_n + k2 x_k + x_0
//
// where X is the image at n0 x_n0 + k0 x_k0, and zero outside height and width. One such product
// for each of the convolution's groups.
#ifndef INGOT_SHADERS_CONV2D_H
#define INGOT_SHADERS_CONV2D_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

// Strides and offsets in elements.
struct Conv2dParameters {
    uint rows;     // m, of one group
    uint columns;  // n0 n1 n2 together
    uint n1;
    uint n2;
    uint k;  // k0 k1 k2 together
    uint k1;
    uint k2;
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
    uint height;
    uint width;
    int y_n;
    int y_k;
    int y_0;
    int x_n;
    int x_k;
    int x_0;
    uint out_row;  // rows follow each other through all groups
    uint out_n0;
    uint out_n1;
    uint out_n2;
    uint out_offset;
    uint partial_stride;  // from one split's results to the next
};

struct Conv2dSumParameters {
    uint count;   // elements of the output
    uint splits;
    uint row_div;  // the epilogue's row of element e is e / row_div % rows
    uint rows;
};

INGOT_SHADER_END

#endif
