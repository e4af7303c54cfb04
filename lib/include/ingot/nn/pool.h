// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>
#include <ingot/nn/size.h>

namespace ingot::nn {

struct PoolLayerOptions {
    Size2 stride = 0;   // 0: the kernel's size
    Size2 padding = 0;  // at most half the kernel
};
// x [B, C, H, W] -> [B, C, H', W'].
class INGOT_API MaxPool2d : public Module {
public:
    explicit MaxPool2d(Size2 kernel, const PoolLayerOptions& options = {});
};
class INGOT_API AvgPool2d : public Module {
public:
    explicit AvgPool2d(Size2 kernel, const PoolLayerOptions& options = {});
};

}  // namespace ingot::nn
