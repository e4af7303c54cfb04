// SPDX-License-Identifier: MIT
// Normalisation.
#pragma once

#include <ingot/parameter.h>
#include <ingot/tensor.h>

namespace ingot {

struct BatchNormOptions {
    float epsilon = 1e-5F;
    float momentum = 0.1F;  // of the new batch in the running statistics
    bool training = true;   // false: the running statistics normalise
};
// x [B, C] or [B, C, ...]; scale, shift, running_mean, running_variance [C]. Training normalises by
// the batch's mean and biased variance and moves the running statistics (unbiased variance), as in
// PyTorch; refused when there is only one value per channel.
INGOT_API Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift,
                            const Parameter& running_mean, const Parameter& running_variance,
                            const BatchNormOptions& options = {});

}  // namespace ingot
