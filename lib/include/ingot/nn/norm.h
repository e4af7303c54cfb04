// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

struct BatchNormLayerOptions {
    double epsilon = 1e-5;
    double momentum = 0.1;  // of the new batch in the running statistics
};
// Ioffe and Szegedy, "Batch normalization", ICML 2015. weight, bias, running_mean, running_var [C].
// 1d: x [B, C] or [B, C, L]; 2d: x [B, C, H, W].
class INGOT_API BatchNorm1d : public Module {
public:
    explicit BatchNorm1d(std::int64_t channels, const BatchNormLayerOptions& options = {});
};
class INGOT_API BatchNorm2d : public Module {
public:
    explicit BatchNorm2d(std::int64_t channels, const BatchNormLayerOptions& options = {});
};

}  // namespace ingot::nn
