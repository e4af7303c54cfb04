// SPDX-License-Identifier: MIT
// Losses, with PyTorch's names and formulas. Each is reduced to its mean unless told otherwise.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

enum class Reduction { kMean, kSum, kNone };
// logits [B, V], labels i32 [B] in [0, V) -> [] (or [B] without reduction). A label out of range is
// found on the device: nothing is updated, and the next run or read throws, naming it.
INGOT_API Tensor cross_entropy(const Tensor& logits, const Tensor& labels,
                               Reduction reduction = Reduction::kMean);
INGOT_API Tensor mse_loss(const Tensor& x, const Tensor& target,
                          Reduction reduction = Reduction::kMean);
// The share of rows whose largest logit is at the label: logits [B, V], labels i32 [B] -> [].
INGOT_API Tensor accuracy(const Tensor& logits, const Tensor& labels);

}  // namespace ingot
