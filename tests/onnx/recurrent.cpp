// SPDX-License-Identifier: MIT
// Recurrent layers. ONNX orders gates otherwise than PyTorch, keeps the biases in one tensor, and
// the axis of directions in one of its own.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <functional>

namespace ingot::onnx_tests {

namespace {

// Gates of a tensor [gates * H, ...] in another order: part i of the result is part order[i].
Tensor reordered(const Tensor& x, const std::vector<std::int64_t>& order) {
    const std::int64_t size = x.shape()[0] / static_cast<std::int64_t>(order.size());
    Tensors parts;
    for (const std::int64_t part : order)
        parts.push_back(slice(x, {.begin = part * size, .end = (part + 1) * size}));
    return concatenate(parts);
}

struct Layer {
    Tensor x;
    std::vector<RecurrentWeights> weights;  // forward, reverse
    RecurrentOptions options;
};

Layer layer_of(Call& c, const std::vector<std::int64_t>& order) {
    if (c.has("activations") || c.has("clip") || c.text("direction") == "reverse") {
        fail(ErrorKind::kUnsupported, "other activations, clipping or only backwards");
    }
    const bool batch_first = c.integer("layout") != 0;
    Layer layer{c.x(0), {}, {.batch_first = batch_first}};
    const auto lengths = c.integers_or(4);
    const std::int64_t steps = layer.x.shape()[batch_first ? 1 : 0];
    if (std::any_of(lengths.begin(), lengths.end(), [&](auto length) { return length != steps; })) {
        fail(ErrorKind::kUnsupported, "sequences of several lengths");
    }
    const Tensor input = c.x(1), hidden = c.x(2);
    for (std::int64_t way = 0; way < input.shape()[0]; ++way) {
        const auto of_way = [&](const Tensor& all) {
            const Tensor one = slice(all, {.begin = way, .end = way + 1});
            return reshape(one, one.shape().without(0));
        };
        RecurrentWeights w{reordered(of_way(input), order), reordered(of_way(hidden), order)};
        if (c.has(3)) {
            const Tensor biases = of_way(c.x(3));
            const std::int64_t half = biases.shape()[0] / 2;
            w.bias_ih = reordered(slice(biases, {.end = half}), order);
            w.bias_hh = reordered(slice(biases, {.begin = half}), order);
        }
        layer.weights.push_back(w);
    }
    layer.options.bidirectional = layer.weights.size() == 2;
    return layer;
}

// [D, B, H], or [B, D, H] where batches come first.
Tensor state(const Tensor& h, const Layer& layer) {
    return h && layer.options.batch_first ? permute(h, {1, 0, 2}) : h;
}

// [T, B, D * H] to [T, D, B, H], or [B, T, D * H] to [B, T, D, H].
Tensor outputs(const Tensor& y, const Layer& layer) {
    const Shape& s = y.shape();
    const auto ways = static_cast<std::int64_t>(layer.weights.size());
    const Tensor apart = reshape(y, Shape{s[0], s[1], ways, s[2] / ways});
    return layer.options.batch_first ? apart : permute(apart, {0, 2, 1, 3});
}

// One direction of a layer that PyTorch does not have, step by step: `next` takes x[t] [B, I] and
// gives the output [B, H].
Tensor step_by_step(const Layer& layer, const std::function<Tensor(const Tensor& x)>& next) {
    if (layer.weights.size() > 1) fail(ErrorKind::kUnsupported, "both directions step by step");
    const std::int64_t time = layer.options.batch_first ? 1 : 0;
    Tensors all;
    for (const Tensor& step : unbind(layer.x, time))
        all.push_back(next(step));
    return outputs(stack(all, time), layer);
}

// x W_i^T + h R_i^T and the biases of gate i, of as many as there are.
Tensor gate_of(const Layer& layer, std::int64_t gates, std::size_t i, const Tensor& x,
               const Tensor& h) {
    const RecurrentWeights& w = layer.weights[0];
    const auto of = [&](const Tensor& all) { return chunk(all, gates)[i]; };
    const Tensor sum =
        matmul(x, transpose(of(w.weight_ih))) + matmul(h, transpose(of(w.weight_hh)));
    return w.bias_ih ? sum + of(w.bias_ih) + of(w.bias_hh) : sum;
}

// [1, B, H], or nothing, to [B, H]
Tensor start_of(const Tensor& state, const Layer& layer) {
    const Shape shape{layer.x.shape()[layer.options.batch_first ? 0 : 1],
                      layer.weights[0].weight_hh.shape()[1]};
    return state ? reshape(state, shape) : constant(0, shape);
}

// Gers and Schmidhuber, "Recurrent nets that time and count", 2000: the gates see the cell, too;
// the output gate sees the new one. `peepholes` [1, 3H] are of i, o, f.
Values lstm_with_peepholes(const Layer& layer, const Tensor& peepholes, Tensor h, Tensor cell) {
    const auto peep = chunk(reshape(peepholes, Shape{peepholes.shape().count()}), 3);
    h = start_of(h, layer);
    cell = start_of(cell, layer);
    const Tensor y = step_by_step(layer, [&](const Tensor& x) {
        const auto gate = [&](std::size_t i) { return gate_of(layer, 4, i, x, h); };  // i, f, c, o
        const Tensor in = sigmoid(gate(0) + peep[0] * cell);
        const Tensor forget = sigmoid(gate(1) + peep[2] * cell);
        cell = forget * cell + in * tanh(gate(2));
        h = sigmoid(gate(3) + peep[1] * cell) * tanh(cell);
        return h;
    });
    const Shape one = h.shape().inserted(0, 1);
    return {y, state(reshape(h, one), layer), state(reshape(cell, one), layer)};
}

// i, o, f, c to i, f, c, o
Values lstm_layer(Call& c) {
    const Layer layer = layer_of(c, {0, 2, 3, 1});
    if (c.has(7)) {
        return lstm_with_peepholes(layer, c.x(7), state(c.x_or(5, {}), layer),
                                   state(c.x_or(6, {}), layer));
    }
    const LstmResult y = lstm(layer.x, {state(c.x_or(5, {}), layer), state(c.x_or(6, {}), layer)},
                              layer.weights, layer.options);
    return {outputs(y.output, layer), state(y.h, layer), state(y.c, layer)};
}

// ONNX's default: the reset gate multiplies the state before the product with the weights, where
// PyTorch (linear_before_reset) multiplies what comes of it.
Values gru_resetting_first(const Layer& layer, Tensor h) {
    h = start_of(h, layer);
    const Tensor y = step_by_step(layer, [&](const Tensor& x) {
        const auto gate = [&](std::size_t i, const Tensor& seen) {  // of r, z, n
            return gate_of(layer, 3, i, x, seen);
        };
        const Tensor r = sigmoid(gate(0, h)), z = sigmoid(gate(1, h)), n = tanh(gate(2, r * h));
        h = (1.0F - z) * n + z * h;
        return h;
    });
    return {y, state(reshape(h, h.shape().inserted(0, 1)), layer)};
}

// z, r, h to r, z, h
Values gru_layer(Call& c) {
    const Layer layer = layer_of(c, {1, 0, 2});
    if (c.integer("linear_before_reset") == 0) {
        return gru_resetting_first(layer, state(c.x_or(5, {}), layer));
    }
    const RecurrentResult y =
        gru(layer.x, state(c.x_or(5, {}), layer), layer.weights, layer.options);
    return {outputs(y.output, layer), state(y.h, layer)};
}

Values rnn_layer(Call& c) {
    const Layer layer = layer_of(c, {0});
    const RecurrentResult y =
        rnn(layer.x, state(c.x_or(5, {}), layer), layer.weights, layer.options);
    return {outputs(y.output, layer), state(y.h, layer)};
}

}  // namespace

Rows recurrent_rows() {
    return {
        {"LSTM", lstm_layer},
        {"GRU", gru_layer},
        {"RNN", rnn_layer},
    };
}

}  // namespace ingot::onnx_tests
