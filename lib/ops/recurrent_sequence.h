// SPDX-License-Identifier: MIT
// One recurrent layer in one direction, all steps of it, as an operator with a gradient of its own.
#pragma once

#include "ops/recurrent_cell.h"

#include <ingot/tensor.h>

#include <cstdint>
#include <vector>

namespace ingot::ops {

enum class CellKind { kLstm, kGru, kTanh, kRelu };
std::int64_t gates_of(CellKind kind);
Tensor nonlinear(CellKind kind, const Tensor& x);  // of kTanh and kRelu

struct SequenceInputs {
    Tensor x;          // [T, B, G * H]: the input's product with its weights
    Tensor weight_hh;  // [G * H, H]
    Tensor h;          // [B, H]: the state before the first step
    Tensor c;          // [B, H], of an LSTM
    Tensor bias_hh;    // [G * H], of a GRU
};
struct Sequence {
    Tensor output;  // [T, B, H]
    Tensor h, c;    // [B, H]: the states behind the last step; c of an LSTM
};
Sequence recurrent_sequence(CellKind kind, bool reverse, const SequenceInputs& inputs);

Tensor step_of(const Tensor& x, std::int64_t t);  // [T, B, W] -> [B, W]
Tensor plus(const Tensor& a, const Tensor& b);    // an empty one counts as 0

}  // namespace ingot::ops
