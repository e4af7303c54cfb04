// SPDX-License-Identifier: MIT
// Normalisation. eps is at least 0; an affine layer scales and shifts by a weight that starts at 1
// and a bias that starts at 0.
#pragma once

#include <ingot/nn/module.h>

#include <limits>

namespace ingot::nn {

struct BatchNormLayerOptions {
    double eps = 1e-5;
    double momentum = 0.1;  // of the new batch in the running statistics; in [0, 1]
    bool affine = true;
};
// Ioffe and Szegedy, "Batch normalization", ICML 2015. weight, bias, running_mean, running_var [C].
// 1d: x [B, C] or [B, C, L]; 2d: x [B, C, H, W]; 3d: x [B, C, D, H, W].
class INGOT_API BatchNorm1d : public Module {
public:
    explicit BatchNorm1d(std::int64_t channels, const BatchNormLayerOptions& options = {});
};
class INGOT_API BatchNorm2d : public Module {
public:
    explicit BatchNorm2d(std::int64_t channels, const BatchNormLayerOptions& options = {});
};
class INGOT_API BatchNorm3d : public Module {
public:
    explicit BatchNorm3d(std::int64_t channels, const BatchNormLayerOptions& options = {});
};

struct InstanceNormLayerOptions {
    double eps = 1e-5;
    double momentum = 0.1;  // as of batch norm
    bool affine = false;
    bool track_running_stats = false;  // they normalise in Mode::kEval
};
// Ulyanov et al., "Instance normalization", 2016: each channel of each sample by itself. weight,
// bias, running_mean, running_var [C], where asked for. 1d: x [B, C, L], 2d, 3d as batch norm.
class INGOT_API InstanceNorm1d : public Module {
public:
    explicit InstanceNorm1d(std::int64_t channels, const InstanceNormLayerOptions& options = {});
};
class INGOT_API InstanceNorm2d : public Module {
public:
    explicit InstanceNorm2d(std::int64_t channels, const InstanceNormLayerOptions& options = {});
};
class INGOT_API InstanceNorm3d : public Module {
public:
    explicit InstanceNorm3d(std::int64_t channels, const InstanceNormLayerOptions& options = {});
};

struct GroupNormOptions {
    double eps = 1e-5;
    bool affine = true;
};
// Wu and He, "Group normalization", ECCV 2018. x [B, C, ...], weight, bias [C]; the groups divide
// C.
class INGOT_API GroupNorm : public Module {
public:
    GroupNorm(std::int64_t groups, std::int64_t channels, const GroupNormOptions& options = {});
};

struct LayerNormOptions {
    double eps = 1e-5;
    bool elementwise_affine = true;
    bool bias = true;  // false: the weight alone
};
// Ba, Kiros and Hinton, "Layer normalization", 2016: over the last axes of x [...,
// normalized_shape]. weight, bias [normalized_shape].
class INGOT_API LayerNorm : public Module {
public:
    explicit LayerNorm(std::int64_t features, const LayerNormOptions& options = {});
    explicit LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options = {});
};

struct RMSNormOptions {
    double eps = std::numeric_limits<float>::epsilon();
    bool elementwise_affine = true;
};
// Zhang and Sennrich, "Root mean square layer normalization", 2019: as layer norm, without mean and
// bias. weight [normalized_shape].
class INGOT_API RMSNorm : public Module {
public:
    explicit RMSNorm(std::int64_t features, const RMSNormOptions& options = {});
    explicit RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options = {});
};

}  // namespace ingot::nn
