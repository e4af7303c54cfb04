// SPDX-License-Identifier: MIT
// cross_entropy of logits against class numbers, a row each; and accuracy. What reduces, weighs or
// smooths stands in nll_loss.cpp.
//   logits [B, V], labels i32 [B] -> loss [B]
//   loss = log sum exp(logits) - logits[label]        d_logits = (softmax - onehot(label)) d_loss
// both 0 where the label is the ignored one. The sum is of exp(logits - max), so that nothing
// overflows. Another label outside [0, V) is reported through the step's status and never used as
// an index.
#include "shaders/cross_entropy.h"
#include "ops/axis.h"
#include "ops/losses.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;
using graph::View;

struct CrossEntropyAttributes {
    bool ignores;
    std::int64_t ignored;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("ignores", ignores);
        visit("ignored", ignored);
    }
    std::uint32_t ignored_word() const {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(ignored));
    }
};

void expect_rows(const char* operation, const Tensor& logits, const Tensor& labels) {
    if (!is_floating(logits.dtype()) || logits.shape().rank() != 2 || labels.dtype() != i32 ||
        labels.shape() != Shape{logits.shape()[0]}) {
        fail(ErrorKind::kInvalidArgument,
             "{}: takes logits f32[B, V] and labels i32[B], not {} and {}", operation,
             to_string(logits.spec()), to_string(labels.spec()));
    }
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    return {{inputs[1].shape(), f32}};
}

std::vector<graph::Candidate> lower(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto axis = axis_parameters("cross_entropy", op.inputs[0].view.shape, 1);
    const auto& attributes = op.attributes.as<CrossEntropyAttributes>();
    const LanePlan plan = plan_lanes(axis.rows, axis.cols, true, context.device);
    KernelCall call = KernelCall::make("cross_entropy");
    plan.apply(call);
    call.parameters(shaders::CrossEntropyParameters{0, axis.rows, axis.cols, attributes.ignores,
                                                    attributes.ignored_word()})
        .bind("status", {Operand::Kind::kStatus, 0, 0, 0})
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("labels", graph::operand_of(context.body, op.inputs[1]))
        .bind("loss", graph::operand_of(context.body, op.outputs[0]))
        .dispatch(plan.groups(axis.rows, context.device));
    return only_candidate(context, {std::move(call)}, 1.0);
}

std::vector<graph::Candidate> lower_backward(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto axis = axis_parameters("cross_entropy_backward", op.inputs[0].view.shape, 1);
    const LanePlan plan = plan_lanes(axis.rows, axis.cols, true, context.device);
    const auto& attributes = op.attributes.as<CrossEntropyAttributes>();
    const View& d_rows = op.inputs[2].view;
    const shaders::CrossEntropyBackwardParameters parameters{
        axis.rows,
        axis.cols,
        attributes.ignores,
        attributes.ignored_word(),
        static_cast<std::uint32_t>(d_rows.offset),
        static_cast<std::uint32_t>(d_rows.strides[0])};
    KernelCall call = KernelCall::make("cross_entropy_backward");
    plan.apply(call);
    call.parameters(parameters)
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("labels", graph::operand_of(context.body, op.inputs[1]))
        .bind("d_rows", graph::operand_of(context.body, op.inputs[2].value))
        .bind("d_x", graph::operand_of(context.body, op.outputs[0]))
        .dispatch(plan.groups(axis.rows, context.device));
    return only_candidate(context, {std::move(call)}, 1.0);
}

const OpDef cross_entropy_backward_op{
    .name = "cross_entropy_backward",
    .listed = graph::in_list<cross_entropy_backward_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .no_gradient = "it is a gradient; second derivatives are not supported",
    .lower = lower_backward,
    .reads_narrow = true,
    // A mean's gradient is one number for all rows: followed, not spread out first.
    .accepts = [](std::size_t input, const View&) { return input == 2; }};

const OpDef cross_entropy_op{.name = "cross_entropy",
                             .listed = graph::in_list<cross_entropy_op>,
                             .autocast = graph::AutocastRule::kFloat32,
                             .infer = infer,
                             .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                                 return {graph::apply(cross_entropy_backward_op, c.node.attributes,
                                                      {c.x(0), c.x(1), c.d_y()}),
                                         Tensor()};
                             },
                             .lower = lower,
                             .reads_narrow = true,
                             .reports = true};

}  // namespace

Tensor cross_entropy_rows(const Tensor& x, const Tensor& labels,
                          std::optional<std::int32_t> ignored) {
    const CrossEntropyAttributes attributes{ignored.has_value(), ignored.value_or(0)};
    return graph::apply(cross_entropy_op, Attributes::of(attributes), {x, labels});
}

}  // namespace ingot::ops

namespace ingot {

Tensor accuracy(const Tensor& logits, const Tensor& labels) {
    ops::expect_rows("accuracy", logits, labels);
    return mean(cast(equal(argmax(logits, 1), labels), f32));
}

}  // namespace ingot
