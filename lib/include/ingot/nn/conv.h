// SPDX-License-Identifier: MIT
// Convolution over one, two or three axes, and its transpose.
#pragma once

#include <ingot/nn/module.h>
#include <ingot/nn/size.h>

namespace ingot::nn {

template <std::size_t Axes>
struct ConvOptions {
    Size<Axes> kernel = 3;
    Size<Axes> stride = 1;
    Size<Axes> padding = 0;  // on both sides
    Size<Axes> dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
    bool same = false;  // PyTorch's padding="same": as much as keeps the size; stride 1
    PadMode padding_mode = PadMode::kConstant;  // what the padding holds: zeros
};
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;
using Conv3dOptions = ConvOptions<3>;

// x [B, in, L] -> [B, out, L']. weight [out, in / groups, k], bias [out].
class INGOT_API Conv1d : public Module {
public:
    Conv1d(std::int64_t in_channels, std::int64_t out_channels, const Conv1dOptions& options = {});
};
// x [B, in, H, W] -> [B, out, H', W']. weight [out, in / groups, kh, kw], bias [out].
class INGOT_API Conv2d : public Module {
public:
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, const Conv2dOptions& options = {});
};
// x [B, in, D, H, W] -> [B, out, D', H', W']. weight [out, in / groups, kd, kh, kw], bias [out].
class INGOT_API Conv3d : public Module {
public:
    Conv3d(std::int64_t in_channels, std::int64_t out_channels, const Conv3dOptions& options = {});
};

template <std::size_t Axes>
struct ConvTransposeOptions {
    Size<Axes> kernel = 3;
    Size<Axes> stride = 1;
    Size<Axes> padding = 0;         // of the convolution that this turns round: cuts both ends off
    Size<Axes> output_padding = 0;  // adds to one end; below the larger of stride and dilation
    Size<Axes> dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
};
using ConvTranspose1dOptions = ConvTransposeOptions<1>;
using ConvTranspose2dOptions = ConvTransposeOptions<2>;
using ConvTranspose3dOptions = ConvTransposeOptions<3>;

// Shapes as above, weight [in, out / groups, ...].
class INGOT_API ConvTranspose1d : public Module {
public:
    ConvTranspose1d(std::int64_t in_channels, std::int64_t out_channels,
                    const ConvTranspose1dOptions& options = {});
};
class INGOT_API ConvTranspose2d : public Module {
public:
    ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels,
                    const ConvTranspose2dOptions& options = {});
};
class INGOT_API ConvTranspose3d : public Module {
public:
    ConvTranspose3d(std::int64_t in_channels, std::int64_t out_channels,
                    const ConvTranspose3dOptions& options = {});
};

}  // namespace ingot::nn
