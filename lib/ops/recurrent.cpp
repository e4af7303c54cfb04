// SPDX-License-Identifier: MIT
// Recurrent layers: LSTM (Hochreiter and Schmidhuber 1997, with forget gates),
// GRU (Cho et al. 2014, its reset inside the recurrent term as in PyTorch),
// plain RNN.
//   x [T, B, I] -> output [T, B, H], state [B, H]
// The input's product W x + b is made for all steps at once. A step is then one
// product U h and one kernel with the gates. Backward walks the steps the other
// way round with one product and one kernel each, and lays what flows to the
// gates end to end, so that the gradients of W, U and the biases are one
// product over all steps each. Nothing is copied to lay steps end to end: they
// are computed in their place (`stack`).
#include "shaders/recurrent.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/axis.h"
#include "ops/pointwise.h"

#include <ingot/ops.h>

#include <array>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::Node;
using graph::OpDef;
using graph::View;

// ---- One step
// ---------------------------------------------------------------------------------

// `kernel` over the elements of a state [B, H]; inputs and outputs are bound in
// order.
std::vector<graph::Candidate> lower_cell(const LowerContext& context, const char* kernel,
                                         const Shape& state,
                                         std::initializer_list<const char*> inputs,
                                         std::initializer_list<const char*> outputs) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    if (state.count() * 4 > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more gates than a kernel can number (2^32)",
             op.def->name, to_string(state));
    }
    shaders::RecurrentParameters parameters{};
    parameters.count = static_cast<std::uint32_t>(state.count());
    parameters.H = static_cast<std::uint32_t>(state[1]);
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make(kernel);
    std::size_t next = 0;
    for (const char* name : inputs) {
        const graph::Use& use = op.inputs[next];
        parameters.offsets[next++] = static_cast<std::uint32_t>(use.view.offset);
        call.bind(name, graph::operand_of(context.body, use.value));
    }
    next = 0;
    for (const char* name : outputs)
        call.bind(name, graph::operand_of(context.body, op.outputs[next++]));
    call.constant("LOCAL_SIZE", kLocalSize)
        .parameters(parameters)
        .dispatch(groups_for(parameters.count, kLocalSize, context.device));
    return only_candidate(context, {std::move(call)}, 2.0);
}

bool accepts_step(std::size_t, const View& view) {
    return view.is_contiguous();
}

constexpr std::string_view kOnce = "it is a gradient; second derivatives are not supported";

// [B, n * H] as [B, m * H]
TensorSpec widened(const Tensor& x, std::int64_t from, std::int64_t to) {
    return {{x.shape()[0], x.shape()[1] / from * to}, f32};
}

Tensor or_zeros(const Tensor& x, const Shape& shape) {
    return x ? x : constant(0.0F, shape);
}

// gates [B, 4 H], c, c_next, d_h, d_c [B, H] -> d_pre [B, 4 H], d_c before the
// step
const OpDef lstm_cell_backward_op{
    .name = "lstm_cell_backward",
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec(), inputs[1].spec()};
    },
    .no_gradient = kOnce,
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            return lower_cell(context, "lstm_cell_backward", op.inputs[1].view.shape,
                              {"gates", "c", "c_next", "d_h", "d_c"}, {"d_pre", "d_c_prev"});
        },
    .accepts = accepts_step};

// pre [B, 4 H], c [B, H] -> h, c_next [B, H], gates [B, 4 H]
const OpDef lstm_cell_op{
    .name = "lstm_cell",
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[1].spec(), inputs[1].spec(), inputs[0].spec()};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const Shape& state = c.x(1).shape();
        return graph::apply_all(lstm_cell_backward_op, {},
                                {c.outputs[2], c.x(1), c.outputs[1],
                                 or_zeros(c.d_outputs[0], state), or_zeros(c.d_outputs[1], state)});
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            return lower_cell(context, "lstm_cell", op.inputs[1].view.shape, {"pre", "c"},
                              {"h", "c_next", "gates"});
        },
    .accepts = accepts_step};

// gates [B, 4 H], h, d_h [B, H] -> d_x, d_m [B, 3 H], d_h before the step but
// for d_m's share
const OpDef gru_cell_backward_op{
    .name = "gru_cell_backward",
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const TensorSpec gates = widened(inputs[0], 4, 3);
        return {gates, gates, inputs[1].spec()};
    },
    .no_gradient = kOnce,
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            return lower_cell(context, "gru_cell_backward", op.inputs[1].view.shape,
                              {"gates", "h", "d_h"}, {"d_x", "d_m", "d_h_prev"});
        },
    .accepts = accepts_step};

