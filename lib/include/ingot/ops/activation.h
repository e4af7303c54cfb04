// SPDX-License-Identifier: MIT
// Activation functions, with PyTorch's names, formulas and defaults.
#pragma once

#include <ingot/tensor.h>

namespace ingot {

INGOT_API Tensor relu(const Tensor& x);  // the gradient at 0 is 0
INGOT_API Tensor relu6(const Tensor& x);
INGOT_API Tensor leaky_relu(const Tensor& x, float negative_slope = 0.01F);
INGOT_API Tensor prelu(const Tensor& x, const Tensor& weight);  // weight broadcast to x
INGOT_API Tensor elu(const Tensor& x, float alpha = 1.0F);      // alpha (exp x - 1) below 0
INGOT_API Tensor selu(const Tensor& x);
INGOT_API Tensor celu(const Tensor& x, float alpha = 1.0F);  // alpha (exp(x / alpha) - 1) below 0

enum class GeluForm { kErf, kTanh };  // PyTorch's approximate="none" and "tanh"
INGOT_API Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kErf);

INGOT_API Tensor tanh(const Tensor& x);
INGOT_API Tensor sigmoid(const Tensor& x);
INGOT_API Tensor log_sigmoid(const Tensor& x);
INGOT_API Tensor silu(const Tensor& x);                         // x sigmoid(x)
INGOT_API Tensor mish(const Tensor& x);                         // x tanh(softplus(x))
INGOT_API Tensor softplus(const Tensor& x, float beta = 1.0F);  // log(1 + exp(beta x)) / beta
INGOT_API Tensor softsign(const Tensor& x);                     // x / (1 + |x|)
INGOT_API Tensor hardtanh(const Tensor& x, float low = -1.0F, float high = 1.0F);
INGOT_API Tensor hardsigmoid(const Tensor& x);                              // relu6(x + 3) / 6
INGOT_API Tensor hardswish(const Tensor& x);                                // x relu6(x + 3) / 6
INGOT_API Tensor threshold(const Tensor& x, float threshold, float value);  // x above, else value

}  // namespace ingot
