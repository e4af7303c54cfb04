// SPDX-License-Identifier: MIT
// The same elements in another shape or order: views, free unless a kernel cannot follow their
// strides, and what puts tensors together.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <optional>
#include <span>

namespace ingot {

INGOT_API Tensor reshape(const Tensor& x, const Shape& shape);
// One size may be given as -1: what is left.
INGOT_API Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes);
INGOT_API Tensor flatten(const Tensor& x, std::int64_t start_axis = 0, std::int64_t end_axis = -1);
INGOT_API Tensor transpose(const Tensor& x, std::int64_t axis_a = -2, std::int64_t axis_b = -1);
INGOT_API Tensor permute(const Tensor& x, std::span<const std::int64_t> axes);
INGOT_API Tensor permute(const Tensor& x, std::initializer_list<std::int64_t> axes);
INGOT_API Tensor expand(const Tensor& x, const Shape& shape);  // broadcast to `shape`

struct SliceOptions {
    std::int64_t axis = 0;
    std::int64_t begin = 0;           // from the back when negative
    std::optional<std::int64_t> end;  // exclusive; from the back when negative; default: the size
    std::int64_t step = 1;            // at least 1
};
INGOT_API Tensor slice(const Tensor& x, const SliceOptions& options);
// Shapes agree but for `axis`.
INGOT_API Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis = 0);

}  // namespace ingot
