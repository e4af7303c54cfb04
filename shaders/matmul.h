// SPDX-License-Identifier: MIT
// Parameters of the matmul kernels. op(A) [M, K] is stored [M, K], or [K, M] if transposed; op(B)
// [K, N] likewise. Strides in elements.
#ifndef INGOT_SHADERS_MATMUL_H
#define INGOT_SHADERS_MATMUL_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct MatmulParameters {
    uint M;
    uint N;
    uint K;
    uint lda;  // from one stored row of A to the next
    uint ldb;
    uint a_batch_stride;  // 0: one A for all
    uint b_batch_stride;
};

INGOT_SHADER_END

#endif
