// SPDX-License-Identifier: MIT
// LSTM, GRU and plain RNN: sizes around groups and alignment, directions, layers, initial and final
// states, single cells, memory, and how many kernels a step takes.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(recurrent);

namespace {

enum class Kind { kLstm, kGru, kTanh, kRelu };

struct Setup {
    Kind kind = Kind::kLstm;
    std::int64_t T = 1, B = 1, I = 1, H = 1, layers = 1;
    bool bidirectional = false, batch_first = false, bias = true, state = true;
    int result = 0;  // 0: the output, 1: h, 2: c
    std::int64_t gates() const { return kind == Kind::kLstm ? 4 : kind == Kind::kGru ? 3 : 1; }
    std::int64_t directions() const { return bidirectional ? 2 : 1; }
};

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

// One step for one sample; x [I], h, c [H] in place. Biases may be missing.
void step(Kind kind, const double* x, std::int64_t I, std::vector<double>& h,
          std::vector<double>& c, const Array& w, const Array& u, const Array* b, const Array* d) {
    const auto H = static_cast<std::int64_t>(h.size());
    const auto gate = [&](std::int64_t g, std::int64_t n, bool from_x) {
        const std::int64_t row = g * H + n;
        double sum = 0;
        if (from_x) {
            for (std::int64_t k = 0; k < I; ++k)
                sum += w[row * I + k] * x[k];
            return sum + (b != nullptr ? (*b)[row] : 0);
        }
        for (std::int64_t k = 0; k < H; ++k)
            sum += u[row * H + k] * h[static_cast<std::size_t>(k)];
        return sum + (d != nullptr ? (*d)[row] : 0);
    };
    std::vector<double> next(h);
    for (std::int64_t n = 0; n < H; ++n) {
        const auto both = [&](std::int64_t g) { return gate(g, n, true) + gate(g, n, false); };
        const auto at = static_cast<std::size_t>(n);
        switch (kind) {
            case Kind::kLstm:
                c[at] = logistic(both(1)) * c[at] + logistic(both(0)) * std::tanh(both(2));
                next[at] = logistic(both(3)) * std::tanh(c[at]);
                break;
            case Kind::kGru: {
                const double r = logistic(both(0)), z = logistic(both(1));
                const double m = std::tanh(gate(2, n, true) + r * gate(2, n, false));
                next[at] = (1 - z) * m + z * h[at];
                break;
            }
            case Kind::kTanh: next[at] = std::tanh(both(0)); break;
            case Kind::kRelu: next[at] = std::max(0.0, both(0)); break;
        }
    }
    h = next;
}

// inputs: x; h and (LSTM) c if there is a state; weight_ih, weight_hh, biases of each layer and
// direction.
Array recurrent_of(const Setup& s, const Arrays& in) {
    const std::int64_t D = s.directions();
    std::size_t next = 1;
    const Array* h0 = s.state ? &in[next++] : nullptr;
    const Array* c0 = s.state && s.kind == Kind::kLstm ? &in[next++] : nullptr;
    Array x = s.batch_first ? permuted(in[0], {1, 0, 2}) : in[0];
    Array last_h(Shape{s.layers * D, s.B, s.H}), last_c(last_h.shape);
    for (std::int64_t layer = 0; layer < s.layers; ++layer) {
        const std::int64_t I = x.shape[2];
        Array y(Shape{s.T, s.B, D * s.H});
        for (std::int64_t direction = 0; direction < D; ++direction) {
            const std::int64_t at = layer * D + direction;
            const Array &w = in[next], &u = in[next + 1];
            const Array* b = s.bias ? &in[next + 2] : nullptr;
            const Array* d = s.bias ? &in[next + 3] : nullptr;
            next += s.bias ? 4 : 2;
            for (std::int64_t sample = 0; sample < s.B; ++sample) {
                std::vector<double> h(static_cast<std::size_t>(s.H)), c(h);
                for (std::int64_t n = 0; n < s.H; ++n) {
                    const auto place = static_cast<std::size_t>(n);
                    const std::int64_t from = (at * s.B + sample) * s.H + n;
                    if (h0 != nullptr) h[place] = (*h0)[from];
                    if (c0 != nullptr) c[place] = (*c0)[from];
                }
                for (std::int64_t i = 0; i < s.T; ++i) {
                    const std::int64_t t = direction == 1 ? s.T - 1 - i : i;
                    const double* row = &x.values[static_cast<std::size_t>((t * s.B + sample) * I)];
                    step(s.kind, row, I, h, c, w, u, b, d);
                    for (std::int64_t n = 0; n < s.H; ++n) {
                        y[((t * s.B + sample) * D + direction) * s.H + n] =
                            h[static_cast<std::size_t>(n)];
                    }
                }
                for (std::int64_t n = 0; n < s.H; ++n) {
                    const std::int64_t to = (at * s.B + sample) * s.H + n;
                    last_h[to] = h[static_cast<std::size_t>(n)];
                    last_c[to] = c[static_cast<std::size_t>(n)];
                }
            }
        }
        x = y;
    }
    if (s.result > 0) return s.result == 1 ? last_h : last_c;
    return s.batch_first ? permuted(x, {1, 0, 2}) : x;
}

std::vector<RecurrentWeights> weights_from(const Setup& s, const Tensors& in, std::size_t next) {
    std::vector<RecurrentWeights> weights;
    for (std::int64_t i = 0; i < s.layers * s.directions(); ++i) {
        weights.push_back({in[next], in[next + 1]});
        if (s.bias) {
            weights.back().bias_ih = in[next + 2];
            weights.back().bias_hh = in[next + 3];
        }
        next += s.bias ? 4 : 2;
    }
    return weights;
}

Tensor build(const Setup& s, const Tensors& in) {
    const bool is_lstm = s.kind == Kind::kLstm;
    const std::size_t next = s.state ? (is_lstm ? 3 : 2) : 1;
    const Tensor h = s.state ? in[1] : Tensor();
    const auto weights = weights_from(s, in, next);
    const RecurrentOptions options{.bidirectional = s.bidirectional, .batch_first = s.batch_first};
    if (is_lstm) {
        const auto y = lstm(in[0], {h, s.state ? in[2] : Tensor()}, weights, options);
        return s.result == 0 ? y.output : s.result == 1 ? y.h : y.c;
    }
    const auto nonlinearity =
        s.kind == Kind::kRelu ? RnnNonlinearity::kRelu : RnnNonlinearity::kTanh;
    const auto y = s.kind == Kind::kGru ? gru(in[0], h, weights, options)
                                        : rnn(in[0], h, weights, options, nonlinearity);
    return s.result == 0 ? y.output : y.h;
}

OpCase row(const Setup& s) {
    constexpr const char* kNames[] = {"lstm", "gru", "rnn tanh", "rnn relu"};
    constexpr const char* kResults[] = {"output", "h", "c"};
    const std::int64_t sets = s.layers * s.directions();
    OpCase result{
        .name = std::string(kNames[static_cast<int>(s.kind)]) + " x " +
                to_string(Shape{s.T, s.B, s.I}) + ", H " + std::to_string(s.H) + ", layers " +
                std::to_string(s.layers) + (s.bidirectional ? ", both ways" : "") +
                (s.batch_first ? ", batch first" : "") + (s.bias ? "" : ", no bias") +
                (s.state ? "" : ", from zeros") + ", " + kResults[s.result],
        .inputs = {{.shape = s.batch_first ? Shape{s.B, s.T, s.I} : Shape{s.T, s.B, s.I}}},
        .build = [=](const Tensors& in) { return build(s, in); },
        .reference = [=](const Arrays& in) { return recurrent_of(s, in); },
        // Errors of a step, of sums over I and H terms and a few functions, run on through T.
        .forward = {.units = 8, .length = static_cast<double>(s.T * s.layers)},
        .gradient = {.units = 32, .length = static_cast<double>(s.T * s.layers * s.B)},
        .samples = 5};
    if (s.state) {
        for (int i = 0; i < (s.kind == Kind::kLstm ? 2 : 1); ++i)
            result.inputs.push_back({.shape = {sets, s.B, s.H}});
    }
    const double reach = 1 / std::sqrt(static_cast<double>(s.H));
    for (std::int64_t i = 0; i < sets; ++i) {
        const std::int64_t width = i < s.directions() ? s.I : s.directions() * s.H;
        const auto add = [&](const Shape& shape) {
            result.inputs.push_back({.shape = shape, .low = -reach, .high = reach});
        };
        add({s.gates() * s.H, width});
        add({s.gates() * s.H, s.H});
        if (s.bias) {
            add({s.gates() * s.H});
            add({s.gates() * s.H});
        }
    }
    return result;
}

}  // namespace

