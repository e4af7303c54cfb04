// SPDX-License-Identifier: MIT
// Recurrent layers: LSTM, GRU, plain RNN; and single steps of them.
//   x [T, B, I] -> output [T, B, H], state [B, H]
// The input's product W x + b is made for all steps at once; what follows is a sequence
// (recurrent_sequence.h) for each layer and direction.
#include "ops/recurrent_sequence.h"

#include "core/check.h"
#include "graph/autocast.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

const char* name_of(CellKind kind) {
    return kind == CellKind::kLstm ? "lstm" : kind == CellKind::kGru ? "gru" : "rnn";
}

void expect(const std::string& name, const Tensor& x, const Shape& shape, const std::string& of) {
    if (x && is_floating(x.dtype()) && x.shape() == shape) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not f32{}", name, of,
         x ? to_string(x.spec()) : "empty", to_string(shape));
}

// Steps are computed in f32 whatever the storage; results take the type of the input, or what an
// Autocast makes of it.
class Widening {
public:
    Tensor operator()(const Tensor& x) const {
        return x && is_floating(x.dtype()) ? cast(casting_(x), f32) : x;
    }
    RecurrentWeights operator()(const RecurrentWeights& w) const {
        RecurrentWeights wide = w;
        for (Tensor* x : {&wide.weight_ih, &wide.weight_hh, &wide.bias_ih, &wide.bias_hh})
            *x = (*this)(*x);
        return wide;
    }
    Tensor result(const Tensor& y, DType input) const {
        return cast(y, casting_.result_type(input));
    }

private:
    graph::Casting casting_{graph::AutocastRule::kLower};
};

// Checks one layer's weights against `width` columns of input; returns H.
std::int64_t check_weights(const std::string& name, CellKind kind, const RecurrentWeights& w,
                           std::int64_t width, const std::string& suffix) {
    const std::int64_t gates = gates_of(kind);
    if (!w.weight_hh || w.weight_hh.shape().rank() != 2 || w.weight_hh.shape()[1] < 1) {
        fail(ErrorKind::kInvalidArgument, "{}: weight_hh{} is {}, not f32[{} * H, H]", name, suffix,
             w.weight_hh ? to_string(w.weight_hh.spec()) : "empty", gates);
    }
    const std::int64_t hidden = w.weight_hh.shape()[1];
    expect(name, w.weight_hh, {gates * hidden, hidden}, "weight_hh" + suffix);
    expect(name, w.weight_ih, {gates * hidden, width}, "weight_ih" + suffix);
    if (w.bias_ih) expect(name, w.bias_ih, {gates * hidden}, "bias_ih" + suffix);
    if (w.bias_hh) expect(name, w.bias_hh, {gates * hidden}, "bias_hh" + suffix);
    return hidden;
}

// W x + b, with what may be added of bias_hh beforehand; a GRU's is scaled by its reset gate.
Tensor input_product(CellKind kind, const Tensor& x, const RecurrentWeights& w) {
    return linear(x, w.weight_ih, kind == CellKind::kGru ? w.bias_ih : plus(w.bias_ih, w.bias_hh));
}

Tensor recurrent_bias(const RecurrentWeights& w) {
    return or_zeros(w.bias_hh, Shape{w.weight_hh.shape()[0]});
}

struct Layers {
    Tensor output;
    std::vector<Tensor> h, c;  // [1, B, H] each
};

Layers run_layers(CellKind kind, const Tensor& input, const LstmState& state,
                  std::span<const RecurrentWeights> weights, const RecurrentOptions& options) {
    const std::string name = name_of(kind);
    if (!is_floating(input.dtype()) || input.shape().rank() != 3 || input.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32[{}, I], none of them 0, not {}", name,
             options.batch_first ? "B, T" : "T, B", to_string(input.spec()));
    }
    const std::size_t directions = options.bidirectional ? 2 : 1;
    if (weights.empty() || weights.size() % directions != 0) {
        fail(ErrorKind::kInvalidArgument, "{}: {} sets of weights do not make layers of {}", name,
             weights.size(), directions);
    }
    if (!(options.dropout >= 0.0F && options.dropout < 1.0F)) {
        fail(ErrorKind::kInvalidArgument, "{}: dropout is {}, not in [0, 1)", name,
             options.dropout);
    }
    const std::size_t layers = weights.size() / directions;
    if (options.dropout > 0 && layers > 1 && options.generator == nullptr) {
        fail(ErrorKind::kInvalidArgument, "{}: dropout {} needs a generator", name,
             options.dropout);
    }
    const Widening wide;
    Tensor x = wide(options.batch_first ? transpose(input, 0, 1) : input);
    const std::int64_t batch = x.shape()[1];
    std::int64_t hidden = 0;
    Layers result;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::vector<Tensor> sides;
        for (std::size_t direction = 0; direction < directions; ++direction) {
            const std::size_t at = layer * directions + direction;
            const RecurrentWeights w = wide(weights[at]);
            const std::string suffix =
                fmt::format("_l{}{}", layer, direction == 1 ? "_reverse" : "");
            const std::int64_t own = check_weights(name, kind, w, x.shape()[2], suffix);
            if (at == 0) {
                hidden = own;
                const Shape states{static_cast<std::int64_t>(weights.size()), batch, hidden};
                if (state.h) expect(name, state.h, states, "the initial h");
                if (state.c) expect(name, state.c, states, "the initial c");
            }
            if (own != hidden) {
                fail(ErrorKind::kInvalidArgument,
                     "{}: weight_hh{} is {}, that of the first layer has H = {}", name, suffix,
                     to_string(w.weight_hh.shape()), hidden);
            }
            const auto initial = [&](const Tensor& all) {
                return all ? step_of(wide(all), static_cast<std::int64_t>(at))
                           : constant(0.0F, {batch, hidden});
            };
            const Sequence made =
                recurrent_sequence(kind, direction == 1,
                                   {input_product(kind, x, w), w.weight_hh, initial(state.h),
                                    initial(state.c), recurrent_bias(w)});
            sides.push_back(made.output);
            result.h.push_back(reshape(made.h, Shape{1, batch, hidden}));
            if (made.c) result.c.push_back(reshape(made.c, Shape{1, batch, hidden}));
        }
        x = concatenate(sides, 2);
        if (layer + 1 < layers && options.dropout > 0) {
            x = dropout(x, *options.generator, options.dropout);
        }
    }
    result.output = wide.result(options.batch_first ? transpose(x, 0, 1) : x, input.dtype());
    for (std::vector<Tensor>* states : {&result.h, &result.c}) {
        for (Tensor& last : *states)
            last = wide.result(last, input.dtype());
    }
    return result;
}

