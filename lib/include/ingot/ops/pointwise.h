// SPDX-License-Identifier: MIT
// Arithmetic, element by element. Two operands are broadcast to a common shape by NumPy's rule.
// Floats of different types meet in f32; a single number (a float literal, say) takes the type of
// the tensor it meets. i32 meets i32.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

INGOT_API Tensor operator+(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator-(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator*(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator/(const Tensor& a, const Tensor& b);  // floats
INGOT_API Tensor operator-(const Tensor& x);
INGOT_API Tensor maximum(const Tensor& a, const Tensor& b);  // a NaN in either passes on
INGOT_API Tensor minimum(const Tensor& a, const Tensor& b);

// Rounded towards minus infinity, and what is then left, of the divisor's sign: floats or i32. An
// i32 divided by 0 gives 0.
INGOT_API Tensor floor_divide(const Tensor& a, const Tensor& b);
INGOT_API Tensor remainder(const Tensor& a, const Tensor& b);

// Floats only from here on, but for abs.
INGOT_API Tensor pow(const Tensor& base, const Tensor& exponent);
INGOT_API Tensor abs(const Tensor& x);
INGOT_API Tensor square(const Tensor& x);
INGOT_API Tensor reciprocal(const Tensor& x);
INGOT_API Tensor exp(const Tensor& x);
INGOT_API Tensor expm1(const Tensor& x);  // exp(x) - 1, exact near 0
INGOT_API Tensor log(const Tensor& x);    // natural
INGOT_API Tensor log1p(const Tensor& x);  // log(1 + x), exact near 0
INGOT_API Tensor sqrt(const Tensor& x);
INGOT_API Tensor rsqrt(const Tensor& x);  // 1 / sqrt(x)
// Absolute error below 4e-7 for |x| up to 1e5; beyond, the argument's own spacing decides.
INGOT_API Tensor sin(const Tensor& x);
INGOT_API Tensor cos(const Tensor& x);
INGOT_API Tensor tan(const Tensor& x);
INGOT_API Tensor asin(const Tensor& x);
INGOT_API Tensor acos(const Tensor& x);
INGOT_API Tensor atan(const Tensor& x);
INGOT_API Tensor sinh(const Tensor& x);
INGOT_API Tensor cosh(const Tensor& x);
INGOT_API Tensor asinh(const Tensor& x);
INGOT_API Tensor acosh(const Tensor& x);
INGOT_API Tensor atanh(const Tensor& x);
INGOT_API Tensor erf(const Tensor& x);

// The gradient passes inside and at the ends, as in PyTorch. Throws unless low <= high; infinite
// ends are allowed.
INGOT_API Tensor clamp(const Tensor& x, float low, float high);

// Steps: their gradient is 0 everywhere.
INGOT_API Tensor floor(const Tensor& x);
INGOT_API Tensor ceil(const Tensor& x);
INGOT_API Tensor trunc(const Tensor& x);
INGOT_API Tensor round(const Tensor& x);  // ties to even
INGOT_API Tensor sign(const Tensor& x);

// Between any two types: floats to integers towards 0, to u8 modulo 256, to bool whether not 0.
// Differentiable between floats.
INGOT_API Tensor cast(const Tensor& x, DType dtype);

}  // namespace ingot
