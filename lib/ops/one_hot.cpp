// SPDX-License-Identifier: MIT
// one_hot: indices i32 [...] -> y [..., V], 1 where the last axis is the index, else 0. An index
// outside [0, V) is reported through the step's status.
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/gather.h"

#include <ingot/ops.h>

#include <bit>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;

struct OneHotAttributes {
    std::int64_t classes;
    bool integers;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("classes", classes);
        visit("integers", integers);
    }
};

std::vector<Candidate> lower(const graph::LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& attributes = op.attributes.as<OneHotAttributes>();
    const std::int64_t count = context.body.values[op.outputs[0]].spec.shape.count();
    if (count > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "one_hot: {} elements are more than a kernel can number",
             count);
    }
    shaders::GatherParameters p{};
    p.rows = static_cast<std::uint32_t>(count / attributes.classes);
    p.size = static_cast<std::uint32_t>(attributes.classes);
    p.word = attributes.integers ? 1u : std::bit_cast<std::uint32_t>(1.0F);
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make("one_hot");
    call.constant("LOCAL_SIZE", kLocalSize)
        .parameters(p)
        .bind("status", {Operand::Kind::kStatus, 0, 0, 0})
        .bind("indices", graph::operand_of(context.body, op.inputs[0]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]))
        .dispatch(groups_for(static_cast<std::uint64_t>(count), kLocalSize, context.device));
    Candidate candidate{.name = "one_hot", .calls = {std::move(call)}, .scratch_bytes = {}};
    candidate.bytes = 4.0 * static_cast<double>(count);
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

const graph::OpDef one_hot_op{
    .name = "one_hot",
    .listed = graph::in_list<one_hot_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& one_hot = attributes.as<OneHotAttributes>();
        const Shape& shape = inputs[0].shape();
        return {{shape.inserted(shape.rank(), one_hot.classes), one_hot.integers ? i32 : f32}};
    },
    .no_gradient = "integers have none",
    .lower = lower,
    .reports = true};

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor one_hot(const Tensor& indices, std::int64_t classes, DType dtype) {
    if (indices.dtype() != i32 || indices.shape().rank() == Shape::kMaxRank) {
        fail(ErrorKind::kInvalidArgument, "one_hot: takes indices of i32, not {}",
             to_string(indices.spec()));
    }
    if (classes < 1 || classes > 0x7fffffff) {
        fail(ErrorKind::kInvalidArgument, "one_hot: {} classes, must be at least 1", classes);
    }
    const bool integers = !is_floating(dtype);
    return cast(
        graph::apply(ops::one_hot_op,
                     graph::Attributes::of(ops::OneHotAttributes{classes, integers}), {indices}),
        dtype);
}

}  // namespace ingot
