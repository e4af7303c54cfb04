// SPDX-License-Identifier: MIT
// One recurrent layer in one direction: x [T, B, G * H] -> output [T, B, H], states [B, H]
// A step is one product U h and one kernel with the gates. Backward walks the steps the other way
// round with one product and one kernel each, and lays what flows to the gates end to end, so that
// the gradients of W, U and the biases are one product over all steps each. Nothing is copied to
// lay steps end to end: they are computed in their place (`stack`).
#include "ops/recurrent_sequence.h"

#include "graph/op_def.h"
#include "graph/state.h"
#include "ops/pointwise.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::Node;
using graph::OpDef;

// ---- Steps end to end ---------------------------------------------------------------------------

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
    .listed = graph::in_list<stack_op>,
    .autocast = graph::AutocastRule::kAsGiven,
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

// [T, B, W] -> [count * B, W], from step `begin` on
Tensor steps_as_rows(const Tensor& x, std::int64_t begin, std::int64_t count) {
    return reshape(slice(x, {.begin = begin, .end = begin + count}),
                   Shape{count * x.shape()[1], x.shape()[2]});
}

// ---- One layer in one direction -----------------------------------------------------------------

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

// Inputs: x [T, B, G * H], weight_hh, h [B, H]; then c [B, H] of an LSTM, bias_hh of a GRU.
// Outputs: output [T, B, H], h [B, H]; of an LSTM c [B, H], cells [T, B, H]; of an LSTM and a GRU
// gates [T, B, 4 H].
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
            const LstmStep next = lstm_step(from_h + step_of(x, t), c);
            h = next.h;
            c = cs[at] = next.c;
            gates[at] = next.gates;
        } else if (a.kind == CellKind::kGru) {
            const GruStep next = gru_step(step_of(x, t), from_h + node.inputs[3], h);
            h = next.h;
            gates[at] = next.gates;
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

std::vector<Tensor> gradient_sequence(const GradientContext& c) {
    const auto& a = c.attributes<SequenceAttributes>();
    const Tensor &x = c.x(0), &weight = c.x(1), &output = c.outputs[0];
    const std::int64_t count = x.shape()[0];
    const Shape& state = c.x(2).shape();
    const bool is_lstm = a.kind == CellKind::kLstm, is_gru = a.kind == CellKind::kGru;

    Tensor d_h = c.d_outputs[1];
    Tensor d_c = is_lstm ? or_zeros(c.d_outputs[2], state) : Tensor();
    // What flows to the gates, by way of the input and of the last state; the same but for a GRU.
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
            const LstmStepGradient d = lstm_step_gradient(
                step_of(c.outputs[4], t), before(cells, c.x(3)), step_of(cells, t), d_h, d_c);
            d_x[at] = d_m[at] = d.d_pre;
            d_c = d.d_c;
            d_h = matmul(d_m[at], weight);
        } else if (is_gru) {
            const GruStepGradient d =
                gru_step_gradient(step_of(c.outputs[2], t), before(output, c.x(2)), d_h);
            d_x[at] = d.d_x;
            d_m[at] = d.d_m;
            d_h = matmul(d_m[at], weight) + d.d_h;
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
                        .listed = graph::in_list<sequence_op>,
                        .autocast = graph::AutocastRule::kLower,
                        .kind = graph::OpKind::kComposite,
                        .infer = infer_sequence,
                        .gradient = gradient_sequence,
                        .flops = flops,
                        .expand = expand_sequence};

}  // namespace

std::int64_t gates_of(CellKind kind) {
    return kind == CellKind::kLstm ? 4 : kind == CellKind::kGru ? 3 : 1;
}

Tensor nonlinear(CellKind kind, const Tensor& x) {
    return kind == CellKind::kRelu ? relu(x) : tanh(x);
}

Tensor step_of(const Tensor& x, std::int64_t t) {
    return reshape(slice(x, {.begin = t, .end = t + 1}), Shape{x.shape()[1], x.shape()[2]});
}

Tensor plus(const Tensor& a, const Tensor& b) {
    return a && b ? a + b : a ? a : b;
}

Sequence recurrent_sequence(CellKind kind, bool reverse, const SequenceInputs& in) {
    std::vector<Tensor> inputs{in.x, in.weight_hh, in.h};
    if (kind == CellKind::kLstm) inputs.push_back(in.c);
    if (kind == CellKind::kGru) inputs.push_back(in.bias_hh);
    const auto outputs = graph::apply_all(
        sequence_op, Attributes::of(SequenceAttributes{kind, reverse}), std::move(inputs));
    return {outputs[0], outputs[1], kind == CellKind::kLstm ? outputs[2] : Tensor()};
}

}  // namespace ingot::ops