// x, m [B, 3 H], h [B, H] -> h_next [B, H], gates [B, 4 H]
const OpDef gru_cell_op{
    .name = "gru_cell",
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[2].spec(), widened(inputs[2], 1, 4)};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return graph::apply_all(gru_cell_backward_op, {},
                                {c.outputs[1], c.x(2), or_zeros(c.d_outputs[0], c.x(2).shape())});
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            return lower_cell(context, "gru_cell", op.inputs[2].view.shape, {"x", "m", "h"},
                              {"h_next", "gates"});
        },
    .accepts = accepts_step};

// ---- Steps end to end
// -------------------------------------------------------------------------

struct StackAttributes {
    std::int64_t steps;
    std::int64_t pitch;  // elements from one step to the next: whole units of alignment
    template <typename Visit>
    void fields(Visit visit) const {
        visit("steps", steps);
        visit("pitch", pitch);
    }
};

const OpDef stack_op{
    .name = "stack",
    .infer = [](std::span<const Tensor>, const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& a = attributes.as<StackAttributes>();
        return {{{a.steps, a.pitch}, f32}};
    },
    .no_gradient = "the layer's own gradient accounts for it",
    .layout =
        [](const Attributes& attributes) {
            const auto& a = attributes.as<StackAttributes>();
            std::vector<std::uint64_t> offsets;
            for (std::int64_t t = 0; t < a.steps; ++t)
                offsets.push_back(static_cast<std::uint64_t>(t * a.pitch) * 4);
            return offsets;
        }};

// T tensors [B, W] as [T, B, W], each computed where it is to lie.
Tensor stacked(const std::vector<Tensor>& steps) {
    const Shape& step = steps[0].shape();
    const auto unit = static_cast<std::int64_t>(graph::kAlignmentBytes / 4);
    const StackAttributes a{static_cast<std::int64_t>(steps.size()),
                            (step.count() + unit - 1) / unit * unit};
    const Tensor whole = graph::apply(stack_op, Attributes::of(a), steps);
    return reshape(slice(whole, {.axis = 1, .end = step.count()}),
                   Shape{a.steps, step[0], step[1]});
}

// [T, B, W] -> [B, W]
Tensor step_of(const Tensor& x, std::int64_t t) {
    return reshape(slice(x, {.begin = t, .end = t + 1}), Shape{x.shape()[1], x.shape()[2]});
}

// [T, B, W] -> [count * B, W], from step `begin` on
Tensor steps_as_rows(const Tensor& x, std::int64_t begin, std::int64_t count) {
    return reshape(slice(x, {.begin = begin, .end = begin + count}),
                   Shape{count * x.shape()[1], x.shape()[2]});
}

// ---- One layer in one direction
// ---------------------------------------------------------------

enum class CellKind { kLstm, kGru, kTanh, kRelu };

std::int64_t gates_of(CellKind kind) {
    return kind == CellKind::kLstm ? 4 : kind == CellKind::kGru ? 3 : 1;
}

struct SequenceAttributes {
    CellKind kind;
    bool reverse;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("kind", static_cast<int>(kind));
        visit("reverse", reverse);
    }
    // The place in the sequence of the step that is done as number `step`.
    std::int64_t place(std::int64_t step, std::int64_t steps) const {
        return reverse ? steps - 1 - step : step;
    }
};

// Inputs: x [T, B, G * H], weight_hh, h [B, H]; then c [B, H] of an LSTM,
// bias_hh of a GRU. Outputs: output [T, B, H], h [B, H]; of an LSTM c [B, H],
// cells [T, B, H]; of an LSTM and a GRU gates [T, B, 4 H].
std::vector<TensorSpec> infer_sequence(std::span<const Tensor> inputs,
                                       const Attributes& attributes) {
    const CellKind kind = attributes.as<SequenceAttributes>().kind;
    const Shape& x = inputs[0].shape();
    const std::int64_t hidden = inputs[1].shape()[1];
    const TensorSpec steps{{x[0], x[1], hidden}, f32}, state{{x[1], hidden}, f32};
    const TensorSpec gates{{x[0], x[1], 4 * hidden}, f32};
    if (kind == CellKind::kLstm) return {steps, state, state, steps, gates};
    if (kind == CellKind::kGru) return {steps, state, gates};
    return {steps, state};
}

Tensor nonlinear(CellKind kind, const Tensor& x) {
    return kind == CellKind::kRelu ? relu(x) : tanh(x);
}

