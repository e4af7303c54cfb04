// SPDX-License-Identifier: MIT
// Recurrent layers over sequences, and their single steps. Weights are named,
// shaped and ordered as in PyTorch: gates (i, f, g, o) of an LSTM, (r, z, n) of
// a GRU.
#pragma once

#include <ingot/tensor.h>

#include <span>

namespace ingot {

class Generator;

// Of one layer in one direction; G is 4 for an LSTM, 3 for a GRU, 1 for a plain
// RNN.
struct RecurrentWeights {
    Tensor weight_ih;     // [G * H, I]; of layers above the first I is H, or 2 H if
                          // bidirectional
    Tensor weight_hh;     // [G * H, H]
    Tensor bias_ih = {};  // [G * H]; empty: none
    Tensor bias_hh = {};  // [G * H]; empty: none
};

struct RecurrentOptions {
    bool bidirectional = false;      // a second pass from the last step to the first
    bool batch_first = false;        // x and output are [B, T, ...] instead of [T, B, ...]
    float dropout = 0;               // of the output of each layer but the last, in [0, 1)
    Generator* generator = nullptr;  // needed where dropout is above 0
};

struct RecurrentResult {
    Tensor output;  // [T, B, D * H] of the last layer, D directions side by side
    Tensor h;       // [layers * D, B, H]: the state after the last step
};

struct LstmState {
    Tensor h = {}, c = {};  // [layers * D, B, H], of a cell [B, H]; empty: zeros
};
struct LstmResult {
    Tensor output, h, c;  // as in RecurrentResult
};

enum class RnnNonlinearity { kTanh, kRelu };

// x [T, B, I]. `weights`: layer by layer, forward before reverse, as PyTorch's
// _l0, _l0_reverse, _l1, ...; their number says how many layers there are.
//   i, f, o = sigmoid(W x + b + U h + d), g = tanh(...), c' = f c + i g, h' = o
//   tanh(c')
INGOT_API LstmResult lstm(const Tensor& x, const LstmState& state,
                          std::span<const RecurrentWeights> weights,
                          const RecurrentOptions& options = {});
//   r, z = sigmoid(W x + b + U h + d), n = tanh(W x + b + r (U h + d)), h' = (1
//   - z) n + z h
INGOT_API RecurrentResult gru(const Tensor& x, const Tensor& h,
                              std::span<const RecurrentWeights> weights,
                              const RecurrentOptions& options = {});
//   h' = tanh or relu(W x + b + U h + d)
INGOT_API RecurrentResult rnn(const Tensor& x, const Tensor& h,
                              std::span<const RecurrentWeights> weights,
                              const RecurrentOptions& options = {},
                              RnnNonlinearity nonlinearity = RnnNonlinearity::kTanh);

// One step: x [B, I], state [B, H] or empty -> the state after it.
INGOT_API LstmState lstm_cell(const Tensor& x, const LstmState& state,
                              const RecurrentWeights& weights);
INGOT_API Tensor gru_cell(const Tensor& x, const Tensor& h, const RecurrentWeights& weights);
INGOT_API Tensor rnn_cell(const Tensor& x, const Tensor& h, const RecurrentWeights& weights,
                          RnnNonlinearity nonlinearity = RnnNonlinearity::kTanh);

}  // namespace ingot
