// SPDX-License-Identifier: MIT
// Recurrent layers. ONNX orders gates otherwise than PyTorch, keeps the biases in one tensor, and
// the axis of directions in one of its own.
#include "rows.h"

#include "core/check.h"

#include <algorithm>

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
    if (c.has("activations") || c.has("clip") || c.has(7) || c.text("direction") == "reverse") {
        fail(ErrorKind::kUnsupported, "other activations, clipping, peepholes or only backwards");
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

// i, o, f, c to i, f, c, o
Values lstm_layer(Call& c) {
    const Layer layer = layer_of(c, {0, 2, 3, 1});
    const LstmResult y = lstm(layer.x, {state(c.x_or(5, {}), layer), state(c.x_or(6, {}), layer)},
                              layer.weights, layer.options);
    return {outputs(y.output, layer), state(y.h, layer), state(y.c, layer)};
}

// ONNX's default: the reset gate multiplies the state before the product with the weights, where
// PyTorch (linear_before_reset) multiplies what comes of it.
Values gru_resetting_first(const Layer& layer, Tensor h) {
    if (layer.weights.size() > 1) fail(ErrorKind::kUnsupported, "bidirectional, resetting first");
    const RecurrentWeights& w = layer.weights[0];
    const Tensor x = layer.options.batch_first ? permute(layer.x, {1, 0, 2}) : layer.x;
    const auto input = chunk(w.weight_ih, 3), hidden = chunk(w.weight_hh, 3);  // of r, z, n
    const std::int64_t batch = x.shape()[1], size = w.weight_hh.shape()[1];
    h = h ? reshape(h, {batch, size}) : constant(0, {batch, size});
    Tensors all;
    for (const Tensor& step : unbind(x)) {
        const auto gate = [&](std::size_t i, const Tensor& state) {
            Tensor sum = matmul(step, transpose(input[i])) + matmul(state, transpose(hidden[i]));
            if (w.bias_ih) sum = sum + chunk(w.bias_ih, 3)[i] + chunk(w.bias_hh, 3)[i];
            return sum;
        };
        const Tensor r = sigmoid(gate(0, h)), z = sigmoid(gate(1, h)), n = tanh(gate(2, r * h));
        h = (1.0F - z) * n + z * h;
        all.push_back(h);
    }
    const Tensor y = stack(all, layer.options.batch_first ? 1 : 0);
    return {outputs(y, layer), state(reshape(h, {1, batch, size}), layer)};
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
