// SPDX-License-Identifier: MIT
// Convolution over one, two or three axes, and its transpose. PyTorch's names, shapes and defaults.
#pragma once

#include <ingot/tensor.h>

#include <array>
#include <cstdint>

namespace ingot {

// An axis of size L becomes L' = (L + 2 padding - dilation (k - 1) - 1) / stride + 1, rounded down.
struct Conv1dOptions {
    std::int64_t stride = 1;
    std::int64_t padding = 0;  // zeros on both sides
    std::int64_t dilation = 1;
    std::int64_t groups = 1;  // of channels, each with weights of its own; channels: depthwise
    bool same = false;        // L' = L: as much padding as it takes, the odd zero behind. Stride 1
};
struct Conv2dOptions {
    std::array<std::int64_t, 2> stride{1, 1};  // height, width
    std::array<std::int64_t, 2> padding{0, 0};
    std::array<std::int64_t, 2> dilation{1, 1};
    std::int64_t groups = 1;
    bool same = false;
};
struct Conv3dOptions {
    std::array<std::int64_t, 3> stride{1, 1, 1};  // depth, height, width
    std::array<std::int64_t, 3> padding{0, 0, 0};
    std::array<std::int64_t, 3> dilation{1, 1, 1};
    std::int64_t groups = 1;
    bool same = false;
};

// x [B, C, L], weight [O, C / groups, k], bias [O] or empty -> [B, O, L']. f32, none of them empty.
INGOT_API Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const Conv1dOptions& options = {});
// x [B, C, H, W], weight [O, C / groups, kh, kw] -> [B, O, H', W']
INGOT_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const Conv2dOptions& options = {});
// x [B, C, D, H, W], weight [O, C / groups, kd, kh, kw] -> [B, O, D', H', W']
INGOT_API Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const Conv3dOptions& options = {});

// The transpose (the data gradient) of a convolution with these options. An axis of size L becomes
// L' = (L - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1.
struct ConvTranspose1dOptions {
    std::int64_t stride = 1;
    std::int64_t padding = 0;         // what the convolution's had been: cuts both ends off
    std::int64_t output_padding = 0;  // adds to one end; below the larger of stride and dilation
    std::int64_t dilation = 1;
    std::int64_t groups = 1;
};
struct ConvTranspose2dOptions {
    std::array<std::int64_t, 2> stride{1, 1};  // height, width
    std::array<std::int64_t, 2> padding{0, 0};
    std::array<std::int64_t, 2> output_padding{0, 0};
    std::array<std::int64_t, 2> dilation{1, 1};
    std::int64_t groups = 1;
};
struct ConvTranspose3dOptions {
    std::array<std::int64_t, 3> stride{1, 1, 1};  // depth, height, width
    std::array<std::int64_t, 3> padding{0, 0, 0};
    std::array<std::int64_t, 3> output_padding{0, 0, 0};
    std::array<std::int64_t, 3> dilation{1, 1, 1};
    std::int64_t groups = 1;
};

// x [B, C, L], weight [C, O / groups, k], bias [O] or empty -> [B, O, L']. f32, none of them empty.
INGOT_API Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                                  const ConvTranspose1dOptions& options = {});
// x [B, C, H, W], weight [C, O / groups, kh, kw] -> [B, O, H', W']
INGOT_API Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                                  const ConvTranspose2dOptions& options = {});
// x [B, C, D, H, W], weight [C, O / groups, kd, kh, kw] -> [B, O, D', H', W']
INGOT_API Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                                  const ConvTranspose3dOptions& options = {});

}  // namespace ingot