std::vector<Tensor> expand_sequence(const Node& node) {
    const auto& a = node.attributes.as<SequenceAttributes>();
    const Tensor& x = node.inputs[0];
    const Tensor weight = transpose(node.inputs[1]);
    const std::int64_t count = x.shape()[0];
    Tensor h = node.inputs[2], c = a.kind == CellKind::kLstm ? node.inputs[3] : Tensor();
    std::vector<Tensor> hs(static_cast<std::size_t>(count)), cs(hs), gates(hs);
    for (std::int64_t step = 0; step < count; ++step) {
        const std::int64_t t = a.place(step, count);
        const auto at = static_cast<std::size_t>(t);
        const Tensor from_h = matmul(h, weight);
        if (a.kind == CellKind::kLstm) {
            const auto next = graph::apply_all(lstm_cell_op, {}, {from_h + step_of(x, t), c});
            h = next[0];
            c = cs[at] = next[1];
            gates[at] = next[2];
        } else if (a.kind == CellKind::kGru) {
            const auto next =
                graph::apply_all(gru_cell_op, {}, {step_of(x, t), from_h + node.inputs[3], h});
            h = next[0];
            gates[at] = next[1];
        } else {
            h = nonlinear(a.kind, from_h + step_of(x, t));
        }
        hs[at] = h;
    }
    std::vector<Tensor> outputs{stacked(hs), h};
    if (a.kind == CellKind::kLstm) outputs.insert(outputs.end(), {c, stacked(cs)});
    if (gates_of(a.kind) > 1) outputs.push_back(stacked(gates));
    return outputs;
}

Tensor plus(const Tensor& a, const Tensor& b) {
    return a && b ? a + b : a ? a : b;
}

std::vector<Tensor> gradient_sequence(const GradientContext& c) {
    const auto& a = c.attributes<SequenceAttributes>();
    const Tensor &x = c.x(0), &weight = c.x(1), &output = c.outputs[0];
    const std::int64_t count = x.shape()[0];
    const Shape& state = c.x(2).shape();
    const bool is_lstm = a.kind == CellKind::kLstm, is_gru = a.kind == CellKind::kGru;

    Tensor d_h = c.d_outputs[1];
    Tensor d_c = is_lstm ? or_zeros(c.d_outputs[2], state) : Tensor();
    // What flows to the gates, by way of the input and of the last state; the
    // same but for a GRU.
    std::vector<Tensor> d_x(static_cast<std::size_t>(count)), d_m(d_x);
    for (std::int64_t step = count; step-- > 0;) {
        const std::int64_t t = a.place(step, count);
        const auto at = static_cast<std::size_t>(t);
        const auto before = [&](const Tensor& states, const Tensor& initial) {
            return step == 0 ? initial : step_of(states, a.place(step - 1, count));
        };
        if (c.d_outputs[0]) d_h = plus(d_h, step_of(c.d_outputs[0], t));
        d_h = or_zeros(d_h, state);
        if (is_lstm) {
            const Tensor& cells = c.outputs[3];
            const auto d = graph::apply_all(
                lstm_cell_backward_op, {},
                {step_of(c.outputs[4], t), before(cells, c.x(3)), step_of(cells, t), d_h, d_c});
            d_x[at] = d_m[at] = d[0];
            d_c = d[1];
            d_h = matmul(d_m[at], weight);
        } else if (is_gru) {
            const auto d = graph::apply_all(
                gru_cell_backward_op, {}, {step_of(c.outputs[2], t), before(output, c.x(2)), d_h});
            d_x[at] = d[0];
            d_m[at] = d[1];
            d_h = matmul(d_m[at], weight) + d[2];
        } else {
            const Tensor y = step_of(output, t);
            d_x[at] = d_m[at] =
                a.kind == CellKind::kRelu ? pass_if_positive(y, d_h) : d_h * (1.0F - y * y);
            d_h = matmul(d_m[at], weight);
        }
    }
    const Tensor d_steps = stacked(d_x);
    const Tensor d_states = is_gru ? stacked(d_m) : d_steps;

    // d_weight_hh: each step's d_m with the state before it.
    const auto first = static_cast<std::size_t>(a.place(0, count));
    Tensor d_weight = matmul(transpose(d_m[first]), c.x(2));
    if (count > 1) {
        const std::int64_t later = a.reverse ? 0 : 1;
        d_weight = matmul(transpose(steps_as_rows(d_states, later, count - 1)),
                          steps_as_rows(output, 1 - later, count - 1)) +
                   d_weight;
    }
    std::vector<Tensor> d_inputs{d_steps, d_weight, d_h};
    if (is_lstm) d_inputs.push_back(d_c);
    if (is_gru) d_inputs.push_back(sum(d_states, {.axes = {0, 1}}));
    return d_inputs;
}

// The products with weight_hh: one a step.
std::int64_t flops(const Node& node) {
    return 2 * node.inputs[0].shape().count() * node.inputs[1].shape()[1];
}

const OpDef sequence_op{.name = "recurrent_sequence",
                        .kind = graph::OpKind::kComposite,
                        .infer = infer_sequence,
                        .gradient = gradient_sequence,
                        .flops = flops,
                        .expand = expand_sequence};

