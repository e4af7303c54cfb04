// SPDX-License-Identifier: MIT
// Reading at indices along one axis; embedding and index_select are this, too.
//   x [A, N, S], index i32 [K] or [A, K, S] -> y [A, K, S]
//   y[a, k, s] = x[a, index, s]      d_x = the sum of d_y over the elements read there (scatter)
// An index outside [0, N) is reported through the step's status and never used.
#include "ops/gather.h"
#include "graph/program_call.h"
#include "ops/axis.h"
#include "ops/pointwise.h"
#include "ops/rows.h"
#include "ops/word.h"

#include <ingot/ops.h>

#include <algorithm>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

// The shape beside the indices.
Shape small_shape(const Shape& large, const Shape& indices, const IndexAttributes& index) {
    return index.elementwise ? indices : large.with(index.axis, indices[0]);
}

std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& index = op.attributes.as<IndexAttributes>();
    const TensorSpec& y = context.body.values[op.outputs[0]].spec;
    axis_parameters(op.def->name, op.inputs[0].view.shape, index.axis);  // not too large
    auto parameters = gather_parameters(op.def->name, index, y.shape, true);
    parameters.word = y.dtype == i32 ? 0u : 0x7fc00000u;  // a NaN
    KernelCall call = KernelCall::make("gather");
    lay_out_rows(call, parameters, 64, context.device);
    call.parameters(parameters)
        .constant("ELEMENTWISE", index.elementwise)
        .bind("status", {Operand::Kind::kStatus, 0, 0, 0})
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("index", graph::operand_of(context.body, op.inputs[1]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    Candidate candidate{.name = "gather", .calls = {std::move(call)}, .scratch_bytes = {}};
    candidate.bytes = 8.0 * static_cast<double>(y.shape.count());
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

const OpDef gather_op{
    .name = "gather",
    .listed = graph::in_list<gather_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        return {
            {small_shape(inputs[0].shape(), inputs[1].shape(), attributes.as<IndexAttributes>()),
             inputs[0].dtype()}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {scattered_sum(c.d_y(), c.x(1), c.attributes<IndexAttributes>()), Tensor()};
    },
    .lower = lower,
    .reads_narrow = true,
    .reports = true};

void expect_indices(const char* operation, const Tensor& indices) {
    if (indices.dtype() == i32 && indices.shape().count() > 0) return;
    fail(ErrorKind::kInvalidArgument, "{}: takes indices of i32, not {}", operation,
         to_string(indices.spec()));
}

}  // namespace

shaders::GatherParameters gather_parameters(std::string_view operation,
                                            const IndexAttributes& index, const Shape& small,
                                            bool writes_small) {
    const Shape large = small.with(index.axis, index.size);
    if (std::max(small.count(), large.count()) > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             operation, to_string(small.count() > large.count() ? small : large));
    }
    shaders::GatherParameters p{};
    p.inner = word(contiguous_strides(small)[index.axis]);
    p.size = word(index.size);
    p.count = word(small[index.axis]);
    p.rows = word((writes_small ? small : large).count() / p.inner);
    p.chunks = 1;
    p.word = word(index.left_out);
    return p;
}

Tensor gathered(const Tensor& large, const Tensor& indices, const IndexAttributes& index) {
    const Tensor y = graph::apply(gather_op, Attributes::of(index), {large, indices});
    if (index.left_out < 0) return y;
    // The row left out adds nothing to a sum, so nothing comes back from it.
    const Tensor is_left_out =
        equal(indices, graph::constant_word(static_cast<std::uint32_t>(index.left_out), i32));
    Shape shape = indices.shape();
    for (std::size_t axis = index.axis + 1; axis < y.shape().rank() && !index.elementwise; ++axis)
        shape = shape.inserted(shape.rank(), 1);
    return where(reshape(is_left_out, shape), 0.0F, y);
}

namespace {

// Element by element, in the name of one of the two functions that do.
Tensor gather_as(const char* operation, const Tensor& x, std::int64_t axis, const Tensor& index) {
    expect_indices(operation, index);
    const std::size_t at = resolve_axis(operation, axis, x.shape());
    Tensor source = x;
    bool fits = index.shape().rank() == x.shape().rank();
    for (std::size_t i = 0; fits && i < x.shape().rank(); ++i) {
        if (i == at) continue;
        fits = index.shape()[i] <= x.shape()[i];
        if (!fits) break;
        source = slice(source, {.axis = static_cast<std::int64_t>(i), .end = index.shape()[i]});
    }
    if (!fits) {
        fail(ErrorKind::kInvalidArgument,
             "{}: index {} must be of the rank of x {} and no larger but along axis {}", operation,
             to_string(index.spec()), to_string(x.spec()), axis);
    }
    return cast(gathered(in_words(source), index, {at, x.shape()[at], true}), x.dtype());
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor index_select(const Tensor& x, std::int64_t axis, const Tensor& indices) {
    expect_indices("index_select", indices);
    const std::size_t at = resolve_axis("index_select", axis, x.shape());
    if (indices.shape().rank() != 1) {
        fail(ErrorKind::kInvalidArgument, "index_select: takes indices [K], not {}",
             to_string(indices.spec()));
    }
    return cast(gathered(in_words(x), indices, {at, x.shape()[at], false}), x.dtype());
}

Tensor embedding(const Tensor& weight, const Tensor& indices, const EmbeddingOptions& options) {
    if (!is_floating(weight.dtype()) || weight.shape().rank() != 2 ||
        indices.shape().rank() == Shape::kMaxRank) {
        fail(ErrorKind::kInvalidArgument,
             "embedding: takes weight f32[V, D] and indices i32[...], not {} and {}",
             to_string(weight.spec()), to_string(indices.spec()));
    }
    expect_indices("embedding", indices);
    const std::int64_t rows = weight.shape()[0];
    std::int64_t padding = -1;
    if (options.padding_idx) {
        padding = *options.padding_idx + (*options.padding_idx < 0 ? rows : 0);
        if (padding < 0 || padding >= rows) {
            fail(ErrorKind::kInvalidArgument, "embedding: padding_idx {} is no row of {}",
                 *options.padding_idx, to_string(weight.shape()));
        }
    }
    IndexAttributes index{0, rows, false, padding};
    const Tensor flat = reshape(indices, Shape{indices.shape().count()});
    const Tensor y = graph::apply(gather_op, Attributes::of(index), {weight, flat});
    return reshape(y, indices.shape().inserted(indices.shape().rank(), weight.shape()[1]));
}

Tensor gather(const Tensor& x, std::int64_t axis, const Tensor& index) {
    return gather_as("gather", x, axis, index);
}

Tensor take_along_axis(const Tensor& x, const Tensor& index, std::int64_t axis) {
    return gather_as("take_along_axis", x, axis, index);
}

}  // namespace ingot
