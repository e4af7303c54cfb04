// SPDX-License-Identifier: MIT
// Pooling.
#pragma once

#include <ingot/tensor.h>

#include <array>
#include <cstdint>

namespace ingot {

struct Pool2dOptions {
    std::array<std::int64_t, 2> kernel{2, 2};
    std::array<std::int64_t, 2> stride{0, 0};   // 0: the kernel's size
    std::array<std::int64_t, 2> padding{0, 0};  // at most half the kernel
};
// x [B, C, H, W] -> [B, C, H', W']. Of equal maxima the first takes the gradient.
INGOT_API Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options = {});
// Padding counts as zeros (PyTorch's count_include_pad=True).
INGOT_API Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options = {});

}  // namespace ingot
