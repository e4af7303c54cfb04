// SPDX-License-Identifier: MIT
// softmax and log_softmax along any axis; with m = max x:
//   y = exp(x - m) / sum exp(x - m)            d_x = y (d_y - sum y d_y)
//   y = x - m - log sum exp(x - m)             d_x = d_y - exp(y) sum d_y
//   x [..., N, ...] -> y of the same shape
// Subtracting the maximum keeps exp at or below 1 and one term of the sum at 1, whatever x.
#include "graph/autocast.h"
#include "ops/axis.h"

#include <ingot/graph.h>
#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

template <bool is_log>
std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    if (!is_floating(inputs[0].dtype())) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32, not {}",
             is_log ? "log_softmax" : "softmax", to_string(inputs[0].spec()));
    }
    return {inputs[0].spec()};
}

template <bool is_log>
std::vector<graph::Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto parameters = axis_parameters(op.def->name, op.inputs[0].view.shape,
                                            op.attributes.as<AxisAttributes>().axis);
    KernelCall call = axis_call("softmax", parameters, context.device);
    call.constant("LOGARITHM", is_log)
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    return only_candidate(context, {std::move(call)}, 1.0);
}

template <bool is_log>
std::vector<graph::Candidate> lower_backward(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto parameters = axis_parameters(op.def->name, op.inputs[0].view.shape,
                                            op.attributes.as<AxisAttributes>().axis);
    KernelCall call = axis_call("softmax_backward", parameters, context.device);
    call.constant("LOGARITHM", is_log)
        .bind("y", graph::operand_of(context.body, op.inputs[0]))
        .bind("d_y", graph::operand_of(context.body, op.inputs[1]))
        .bind("d_x", graph::operand_of(context.body, op.outputs[0]));
    return only_candidate(context, {std::move(call)}, 0.5);
}

// A kernel gives a row to one group. Of a row longer than this, sums and maxima are found in
// stages, by many.
constexpr std::int64_t kLongRow = std::int64_t{1} << 20;

template <bool is_log>
Tensor in_stages(const Tensor& given, std::size_t axis) {
    const Tensor x = graph::Casting(graph::AutocastRule::kFloat32)(given);
    const ReduceOptions along{.axes = {static_cast<std::int64_t>(axis)}, .keep_axes = true};
    const Tensor shifted = x - stop_gradient(max(x, along));
    const Tensor terms = exp(shifted);
    const Tensor total = sum(terms, along);
    return is_log ? shifted - log(total) : terms / total;
}

constexpr std::string_view kOnce = "it is a gradient; second derivatives are not supported";

const OpDef softmax_backward_op{.name = "softmax_backward",
                                .listed = graph::in_list<softmax_backward_op>,
                                .autocast = graph::AutocastRule::kAsGiven,
                                .infer = infer<false>,
                                .no_gradient = kOnce,
                                .lower = lower_backward<false>,
                                .reads_narrow = true};
const OpDef log_softmax_backward_op{.name = "log_softmax_backward",
                                    .listed = graph::in_list<log_softmax_backward_op>,
                                    .autocast = graph::AutocastRule::kAsGiven,
                                    .infer = infer<true>,
                                    .no_gradient = kOnce,
                                    .lower = lower_backward<true>,
                                    .reads_narrow = true};
const OpDef softmax_op{
    .name = "softmax",
    .listed = graph::in_list<softmax_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .infer = infer<false>,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {graph::apply(softmax_backward_op, c.node.attributes, {c.y(), c.d_y()})};
    },
    .lower = lower<false>,
    .reads_narrow = true};
const OpDef log_softmax_op{
    .name = "log_softmax",
    .listed = graph::in_list<log_softmax_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .infer = infer<true>,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {graph::apply(log_softmax_backward_op, c.node.attributes, {c.y(), c.d_y()})};
    },
    .lower = lower<true>,
    .reads_narrow = true};

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor softmax(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis("softmax", axis, x.shape());
    if (x.shape()[at] > ops::kLongRow) return ops::in_stages<false>(x, at);
    return graph::apply(ops::softmax_op, graph::Attributes::of(ops::AxisAttributes{at}), {x});
}

Tensor log_softmax(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis("log_softmax", axis, x.shape());
    if (x.shape()[at] > ops::kLongRow) return ops::in_stages<true>(x, at);
    return graph::apply(ops::log_softmax_op, graph::Attributes::of(ops::AxisAttributes{at}), {x});
}

}  // namespace ingot
