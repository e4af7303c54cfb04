// SPDX-License-Identifier: MIT
// Pooling over one, two or three axes: x [B, C, L], [B, C, H, W], [B, C, D, H, W].
#pragma once

#include <ingot/nn/module.h>
#include <ingot/nn/size.h>

namespace ingot::nn {

template <std::size_t Axes>
struct MaxPoolOptions {
    Size<Axes> stride = 0;   // 0: the kernel's size
    Size<Axes> padding = 0;  // at most half the kernel; never the maximum
    Size<Axes> dilation = 1;
    bool ceil_mode = false;  // the number of windows is rounded up instead of down
};
class INGOT_API MaxPool1d : public Module {
public:
    explicit MaxPool1d(Size1 kernel, const MaxPoolOptions<1>& options = {});
};
class INGOT_API MaxPool2d : public Module {
public:
    explicit MaxPool2d(Size2 kernel, const MaxPoolOptions<2>& options = {});
};
class INGOT_API MaxPool3d : public Module {
public:
    explicit MaxPool3d(Size3 kernel, const MaxPoolOptions<3>& options = {});
};

template <std::size_t Axes>
struct AvgPoolOptions {
    Size<Axes> stride = 0;   // 0: the kernel's size
    Size<Axes> padding = 0;  // at most half the kernel
    bool ceil_mode = false;
    bool count_include_pad = true;  // padding counts as zeros; else only what lies in x counts
};
class INGOT_API AvgPool1d : public Module {
public:
    explicit AvgPool1d(Size1 kernel, const AvgPoolOptions<1>& options = {});
};
class INGOT_API AvgPool2d : public Module {
public:
    explicit AvgPool2d(Size2 kernel, const AvgPoolOptions<2>& options = {});
};
class INGOT_API AvgPool3d : public Module {
public:
    explicit AvgPool3d(Size3 kernel, const AvgPoolOptions<3>& options = {});
};

// As many windows as make an output of the size given, whatever the input's: AdaptiveAvgPool2d{1}
// is the mean of each channel, [B, C, 1, 1].
class INGOT_API AdaptiveAvgPool1d : public Module {
public:
    explicit AdaptiveAvgPool1d(Size1 output_size);
};
class INGOT_API AdaptiveAvgPool2d : public Module {
public:
    explicit AdaptiveAvgPool2d(Size2 output_size);
};
class INGOT_API AdaptiveAvgPool3d : public Module {
public:
    explicit AdaptiveAvgPool3d(Size3 output_size);
};
class INGOT_API AdaptiveMaxPool1d : public Module {
public:
    explicit AdaptiveMaxPool1d(Size1 output_size);
};
class INGOT_API AdaptiveMaxPool2d : public Module {
public:
    explicit AdaptiveMaxPool2d(Size2 output_size);
};
class INGOT_API AdaptiveMaxPool3d : public Module {
public:
    explicit AdaptiveMaxPool3d(Size3 output_size);
};

}  // namespace ingot::nn