// ---- Layers
// -----------------------------------------------------------------------------------

const char* name_of(CellKind kind) {
    return kind == CellKind::kLstm ? "lstm" : kind == CellKind::kGru ? "gru" : "rnn";
}

void expect(const std::string& name, const Tensor& x, const Shape& shape, const std::string& of) {
    if (x && is_floating(x.dtype()) && x.shape() == shape) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not f32{}", name, of,
         x ? to_string(x.spec()) : "empty", to_string(shape));
}

Tensor in_f32(const Tensor& x) {
    return x && is_floating(x.dtype()) ? cast(x, f32) : x;
}

// Steps are computed in f32 whatever the storage; results take the type of the input.
RecurrentWeights in_f32(const RecurrentWeights& w) {
    RecurrentWeights wide = w;
    for (Tensor* x : {&wide.weight_ih, &wide.weight_hh, &wide.bias_ih, &wide.bias_hh})
        *x = in_f32(*x);
    return wide;
}

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

// W x + b, with what may be added of bias_hh beforehand; a GRU's is scaled by
// its reset gate.
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
    Tensor x = in_f32(options.batch_first ? transpose(input, 0, 1) : input);
    const std::int64_t batch = x.shape()[1];
    std::int64_t hidden = 0;
    Layers result;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        std::vector<Tensor> sides;
        for (std::size_t direction = 0; direction < directions; ++direction) {
            const std::size_t at = layer * directions + direction;
            const RecurrentWeights w = in_f32(weights[at]);
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
                return all ? step_of(in_f32(all), static_cast<std::int64_t>(at))
                           : constant(0.0F, {batch, hidden});
            };
            std::vector<Tensor> inputs{input_product(kind, x, w), w.weight_hh, initial(state.h)};
            if (kind == CellKind::kLstm) inputs.push_back(initial(state.c));
            if (kind == CellKind::kGru) inputs.push_back(recurrent_bias(w));
            const auto outputs = graph::apply_all(
                sequence_op, Attributes::of(SequenceAttributes{kind, direction == 1}),
                std::move(inputs));
            sides.push_back(outputs[0]);
            result.h.push_back(reshape(outputs[1], Shape{1, batch, hidden}));
            if (kind == CellKind::kLstm) {
                result.c.push_back(reshape(outputs[2], Shape{1, batch, hidden}));
            }
        }
        x = concatenate(sides, 2);
        if (layer + 1 < layers && options.dropout > 0) {
            x = dropout(x, *options.generator, options.dropout);
        }
    }
    result.output = cast(options.batch_first ? transpose(x, 0, 1) : x, input.dtype());
    for (std::vector<Tensor>* states : {&result.h, &result.c}) {
        for (Tensor& last : *states)
            last = cast(last, input.dtype());
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
    return in_f32(or_zeros(h, state));
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
    const Tensor h = ops::check_cell(CellKind::kLstm, x, state.h, weights);
    if (state.c) ops::expect("lstm_cell", state.c, h.shape(), "the state");
    const RecurrentWeights w = ops::in_f32(weights);
    const Tensor pre =
        ops::input_product(CellKind::kLstm, ops::in_f32(x), w) + matmul(h, transpose(w.weight_hh));
    const Tensor c = ops::in_f32(ops::or_zeros(state.c, h.shape()));
    const auto next = graph::apply_all(ops::lstm_cell_op, {}, {pre, c});
    return {cast(next[0], x.dtype()), cast(next[1], x.dtype())};
}

Tensor gru_cell(const Tensor& x, const Tensor& state, const RecurrentWeights& weights) {
    const Tensor h = ops::check_cell(CellKind::kGru, x, state, weights);
    const RecurrentWeights w = ops::in_f32(weights);
    const Tensor from_x = ops::input_product(CellKind::kGru, ops::in_f32(x), w);
    const Tensor from_h = matmul(h, transpose(w.weight_hh)) + ops::recurrent_bias(w);
    return cast(graph::apply_all(ops::gru_cell_op, {}, {from_x, from_h, h})[0], x.dtype());
}

Tensor rnn_cell(const Tensor& x, const Tensor& state, const RecurrentWeights& weights,
                RnnNonlinearity nonlinearity) {
    const CellKind kind = ops::kind_of(nonlinearity);
    const Tensor h = ops::check_cell(kind, x, state, weights);
    const RecurrentWeights w = ops::in_f32(weights);
    const Tensor from_x = ops::input_product(kind, ops::in_f32(x), w);
    return cast(ops::nonlinear(kind, from_x + matmul(h, transpose(w.weight_hh))), x.dtype());
}

}  // namespace ingot
