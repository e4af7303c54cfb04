// SPDX-License-Identifier: MIT
// Tensors laid end to end along one axis, by one strided copy each; and pack, which lays whole
// tensors end to end in a state (the gradients of a parameter slab) where they are computed in
// place, so that it usually costs nothing.
//   x_i [..., n_i, ...] -> y [..., sum n_i, ...];   d x_i = the slice of d_y
#include "ops/concatenate.h"

#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "shaders/copy_view.h"

#include <ingot/ops.h>

#include <algorithm>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;
using graph::View;

struct ConcatenateAttributes {
    std::size_t axis;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
    }
};

struct PackAttributes {
    std::shared_ptr<graph::State> state;
    std::vector<std::uint64_t> offset_bytes;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("state", state->id);
        visit("offset_bytes", offset_bytes);
    }
};

std::vector<TensorSpec> infer_concatenate(std::span<const Tensor> inputs,
                                          const Attributes& attributes) {
    const std::size_t axis = attributes.as<ConcatenateAttributes>().axis;
    const Tensor& first = inputs[0];
    std::int64_t size = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Shape& shape = inputs[i].shape();
        if (inputs[i].dtype() != first.dtype() || shape.rank() != first.shape().rank() ||
            shape.with(axis, first.shape()[axis]) != first.shape()) {
            fail(ErrorKind::kInvalidArgument,
                 "concatenate: input {} is {}, input 0 is {}: they may differ in axis {} only", i,
                 to_string(inputs[i].spec()), to_string(first.spec()), axis);
        }
        size += shape[axis];
    }
    return {{first.shape().with(axis, size), first.dtype()}};
}

std::vector<Tensor> gradient_concatenate(const GradientContext& c) {
    const auto axis = c.attributes<ConcatenateAttributes>().axis;
    std::vector<Tensor> d_inputs;
    std::int64_t begin = 0;
    for (const Tensor& input : c.node.inputs) {
        const std::int64_t end = begin + input.shape()[axis];
        d_inputs.push_back(
            slice(c.d_y(), {.axis = static_cast<std::int64_t>(axis), .begin = begin, .end = end}));
        begin = end;
    }
    return d_inputs;
}

// One strided copy of `use` into the view `to` of `target`.
KernelCall strided_copy(const LowerContext& context, const graph::Use& use, const View& to,
                        graph::ValueId target) {
    using namespace ingot::shaders;
    CopyViewParameters parameters{};
    std::fill(std::begin(parameters.sizes), std::end(parameters.sizes), 1u);
    const View views[] = {use.view, to};
    const graph::CollapsedViews collapsed = graph::collapse(use.view.shape, views);
    const std::size_t axes = collapsed.sizes.size();
    if (axes > kCopyViewAxes) {
        fail(ErrorKind::kUnsupported, "concatenate: {} has more axes than the copy follows ({})",
             to_string(use.view), kCopyViewAxes);
    }
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const std::size_t at = kCopyViewAxes - axes + axis;
        parameters.sizes[at] = static_cast<std::uint32_t>(collapsed.sizes[axis]);
        parameters.source_strides[at] = static_cast<std::uint32_t>(collapsed.strides[0][axis]);
        parameters.target_strides[at] = static_cast<std::uint32_t>(collapsed.strides[1][axis]);
    }
    parameters.source_offset = static_cast<std::uint32_t>(use.view.offset);
    parameters.target_offset = static_cast<std::uint32_t>(to.offset);
    parameters.count = static_cast<std::uint32_t>(use.view.shape.count());
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make("copy_view");
    call.constant("LOCAL_SIZE", kLocalSize)
        .bind("source", graph::operand_of(context.body, use.value))
        .bind("target", graph::operand_of(context.body, target))
        .parameters(parameters)
        .dispatch(groups_for(parameters.count, kLocalSize, context.device));
    return call;
}

std::vector<Candidate> lower_concatenate(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const std::size_t axis = op.attributes.as<ConcatenateAttributes>().axis;
    const graph::ValueId target = op.outputs[0];
    const View whole = View::of(context.body.values[target].spec.shape);
    Candidate candidate{.name = "copy_view", .calls = {}, .scratch_bytes = {}};
    std::int64_t begin = 0;
    for (const graph::Use& use : op.inputs) {
        const std::int64_t size = use.view.shape[axis];
        candidate.calls.push_back(
            strided_copy(context, use, graph::sliced(whole, axis, begin, size, 1), target));
        begin += size;
    }
    candidate.bytes = 8.0 * static_cast<double>(whole.shape.count());
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

const OpDef concatenate_op{.name = "concatenate",
                           .listed = graph::in_list<concatenate_op>,
                           .autocast = graph::AutocastRule::kAsGiven,
                           .infer = infer_concatenate,
                           .gradient = gradient_concatenate,
                           .lower = lower_concatenate,
                           .accepts = [](std::size_t, const View&) { return true; }};

const OpDef pack_op{
    .name = "pack",
    .listed = graph::in_list<pack_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor>, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {attributes.as<PackAttributes>().state->spec};
    },
    .no_gradient = "it is the last step of a gradient, not the first of a loss",
    .layout =
        [](const Attributes& attributes) { return attributes.as<PackAttributes>().offset_bytes; },
    .holder = [](const Attributes& attributes) { return attributes.as<PackAttributes>().state; }};

}  // namespace

Tensor pack(std::span<const Tensor> tensors, const std::shared_ptr<graph::State>& into,
            std::vector<std::uint64_t> offset_bytes) {
    return graph::apply(pack_op, Attributes::of(PackAttributes{into, std::move(offset_bytes)}),
                        {tensors.begin(), tensors.end()});
}

}  // namespace ingot::ops

namespace ingot {

Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis) {
    if (tensors.empty()) fail(ErrorKind::kInvalidArgument, "concatenate: no tensors");
    const std::size_t at = resolve_axis("concatenate", axis, tensors[0].shape());
    if (tensors.size() == 1) return tensors[0];
    const DType dtype = tensors[0].dtype();
    if (size_bytes_of(dtype) == 1) {  // parts would begin inside a word
        std::vector<Tensor> wide;
        for (const Tensor& tensor : tensors)
            wide.push_back(tensor && tensor.dtype() == dtype ? cast(tensor, i32) : tensor);
        return cast(concatenate(wide, axis), dtype);
    }
    return graph::apply(ops::concatenate_op, graph::Attributes::of(ops::ConcatenateAttributes{at}),
                        {tensors.begin(), tensors.end()});
}

}  // namespace ingot
