// SPDX-License-Identifier: MIT
// One step of an LSTM (Hochreiter and Schmidhuber 1997, with forget gates) and of a GRU (Cho et al.
// 2014, its reset inside the recurrent term as in PyTorch), after the products with the weights:
// pointwise, but for the gates of one unit, which stand H apart.
#include "ops/recurrent_cell.h"

#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/axis.h"
#include "shaders/recurrent.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::View;

// `kernel` over the elements of a state [B, H]; inputs and outputs are bound in order.
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

// gates [B, 4 H], c, c_next, d_h, d_c [B, H] -> d_pre [B, 4 H], d_c before the step
const OpDef lstm_cell_backward_op{
    .name = "lstm_cell_backward",
    .listed = graph::in_list<lstm_cell_backward_op>,
    .autocast = graph::AutocastRule::kAsGiven,
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
    .listed = graph::in_list<lstm_cell_op>,
    .autocast = graph::AutocastRule::kLower,
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

// gates [B, 4 H], h, d_h [B, H] -> d_x, d_m [B, 3 H], d_h before the step but for d_m's share
const OpDef gru_cell_backward_op{
    .name = "gru_cell_backward",
    .listed = graph::in_list<gru_cell_backward_op>,
    .autocast = graph::AutocastRule::kAsGiven,
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
    .listed = graph::in_list<gru_cell_op>,
    .autocast = graph::AutocastRule::kLower,
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

}  // namespace

Tensor or_zeros(const Tensor& x, const Shape& shape) {
    return x ? x : constant(0.0F, shape);
}

LstmStep lstm_step(const Tensor& pre, const Tensor& c) {
    const auto y = graph::apply_all(lstm_cell_op, {}, {pre, c});
    return {y[0], y[1], y[2]};
}

LstmStepGradient lstm_step_gradient(const Tensor& gates, const Tensor& c, const Tensor& c_next,
                                    const Tensor& d_h, const Tensor& d_c) {
    const auto d = graph::apply_all(lstm_cell_backward_op, {}, {gates, c, c_next, d_h, d_c});
    return {d[0], d[1]};
}

GruStep gru_step(const Tensor& x, const Tensor& m, const Tensor& h) {
    const auto y = graph::apply_all(gru_cell_op, {}, {x, m, h});
    return {y[0], y[1]};
}

GruStepGradient gru_step_gradient(const Tensor& gates, const Tensor& h, const Tensor& d_h) {
    const auto d = graph::apply_all(gru_cell_backward_op, {}, {gates, h, d_h});
    return {d[0], d[1], d[2]};
}

}  // namespace ingot::ops
