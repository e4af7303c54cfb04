// SPDX-License-Identifier: MIT
// Layers over sequences. Weights, for each layer n from 0 and, where bidirectional, once more with
// the suffix _reverse: weight_ih_l<n> [G * H, in], weight_hh_l<n> [G * H, H], bias_ih_l<n> and
// bias_hh_l<n> [G * H]; the G gates in the order of the operator (ops/recurrent.h). All are drawn
// uniformly within 1 / sqrt(H).
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

struct RecurrentLayerOptions {
    std::int64_t num_layers = 1;
    bool bias = true;
    bool batch_first = false;  // x and output are [B, T, ...] instead of [T, B, ...]
    double dropout = 0;  // of the output of each layer but the last, while training; in [0, 1)
    bool bidirectional = false;  // D = 2 directions, side by side in the output; else D = 1
};

// x [T, B, input_size] -> output [T, B, D * hidden_size], from a state of zeros. with_state()
// starts from the given one, [num_layers * D, B, hidden_size] (empty: zeros), and gives the state
// after the last step besides.
class INGOT_API LSTM : public Module {
public:
    LSTM(std::int64_t input_size, std::int64_t hidden_size,
         const RecurrentLayerOptions& options = {});
    LstmResult with_state(const Tensor& x, const LstmState& state, Mode mode = Mode::kEval) const;
};
class INGOT_API GRU : public Module {
public:
    GRU(std::int64_t input_size, std::int64_t hidden_size,
        const RecurrentLayerOptions& options = {});
    RecurrentResult with_state(const Tensor& x, const Tensor& h, Mode mode = Mode::kEval) const;
};

struct RNNOptions {
    std::int64_t num_layers = 1;
    RnnNonlinearity nonlinearity = RnnNonlinearity::kTanh;
    bool bias = true;  // this and what follows as above
    bool batch_first = false;
    double dropout = 0;
    bool bidirectional = false;
};
class INGOT_API RNN : public Module {
public:
    RNN(std::int64_t input_size, std::int64_t hidden_size, const RNNOptions& options = {});
    RecurrentResult with_state(const Tensor& x, const Tensor& h, Mode mode = Mode::kEval) const;
};

}  // namespace ingot::nn
