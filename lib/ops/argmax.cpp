// SPDX-License-Identifier: MIT
// argmax: the first place along an axis where x is largest; a NaN counts as largest, as in PyTorch.
//   x [..., N, ...] -> y i32 [..., ...]
#include "ops/axis.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    const std::size_t axis = attributes.as<AxisAttributes>().axis;
    if (inputs[0].dtype() != f32) {
        fail(ErrorKind::kInvalidArgument, "argmax: takes f32, not {}", to_string(inputs[0].spec()));
    }
    return {{inputs[0].shape().without(axis), i32}};
}

std::vector<graph::Candidate> lower(const graph::LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto parameters =
        axis_parameters("argmax", op.inputs[0].view.shape, op.attributes.as<AxisAttributes>().axis);
    KernelCall call = axis_call("argmax", parameters, context.device);
    call.bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    return only_candidate(context, {std::move(call)}, 0.25);
}

const graph::OpDef argmax_op{
    .name = "argmax", .infer = infer, .no_gradient = "a place changes in steps", .lower = lower};

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor argmax(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis("argmax", axis, x.shape());
    return graph::apply(ops::argmax_op, graph::Attributes::of(ops::AxisAttributes{at}), {x});
}

}  // namespace ingot
