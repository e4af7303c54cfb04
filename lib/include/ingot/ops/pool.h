// SPDX-License-Identifier: MIT
// Pooling over windows of one, two or three axes. PyTorch's names, shapes and defaults.
#pragma once

#include <ingot/tensor.h>

#include <array>
#include <cstdint>
#include <utility>

namespace ingot {

// An axis of size L becomes L' = (L + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded
// down; rounded up with ceil_mode, less a last window that would begin in the padding behind.
struct MaxPool1dOptions {
    std::int64_t kernel = 2;
    std::int64_t stride = 0;   // 0: the kernel's size
    std::int64_t padding = 0;  // on both sides, at most half the kernel; never the maximum
    std::int64_t dilation = 1;
    bool ceil_mode = false;
};
struct MaxPool2dOptions {
    std::array<std::int64_t, 2> kernel{2, 2};  // height, width
    std::array<std::int64_t, 2> stride{0, 0};
    std::array<std::int64_t, 2> padding{0, 0};
    std::array<std::int64_t, 2> dilation{1, 1};
    bool ceil_mode = false;
};
struct MaxPool3dOptions {
    std::array<std::int64_t, 3> kernel{2, 2, 2};  // depth, height, width
    std::array<std::int64_t, 3> stride{0, 0, 0};
    std::array<std::int64_t, 3> padding{0, 0, 0};
    std::array<std::int64_t, 3> dilation{1, 1, 1};
    bool ceil_mode = false;
};
// x f32 [B, C, L] -> [B, C, L'] and so on. Of equal maxima the first takes the gradient; a NaN is
// larger than every number.
INGOT_API Tensor max_pool1d(const Tensor& x, const MaxPool1dOptions& options = {});
INGOT_API Tensor max_pool2d(const Tensor& x, const MaxPool2dOptions& options = {});
INGOT_API Tensor max_pool3d(const Tensor& x, const MaxPool3dOptions& options = {});
// The maxima, and where each stood: its element's number in its image x[b, c], i32 like y's shape.
INGOT_API std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& x,
                                                            const MaxPool1dOptions& options = {});
INGOT_API std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& x,
                                                            const MaxPool2dOptions& options = {});
INGOT_API std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& x,
                                                            const MaxPool3dOptions& options = {});

struct AvgPool1dOptions {
    std::int64_t kernel = 2;
    std::int64_t stride = 0;   // 0: the kernel's size
    std::int64_t padding = 0;  // on both sides, at most half the kernel
    bool ceil_mode = false;
    bool count_include_pad = true;  // padding counts as zeros; else only what lies in x counts
};
struct AvgPool2dOptions {
    std::array<std::int64_t, 2> kernel{2, 2};  // height, width
    std::array<std::int64_t, 2> stride{0, 0};
    std::array<std::int64_t, 2> padding{0, 0};
    bool ceil_mode = false;
    bool count_include_pad = true;
};
struct AvgPool3dOptions {
    std::array<std::int64_t, 3> kernel{2, 2, 2};  // depth, height, width
    std::array<std::int64_t, 3> stride{0, 0, 0};
    std::array<std::int64_t, 3> padding{0, 0, 0};
    bool ceil_mode = false;
    bool count_include_pad = true;
};
INGOT_API Tensor avg_pool1d(const Tensor& x, const AvgPool1dOptions& options = {});
INGOT_API Tensor avg_pool2d(const Tensor& x, const AvgPool2dOptions& options = {});
INGOT_API Tensor avg_pool3d(const Tensor& x, const AvgPool3dOptions& options = {});

// Windows that divide each axis into output_size parts, at least 1: part i of n reaches from
// floor(i L / n) to ceil((i + 1) L / n), so that parts overlap where n does not divide L.
INGOT_API Tensor adaptive_avg_pool1d(const Tensor& x, std::int64_t output_size);
INGOT_API Tensor adaptive_avg_pool2d(const Tensor& x, std::array<std::int64_t, 2> output_size);
INGOT_API Tensor adaptive_avg_pool3d(const Tensor& x, std::array<std::int64_t, 3> output_size);
INGOT_API Tensor adaptive_max_pool1d(const Tensor& x, std::int64_t output_size);
INGOT_API Tensor adaptive_max_pool2d(const Tensor& x, std::array<std::int64_t, 2> output_size);
INGOT_API Tensor adaptive_max_pool3d(const Tensor& x, std::array<std::int64_t, 3> output_size);

// x [B, C, ...] -> [B, C]: mean and max over all other axes. Equal maxima share the gradient.
INGOT_API Tensor global_avg_pool(const Tensor& x);
INGOT_API Tensor global_max_pool(const Tensor& x);

}  // namespace ingot
