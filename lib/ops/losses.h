// SPDX-License-Identifier: MIT
// What the losses share.
#pragma once

#include <ingot/ops.h>

#include <optional>

namespace ingot::ops {

Tensor reduced(const Tensor& losses, Reduction reduction);

// Of operands of this type: the same, but f32 where an Autocast is in force.
DType type_of_loss(DType of_operands);

// Two tensors of one shape as f32, and the type that their loss is to have.
struct Operands {
    Tensor x, target;
    DType dtype;

    Tensor reduced(const Tensor& losses, Reduction reduction) const;  // of that type
};
Operands alike(const char* operation, const Tensor& x, const Tensor& target);

// x f32[B, V, ...] and labels i32[B, ...].
void expect_classes(const char* operation, const Tensor& x, const Tensor& labels);

// -log softmax(x)[label] of rows x f32[B, V], labels i32[B]; 0 where the label is the ignored one.
Tensor cross_entropy_rows(const Tensor& x, const Tensor& labels,
                          std::optional<std::int32_t> ignored);

// weight[label], of each label: x [B, V, ...], labels i32 [B, ...], weight [V].
Tensor weights_of(const char* operation, const Tensor& x, const Tensor& labels,
                  const Tensor& weight);

}  // namespace ingot::ops