TEST_SUITE("recurrent") {
    TEST_CASE("recurrent: one layer of each kind") {
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kLstm, Kind::kGru, Kind::kTanh, Kind::kRelu}) {
            cases.push_back(row({.kind = kind}));
            cases.push_back(row({.kind = kind, .T = 3, .B = 2, .I = 5, .H = 7}));
            cases.push_back(row({.kind = kind, .T = 4, .B = 4, .I = 3, .H = 16}));  // 64 a step
            cases.push_back(row({.kind = kind, .T = 2, .B = 5, .I = 3, .H = 13}));  // 65
            cases.push_back(row({.kind = kind, .T = 5, .B = 3, .I = 2, .H = 4, .bias = false}));
            cases.push_back(row({.kind = kind, .T = 2, .B = 3, .I = 4, .H = 5, .state = false}));
            cases.push_back(
                row({.kind = kind, .T = 3, .B = 2, .I = 3, .H = 4, .batch_first = true}));
            cases.push_back(row({.kind = kind, .T = 3, .B = 2, .I = 3, .H = 4, .result = 1}));
        }
        cases.push_back(row({.T = 3, .B = 2, .I = 3, .H = 4, .result = 2}));
        run_op_cases(cases);
    }

    TEST_CASE("recurrent: layers and directions") {
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kLstm, Kind::kGru, Kind::kTanh, Kind::kRelu}) {
            const Setup base{.kind = kind, .T = 3, .B = 2, .I = 5, .H = 6, .layers = 2};
            Setup both = base;
            both.bidirectional = true;
            Setup states = both;
            states.result = 1;
            cases.insert(cases.end(), {row(base), row(both), row(states)});
        }
        Setup cells{.T = 3, .B = 2, .I = 5, .H = 6, .layers = 2, .bidirectional = true};
        cells.result = 2;
        cases.push_back(row(cells));
        cases.push_back(row({.T = 1, .B = 2, .I = 3, .H = 4, .layers = 3, .bidirectional = true}));
        run_op_cases(cases);
    }

    TEST_CASE("recurrent: single cells") {
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kLstm, Kind::kGru, Kind::kTanh, Kind::kRelu}) {
            for (const bool state : {true, false}) {
                const Setup s{.kind = kind, .T = 1, .B = 3, .I = 4, .H = 5, .state = state};
                const bool is_lstm = kind == Kind::kLstm;
                OpCase cell = row(s);
                cell.name = "cell of " + cell.name;
                cell.inputs[0].shape = {3, 4};
                if (state) cell.inputs[1].shape = {3, 5};
                if (state && is_lstm) cell.inputs[2].shape = {3, 5};
                cell.build = [=](const Tensors& in) -> Tensor {
                    const auto w = weights_from(s, in, state ? (is_lstm ? 3 : 2) : 1)[0];
                    const Tensor h = state ? in[1] : Tensor();
                    if (kind == Kind::kLstm) {
                        const auto y = lstm_cell(in[0], {h, state ? in[2] : Tensor()}, w);
                        return y.h + 2.0F * y.c;
                    }
                    if (kind == Kind::kGru) return gru_cell(in[0], h, w);
                    return rnn_cell(
                        in[0], h, w,
                        kind == Kind::kRelu ? RnnNonlinearity::kRelu : RnnNonlinearity::kTanh);
                };
                cell.reference = [=](const Arrays& in) {
                    Arrays wide = in;
                    wide[0] = with_shape(in[0], {1, 3, 4});
                    if (state) wide[1] = with_shape(in[1], {1, 3, 5});
                    if (state && is_lstm) wide[2] = with_shape(in[2], {1, 3, 5});
                    Setup states = s;
                    states.result = 1;
                    const Array h = with_shape(recurrent_of(states, wide), {3, 5});
                    if (!is_lstm) return h;
                    states.result = 2;
                    const Array c = with_shape(recurrent_of(states, wide), {3, 5});
                    return map(h, c, [](double a, double b) { return a + 2 * b; });
                };
                cases.push_back(cell);
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("recurrent: a step is a product and a cell, forward and backward") {
        const auto dispatches = [](std::int64_t T, bool backward) {
            const std::int64_t B = 8, H = 16;
            const Tensor x = input({T, B, 4}), w = input({4 * H, 4}), u = input({4 * H, H});
            const RecurrentWeights weights{w, u};
            const Tensor y = lstm(x, {}, std::array{weights}).output;
            Graph graph;
            graph.output(y);
            if (backward) graph.output(gradients(sum(square(y)), std::array{u})[0]);
            return test_device().compile(graph).stats().dispatches;
        };
        CHECK(dispatches(12, false) - dispatches(8, false) == 4 * 2);
        CHECK(dispatches(12, true) - dispatches(8, true) == 4 * 4);
    }

    TEST_CASE("recurrent: inference keeps the states alone") {
        const std::int64_t T = 32, B = 8, H = 64;
        const RecurrentWeights weights{input({4 * H, 4}), input({4 * H, H})};
        const Tensor y = lstm(input({T, B, 4}), {}, std::array{weights}).output;
        const auto arena = test_device().compile({.outputs = {y}}).stats().arena_bytes;
        // The input's product (4 H a step) and the output (H a step); no gates, no cells.
        CHECK(arena < static_cast<std::uint64_t>(T * B * H * 4 * 6));
    }

    TEST_CASE("recurrent: dropout between layers, not behind the last") {
        Generator generator(3);
        const std::int64_t B = 16, H = 16;
        const RecurrentWeights first{input({H, 2}), input({H, H})};
        const RecurrentWeights second{input({H, H}), input({H, H})};
        const Tensor x = input({2, B, 2});
        const auto plain = rnn(x, {}, std::array{first}, {.dropout = 0.5F});
        CHECK(to_text({.outputs = {plain.output}}).find("uniform") == std::string::npos);
        const auto deep =
            rnn(x, {}, std::array{first, second}, {.dropout = 0.5F, .generator = &generator});
        CHECK(to_text({.outputs = {deep.output}}).find("uniform") != std::string::npos);
    }

    TEST_CASE("recurrent: errors name the rule and the sizes") {
        const auto message = [](const Shape& x, const RecurrentWeights& w,
                                const LstmState& state = {}, const RecurrentOptions& options = {}) {
            return thrown_message([&] { lstm(input(x), state, std::array{w}, options); });
        };
        const auto says = [](const std::string& text, const std::string& part) {
            CHECK_MESSAGE(text.find(part) != std::string::npos, text);
        };
        const RecurrentWeights good{input({20, 3}), input({20, 5}), input({20}), input({20})};
        CHECK(message({4, 3}, good) ==
              "invalid argument: lstm: takes f32[T, B, I], none of them 0, not f32[4, 3]");
        CHECK(message({2, 4, 6}, good) ==
              "invalid argument: lstm: weight_ih_l0 is f32[20, 3], not f32[20, 6]");
        says(message({2, 4, 3}, {good.weight_ih, input({21, 5})}), "weight_hh_l0 is f32[21, 5]");
        says(message({2, 4, 3}, {good.weight_ih, {}}), "weight_hh_l0 is empty");
        says(message({2, 4, 3}, {good.weight_ih, good.weight_hh, input({5})}),
             "bias_ih_l0 is f32[5], not f32[20]");
        says(message({2, 4, 3}, {good.weight_ih, good.weight_hh, {}, input({20}, i32)}),
             "bias_hh_l0 is i32[20]");
        says(message({2, 4, 3}, good, {input({1, 3, 5}), {}}), "the initial h is f32[1, 3, 5]");
        says(message({2, 4, 3}, good, {{}, input({2, 4, 5})}), "the initial c is f32[2, 4, 5]");
        says(message({2, 4, 3}, good, {}, {.bidirectional = true}), "1 sets of weights");
        says(message({2, 4, 3}, good, {}, {.dropout = 1}), "dropout is 1, not in [0, 1)");
        says(thrown_message([&] {
                 lstm(input({2, 4, 3}), {}, std::span<const RecurrentWeights>());
             }),
             "0 sets of weights");
        says(thrown_message([&] {
                 const RecurrentWeights second{input({20, 5}), input({20, 5})};
                 lstm(input({2, 4, 3}), {}, std::array{good, second}, {.dropout = 0.5F});
             }),
             "needs a generator");
        says(thrown_message([&] {
                 const RecurrentWeights second{input({16, 5}), input({16, 4})};
                 lstm(input({2, 4, 3}), {}, std::array{good, second});
             }),
             "that of the first layer has H = 5");
        says(thrown_message([&] {
                 gru(input({2, 4, 3}), {}, std::array{good});
             }),
             "gru: weight_hh_l0 is f32[20, 5], not f32[15, 5]");
        says(thrown_message([&] {
                 rnn(input({2, 4, 3}, i32), {}, std::array{good});
             }),
             "rnn: takes f32");
        says(thrown_message([&] {
                 lstm_cell(input({4, 2}), {}, good);
             }),
             "lstm_cell: weight_ih is f32[20, 3], not f32[20, 2]");
        says(thrown_message([&] { gru_cell(input({4}), {}, good); }), "gru_cell: takes f32[B, I]");
        says(thrown_message([&] {
                 rnn_cell(input({4, 3}), input({3, 5}), {input({5, 3}), input({5, 5})});
             }),
             "rnn_cell: the state is f32[3, 5], not f32[4, 5]");
    }
}
