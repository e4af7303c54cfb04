// SPDX-License-Identifier: MIT
// Pointwise functions. Two operands are broadcast to a common shape by NumPy's rule.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

INGOT_API Tensor operator+(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator-(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator*(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator/(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator-(const Tensor& x);
INGOT_API Tensor maximum(const Tensor& a, const Tensor& b);  // a NaN in either passes on
INGOT_API Tensor minimum(const Tensor& a, const Tensor& b);
INGOT_API Tensor pow(const Tensor& base, const Tensor& exponent);
INGOT_API Tensor abs(const Tensor& x);
INGOT_API Tensor square(const Tensor& x);
INGOT_API Tensor exp(const Tensor& x);
INGOT_API Tensor log(const Tensor& x);  // natural
INGOT_API Tensor sqrt(const Tensor& x);
INGOT_API Tensor tanh(const Tensor& x);
INGOT_API Tensor sigmoid(const Tensor& x);
INGOT_API Tensor erf(const Tensor& x);
INGOT_API Tensor relu(const Tensor& x);  // the gradient at 0 is 0

enum class GeluForm { kErf, kTanh };  // PyTorch's approximate="none" and "tanh"
INGOT_API Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kErf);

INGOT_API Tensor cast(const Tensor& x, DType dtype);  // i32 and u8 to f32, f32 to i32 (towards 0)

// 1 where the elements are equal, else 0; both f32 or both i32. No gradient.
INGOT_API Tensor equal(const Tensor& a, const Tensor& b);

}  // namespace ingot
