// SPDX-License-Identifier: MIT
// What the losses share.
#pragma once

#include <ingot/ops.h>

namespace ingot::ops {

Tensor reduced(const Tensor& losses, Reduction reduction);

// Both f32 and of one shape.
void expect_alike(const char* operation, const Tensor& x, const Tensor& target);

// weight[label], of each label: x [B, V, ...], labels i32 [B, ...], weight [V].
Tensor weights_of(const char* operation, const Tensor& x, const Tensor& labels,
                  const Tensor& weight);

}  // namespace ingot::ops
