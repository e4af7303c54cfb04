// SPDX-License-Identifier: MIT
// Comparisons, logic, and the choice between two tensors: bools. Operands are broadcast; both are
// floats, or both are i32. None of them has a gradient but `where`, in what it chooses from.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

INGOT_API Tensor equal(const Tensor& a, const Tensor& b);  // false where either is NaN
INGOT_API Tensor not_equal(const Tensor& a, const Tensor& b);
INGOT_API Tensor greater(const Tensor& a, const Tensor& b);
INGOT_API Tensor greater_equal(const Tensor& a, const Tensor& b);
INGOT_API Tensor less(const Tensor& a, const Tensor& b);
INGOT_API Tensor less_equal(const Tensor& a, const Tensor& b);

INGOT_API Tensor isnan(const Tensor& x);
INGOT_API Tensor isfinite(const Tensor& x);
INGOT_API Tensor isinf(const Tensor& x);

INGOT_API Tensor logical_and(const Tensor& a, const Tensor& b);
INGOT_API Tensor logical_or(const Tensor& a, const Tensor& b);
INGOT_API Tensor logical_xor(const Tensor& a, const Tensor& b);
INGOT_API Tensor logical_not(const Tensor& x);

// a where `condition` (bool) holds, else b; a and b both floats, both i32, or both bool.
INGOT_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace ingot
