// SPDX-License-Identifier: MIT
// argmax and argmin: the first place along an axis where x is largest or smallest; a NaN counts as
// both, as in PyTorch. Bytes are compared as i32.
//   x [..., N, ...] -> y i32 [..., ...]
#include "ops/axis.h"
#include "ops/pointwise.h"

#include <ingot/ops.h>

namespace ingot::ops {
namespace {

using graph::Attributes;

template <bool smallest>
constexpr const char* kName = smallest ? "argmin" : "argmax";

template <bool smallest>
std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    return {{inputs[0].shape().without(attributes.as<AxisAttributes>().axis), i32}};
}

template <bool smallest>
std::vector<graph::Candidate> lower(const graph::LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto parameters = axis_parameters(kName<smallest>, op.inputs[0].view.shape,
                                            op.attributes.as<AxisAttributes>().axis);
    KernelCall call = axis_call("argmax", parameters, context.device);
    call.constant("SMALLEST", smallest)
        .constant("INTEGERS", context.body.values[op.inputs[0].value].spec.dtype == i32)
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    return only_candidate(context, {std::move(call)}, 0.25);
}

template <bool smallest>
const graph::OpDef arg_op{.name = kName<smallest>,
                          .listed = graph::in_list<arg_op<smallest>>,
                          .autocast = graph::AutocastRule::kAsGiven,
                          .infer = infer<smallest>,
                          .no_gradient = "a place changes in steps",
                          .lower = lower<smallest>};

template <bool smallest>
Tensor place_of(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis(kName<smallest>, axis, x.shape());
    return graph::apply(arg_op<smallest>, Attributes::of(AxisAttributes{at}), {in_words(x)});
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor argmax(const Tensor& x, std::int64_t axis) {
    return ops::place_of<false>(x, axis);
}

Tensor argmin(const Tensor& x, std::int64_t axis) {
    return ops::place_of<true>(x, axis);
}

}  // namespace ingot
