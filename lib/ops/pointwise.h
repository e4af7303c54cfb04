// SPDX-License-Identifier: MIT
// Pointwise functions that other operators are written with and that are not public as they stand.
#pragma once

#include <ingot/ops.h>

namespace ingot::ops {

// u8 and bool as i32, others as they are: kernels take elements of a word each.
Tensor in_words(const Tensor& x);

Tensor pass_if_positive(const Tensor& gate, const Tensor& x);  // x where gate > 0, else 0
// Uniform in [0, 1): the words are given by key, counter and stream (i32 []). Equal numbers asked
// for by different uses are computed twice instead of being kept in memory between the two.
Tensor uniform(const Shape& shape, const Tensor& key, const Tensor& counter, const Tensor& stream,
               std::uint32_t use = 0);

// What `d`, of the broadcast shape, comes to for an operand of shape `shape`: the sum over the axes
// along which the operand was repeated.
Tensor sum_to(const Tensor& d, const Shape& shape);

}  // namespace ingot::ops
