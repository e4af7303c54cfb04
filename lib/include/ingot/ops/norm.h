// SPDX-License-Identifier: MIT
// Normalisation. Weights and biases are optional: an empty Tensor scales by 1 or adds 0.
#pragma once

#include <ingot/parameter.h>
#include <ingot/tensor.h>

#include <cstdint>
#include <limits>

namespace ingot {

struct BatchNormOptions {
    float epsilon = 1e-5F;
    float momentum = 0.1F;  // of the new batch in the running statistics
    bool training = true;   // false: the running statistics normalise
};
// x [B, C] or [B, C, ...]; scale and shift [C] or empty; running_mean, running_variance [C].
// Training normalises by the batch's mean and biased variance and moves the running statistics
// (unbiased variance), as in PyTorch; refused when there is only one value per channel. Applied
// several times in one step, it moves the running statistics as often, in the order of writing.
INGOT_API Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift,
                            const Parameter& running_mean, const Parameter& running_variance,
                            const BatchNormOptions& options = {});

// Over the last axes of x [..., normalized_shape], whose sizes `normalized_shape` repeats:
//   y = (x - mean) / sqrt(variance + eps) * weight + bias, weight and bias [normalized_shape].
// (Ba, Kiros and Hinton, "Layer normalization", 2016.) The variance is the biased one; eps >= 0.
INGOT_API Tensor layer_norm(const Tensor& x, const Shape& normalized_shape,
                            const Tensor& weight = {}, const Tensor& bias = {}, float eps = 1e-5F);

// y = x / sqrt(mean of x^2 + eps) * weight over the last axes of x, as layer_norm. (Zhang and
// Sennrich, "Root mean square layer normalization", 2019.) PyTorch's default for eps: f32's
// epsilon.
INGOT_API Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                          float eps = std::numeric_limits<float>::epsilon());

// x [B, C, ...] of which each sample's C / groups neighbouring channels are normalised together,
// over all that follows them; weight and bias [C]. `groups` divides C. (Wu and He, "Group
// normalization", 2018.)
INGOT_API Tensor group_norm(const Tensor& x, std::int64_t groups, const Tensor& weight = {},
                            const Tensor& bias = {}, float eps = 1e-5F);

struct InstanceNormOptions {
    Parameter running_mean = {};  // [C]; both or neither: nothing is kept
    Parameter running_var = {};   // [C], unbiased
    bool use_input_stats = true;  // false: the running statistics normalise
    float momentum = 0.1F;        // of the new batch's average in the running statistics; in [0, 1]
    float eps = 1e-5F;            // at least 0
};
// x [B, C, ...] of which each channel of each sample is normalised by itself; weight and bias [C].
// Refused when a channel of a sample has only one value. (Ulyanov et al., "Instance normalization",
// 2016.)
INGOT_API Tensor instance_norm(const Tensor& x, const Tensor& weight = {}, const Tensor& bias = {},
                               const InstanceNormOptions& options = {});

}  // namespace ingot
