// SPDX-License-Identifier: MIT
// Convolution.
#pragma once

#include <ingot/tensor.h>

#include <array>
#include <cstdint>

namespace ingot {

struct Conv2dOptions {
    std::array<std::int64_t, 2> stride{1, 1};  // height, width
    std::array<std::int64_t, 2> padding{0, 0};
    std::array<std::int64_t, 2> dilation{1, 1};
    std::int64_t groups = 1;
};
// x [B, C, H, W], weight [O, C / groups, kh, kw], bias [O] or empty -> [B, O, H', W'] with
// H' = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1, rounded down.
INGOT_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const Conv2dOptions& options = {});

}  // namespace ingot
