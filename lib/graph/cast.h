// SPDX-License-Identifier: MIT
// Conversion between element types: a pointwise operation for each kind of register, since a
// program's registers hold f32, i32 or the word of a bool whatever the storage.
#pragma once

#include "graph/op_def.h"

namespace ingot::graph {

// Floats to i32 round towards 0, to u8 likewise and modulo 256; anything but 0 is true.
Tensor cast(const Tensor& x, DType dtype);

// Whether it is f16 or bf16.
bool is_narrow_float(DType dtype);

// The type that floating operands of different types are computed in: the widest wins, f16 and bf16
// meet in f32. Numbers of rank 0 give way to tensors, and literals to both, as in PyTorch.
DType promoted(std::span<const Tensor> operands);

}  // namespace ingot::graph
