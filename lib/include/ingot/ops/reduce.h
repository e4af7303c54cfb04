// SPDX-License-Identifier: MIT
// Reductions along axes.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <vector>

namespace ingot {

struct ReduceOptions {
    std::vector<std::int64_t> axes;  // empty: all
    bool keep_axes = false;          // as axes of size 1
};
INGOT_API Tensor sum(const Tensor& x, const ReduceOptions& options = {});
INGOT_API Tensor mean(const Tensor& x, const ReduceOptions& options = {});
// The gradient is shared equally among equal maxima, as in PyTorch's amax.
INGOT_API Tensor max(const Tensor& x, const ReduceOptions& options = {});
// The first of equal maxima; i32. No gradient.
INGOT_API Tensor argmax(const Tensor& x, std::int64_t axis = -1);

}  // namespace ingot
