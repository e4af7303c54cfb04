// SPDX-License-Identifier: MIT
// One step of an LSTM and of a GRU, and its gradient: all gates in one kernel each.
#pragma once

#include <ingot/tensor.h>

namespace ingot::ops {

// States are [B, H]; `gates` [B, 4 H] is what the gradient needs.
struct LstmStep {
    Tensor h, c, gates;
};
LstmStep lstm_step(const Tensor& pre, const Tensor& c);  // pre [B, 4 H]: W x + U h + b
struct LstmStepGradient {
    Tensor d_pre, d_c;  // d_c before the step
};
LstmStepGradient lstm_step_gradient(const Tensor& gates, const Tensor& c, const Tensor& c_next,
                                    const Tensor& d_h, const Tensor& d_c);

struct GruStep {
    Tensor h, gates;
};
GruStep gru_step(const Tensor& x, const Tensor& m, const Tensor& h);  // W x + b, U h + b: [B, 3 H]
struct GruStepGradient {
    Tensor d_x, d_m, d_h;  // d_h before the step but for d_m's share
};
GruStepGradient gru_step_gradient(const Tensor& gates, const Tensor& h, const Tensor& d_h);

Tensor or_zeros(const Tensor& x, const Shape& shape);  // zeros for an empty x

}  // namespace ingot::ops
