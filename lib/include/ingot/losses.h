// SPDX-License-Identifier: MIT
// Losses as a trainer takes them: a name and the expression. Each is a mean over the batch.
#pragma once

#include <ingot/export.h>
#include <ingot/tensor.h>

#include <functional>
#include <string>

namespace ingot::losses {

struct Loss {
    std::string name;
    bool of_labels = false;  // targets are class labels, i32 [B]; else f32 [B, ...]
    std::function<Tensor(const Tensor& output, const Tensor& target)> value;  // f32 []
};

INGOT_API Loss cross_entropy();  // outputs are logits [B, V], targets labels
INGOT_API Loss mse();            // outputs and targets f32 of one shape

}  // namespace ingot::losses
