// SPDX-License-Identifier: MIT
// The matrix product.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

// a [..., M, K] x b [..., K, N] -> [..., M, N]; leading axes are broadcast.
INGOT_API Tensor matmul(const Tensor& a, const Tensor& b);
// x [..., K], weight [N, K], bias [N] or empty -> [..., N]: x weight^T + bias.
INGOT_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace ingot
