// SPDX-License-Identifier: MIT
// interpolate, one axis after the other: bilinear and trilinear weights are products of linear
// ones.
//   x [A, N, S] -> y [A, M, S]      y[i] = (1 - w) x[low] + w x[low + 1], low + w = source(i)
//   nearest: source = i N / M or (i + 1/2) N / M, w = 0; linear: (i + 1/2) N / M - 1/2, or
//   i (N - 1) / (M - 1) with align_corners
// Linear in x, so that the two directions are each other's gradients.
#include "shaders/interpolate.h"
#include "graph/program_call.h"
#include "ops/rows.h"
#include "ops/word.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

struct ResizeAttributes {
    std::size_t axis;
    std::int64_t size, resized;
    float scale;  // elements of x from one of y to the next
    std::uint32_t mode;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("size", size);
        visit("resized", resized);
        visit("scale", scale);
        visit("mode", mode);
    }
};

template <bool backward>
std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& resize = op.attributes.as<ResizeAttributes>();
    const Shape& from = op.inputs[0].view.shape;
    const Shape& to = context.body.values[op.outputs[0]].spec.shape;
    if (std::max(from.count(), to.count()) > 0xffffffffll) {
        fail(ErrorKind::kUnsupported,
             "interpolate: {} to {} is more than a kernel can number (2^32 elements)",
             to_string(from), to_string(to));
    }
    shaders::InterpolateParameters p{};
    p.size = word(resize.size);
    p.resized = word(resize.resized);
    p.inner = word(contiguous_strides(to)[resize.axis]);
    p.rows = word(to.count()) / p.inner;
    p.scale = resize.scale;
    p.reach = resize.scale > 0 ? 1 / resize.scale : static_cast<float>(resize.resized);
    KernelCall call = KernelCall::make(backward ? "interpolate_backward" : "interpolate");
    lay_out_rows(call, p, backward ? 1 : 16, context.device);
    call.constant("MODE", resize.mode)
        .bind(backward ? "d_y" : "x", graph::operand_of(context.body, op.inputs[0]))
        .bind(backward ? "d_x" : "y", graph::operand_of(context.body, op.outputs[0]))
        .parameters(p);
    Candidate candidate{.name = std::string(call.kernel->name), .calls = {}, .scratch_bytes = {}};
    candidate.bytes = 4.0 * static_cast<double>(from.count() + to.count());
    candidate.flops = 8.0 * static_cast<double>(std::max(from.count(), to.count()));
    candidate.cost_ns = candidate.bytes;
    candidate.calls.push_back(std::move(call));
    return {std::move(candidate)};
}

template <bool backward>
std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    const auto& resize = attributes.as<ResizeAttributes>();
    return {{inputs[0].shape().with(resize.axis, backward ? resize.size : resize.resized), f32}};
}

extern const OpDef interpolate_gradient_op;

const OpDef interpolate_op{
    .name = "interpolate",
    .listed = graph::in_list<interpolate_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer<false>,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {graph::apply(interpolate_gradient_op, c.node.attributes, {c.d_y()})};
    },
    .lower = lower<false>,
    .reads_narrow = true};

const OpDef interpolate_gradient_op{
    .name = "interpolate_gradient",
    .listed = graph::in_list<interpolate_gradient_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer<true>,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {graph::apply(interpolate_op, c.node.attributes, {c.d_y()})};
    },
    .lower = lower<true>,
    .reads_narrow = true};

// `factor` is the scale that was given, 0 where the size was.
Tensor resized_axis(const Tensor& x, std::size_t axis, std::int64_t resized, double factor,
                    const InterpolateOptions& options) {
    const std::int64_t size = x.shape()[axis];
    ResizeAttributes resize{axis, size, resized, 0, 0};
    const auto ratio = [](std::int64_t a, std::int64_t b) {
        return b > 0 ? static_cast<float>(a) / static_cast<float>(b) : 0.0F;
    };
    resize.scale = factor > 0 ? static_cast<float>(1.0 / factor) : ratio(size, resized);
    switch (options.mode) {
        case InterpolateMode::kNearest: resize.mode = shaders::kNearest; break;
        case InterpolateMode::kNearestExact: resize.mode = shaders::kNearestExact; break;
        case InterpolateMode::kLinear:
            resize.mode = shaders::kLinear;
            if (!options.align_corners) break;
            resize.mode = shaders::kLinearCorners;
            resize.scale = ratio(size - 1, resized - 1);
            break;
    }
    if (size == resized && resize.scale == 1.0F) return x;
    if (size == 1) return expand(x, x.shape().with(axis, resized));
    constexpr std::int64_t kMostReaders = 16384;  // the kernels' loops are bounded
    if (resized / (size - 1) > kMostReaders) {
        fail(ErrorKind::kUnsupported, "interpolate: axis {} of {} made {} long, more than {} times",
             axis, to_string(x.shape()), resized, kMostReaders);
    }
    return graph::apply(interpolate_op, Attributes::of(resize), {x});
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor interpolate(const Tensor& x, const InterpolateOptions& options) {
    const std::size_t rank = x.shape().rank();
    if (!is_floating(x.dtype()) || rank < 3 || rank > 5 || x.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument,
             "interpolate: takes f32 [B, C, W], [B, C, H, W] or [B, C, D, H, W], not {}",
             to_string(x.spec()));
    }
    const std::size_t spatial = rank - 2;
    const std::size_t given = options.size.size() + options.scale.size();
    if ((given != 1 && given != spatial) || (!options.size.empty() && !options.scale.empty())) {
        fail(ErrorKind::kInvalidArgument,
             "interpolate: needs size or scale, 1 or {} numbers, not {} sizes and {} scales",
             spatial, options.size.size(), options.scale.size());
    }
    if (options.align_corners && options.mode != InterpolateMode::kLinear) {
        fail(ErrorKind::kInvalidArgument, "interpolate: align_corners is for linear modes only");
    }
    Tensor y = x;
    for (std::size_t i = 0; i < spatial; ++i) {
        const std::size_t at = given == 1 ? 0 : i;
        const double factor = options.scale.empty() ? 0.0 : options.scale[at];
        const double wanted = options.scale.empty()
                                  ? static_cast<double>(options.size[at])
                                  : std::floor(static_cast<double>(x.shape()[2 + i]) * factor);
        if (!(wanted >= 1 && wanted <= 0x7fffffff)) {
            fail(ErrorKind::kInvalidArgument,
                 "interpolate: axis {} of {} would be {} long, must be at least 1", 2 + i,
                 to_string(x.shape()), wanted);
        }
        y = ops::resized_axis(y, 2 + i, static_cast<std::int64_t>(wanted), factor, options);
    }
    return y;
}

}  // namespace ingot