// The checks of a single step; the state, zeros where it is empty.
Tensor check_cell(CellKind kind, const Tensor& x, const Tensor& h, const RecurrentWeights& w) {
    const std::string name = std::string(name_of(kind)) + "_cell";
    if (!is_floating(x.dtype()) || x.shape().rank() != 2 || x.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32[B, I], none of them 0, not {}", name,
             to_string(x.spec()));
    }
    const std::int64_t hidden = check_weights(name, kind, w, x.shape()[1], "");
    const Shape state{x.shape()[0], hidden};
    if (h) expect(name, h, state, "the state");
    return or_zeros(h, state);
}

CellKind kind_of(RnnNonlinearity nonlinearity) {
    return nonlinearity == RnnNonlinearity::kRelu ? CellKind::kRelu : CellKind::kTanh;
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using ops::CellKind;

LstmResult lstm(const Tensor& x, const LstmState& state, std::span<const RecurrentWeights> weights,
                const RecurrentOptions& options) {
    const auto layers = ops::run_layers(CellKind::kLstm, x, state, weights, options);
    return {layers.output, concatenate(layers.h), concatenate(layers.c)};
}

RecurrentResult gru(const Tensor& x, const Tensor& h, std::span<const RecurrentWeights> weights,
                    const RecurrentOptions& options) {
    const auto layers = ops::run_layers(CellKind::kGru, x, {.h = h}, weights, options);
    return {layers.output, concatenate(layers.h)};
}

RecurrentResult rnn(const Tensor& x, const Tensor& h, std::span<const RecurrentWeights> weights,
                    const RecurrentOptions& options, RnnNonlinearity nonlinearity) {
    const auto layers = ops::run_layers(ops::kind_of(nonlinearity), x, {.h = h}, weights, options);
    return {layers.output, concatenate(layers.h)};
}

LstmState lstm_cell(const Tensor& x, const LstmState& state, const RecurrentWeights& weights) {
    const Tensor before = ops::check_cell(CellKind::kLstm, x, state.h, weights);
    if (state.c) ops::expect("lstm_cell", state.c, before.shape(), "the state");
    const ops::Widening wide;
    const RecurrentWeights w = wide(weights);
    const Tensor pre = ops::input_product(CellKind::kLstm, wide(x), w) +
                       matmul(wide(before), transpose(w.weight_hh));
    const Tensor c = wide(ops::or_zeros(state.c, before.shape()));
    const ops::LstmStep next = ops::lstm_step(pre, c);
    return {wide.result(next.h, x.dtype()), wide.result(next.c, x.dtype())};
}

Tensor gru_cell(const Tensor& x, const Tensor& state, const RecurrentWeights& weights) {
    const Tensor before = ops::check_cell(CellKind::kGru, x, state, weights);
    const ops::Widening wide;
    const RecurrentWeights w = wide(weights);
    const Tensor h = wide(before);
    const Tensor from_x = ops::input_product(CellKind::kGru, wide(x), w);
    const Tensor from_h = matmul(h, transpose(w.weight_hh)) + ops::recurrent_bias(w);
    return wide.result(ops::gru_step(from_x, from_h, h).h, x.dtype());
}

Tensor rnn_cell(const Tensor& x, const Tensor& state, const RecurrentWeights& weights,
                RnnNonlinearity nonlinearity) {
    const CellKind kind = ops::kind_of(nonlinearity);
    const Tensor h = ops::check_cell(kind, x, state, weights);
    const ops::Widening wide;
    const RecurrentWeights w = wide(weights);
    const Tensor from_x = ops::input_product(kind, wide(x), w);
    const Tensor from_h = matmul(wide(h), transpose(w.weight_hh));
    return wide.result(ops::nonlinear(kind, from_x + from_h), x.dtype());
}

}  // namespace ingot
