// SPDX-License-Identifier: MIT
// Batch norm per channel (Ioffe and Szegedy 2015), x [B, C, ...], n = values a channel:
//   x^ = (x - mean) rstd,  y = x^ scale + shift,  rstd = 1 / sqrt(variance + epsilon)
//   d_shift = sum d_y,  d_scale = sum d_y x^
//   d_x = scale rstd (d_y - d_shift / n - x^ d_scale / n)
// One kernel finds mean and variance, one the two sums of the gradient; the normalisation itself is
// pointwise, so that it runs together with what follows, a relu say.
#include "shaders/batch_norm.h"
#include "ops/axis.h"

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::Node;
using graph::OpDef;
using graph::Operation;

struct StatsAttributes {
    float epsilon;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("epsilon", epsilon);
    }
};

struct AffineAttributes {
    bool has_scale, has_shift;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("has_scale", has_scale);
        visit("has_shift", has_shift);
    }
};

std::int64_t values_per_channel(const Shape& shape) {
    return shape.count() / shape[1];
}

// [C] as [C, 1, ...], which broadcasts over x [B, C, ...].
Tensor per_channel(const Tensor& channels, const Shape& shape) {
    Shape wide{shape[1]};
    while (wide.rank() + 1 < shape.rank())
        wide = wide.inserted(wide.rank(), 1);
    return reshape(channels, wide);
}

shaders::BatchNormParameters parameters_of(const Shape& shape, float epsilon,
                                           const LanePlan& plan) {
    shaders::BatchNormParameters parameters{};
    parameters.channels = static_cast<std::uint32_t>(shape[1]);
    parameters.reduced = static_cast<std::uint32_t>(values_per_channel(shape));
    parameters.inner = parameters.reduced / static_cast<std::uint32_t>(shape[0]);
    parameters.splits = plan.splits;
    parameters.chunk = plan.chunk;
    parameters.epsilon = epsilon;
    return parameters;
}

// `kernel` over the chunks of the channels of x, and its _join where there are several a channel.
// `bind` binds all but `partial` and the outputs, in the first call; `outputs` are those by name.
std::vector<graph::Candidate> lower_channels(
    const LowerContext& context, const std::string& kernel, const Shape& shape, float epsilon,
    std::initializer_list<std::pair<const char*, std::size_t>> inputs,
    std::initializer_list<const char*> outputs) {
    const Operation& op = *context.group.anchor_in(context.body);
    if (shape.count() > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             op.def->name, to_string(shape));
    }
    const auto channels = static_cast<std::uint64_t>(shape[1]);
    const auto reduced = static_cast<std::uint64_t>(values_per_channel(shape));
    const bool contiguous = shape.rank() > 2 && reduced > static_cast<std::uint64_t>(shape[0]);
    const LanePlan plan = plan_lanes(channels, reduced, contiguous, context.device, 256);
    const bool partial = plan.splits > 1;
    const auto parameters = parameters_of(shape, epsilon, plan);
    const Operand unused{Operand::Kind::kUnused, 0, 0, 0};
    const std::uint64_t scratch_bytes = 8 * channels * plan.splits;
    const Operand scratch{Operand::Kind::kScratch, 0, 0, scratch_bytes};

    const auto bind_outputs = [&](KernelCall& call, bool used) {
        std::size_t next = 0;
        for (const char* name : outputs) {
            const graph::ValueId value = op.outputs[next++];
            call.bind(name, used ? graph::operand_of(context.body, value) : unused);
        }
    };
    KernelCall first = KernelCall::make(kernel);
    plan.apply(first);
    first.constant("PARTIAL", partial)
        .bind("partial", partial ? scratch : unused)
        .parameters(parameters)
        .dispatch(plan.groups(channels, context.device));
    for (const auto& [name, input] : inputs) {
        first.bind(name, graph::operand_of(context.body, op.inputs[input]));
    }
    bind_outputs(first, !partial);
    std::vector<KernelCall> calls{std::move(first)};
    if (partial) {
        const LanePlan joining = plan_lanes(channels, plan.splits, true, context.device);
        KernelCall join = KernelCall::make(kernel + "_join");
        joining.apply(join);
        join.bind("partial", scratch)
            .parameters(parameters)
            .dispatch(joining.groups(channels, context.device));
        bind_outputs(join, true);
        calls.push_back(std::move(join));
    }
    auto candidates = only_candidate(context, std::move(calls), 1.0);
    if (partial) candidates[0].scratch_bytes = {scratch_bytes};
    return candidates;
}

// x [B, C, ...] -> mean, rstd, unbiased variance [C]
const OpDef stats_op{
    .name = "batch_norm_stats",
    .listed = graph::in_list<stats_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const TensorSpec channels{{inputs[0].shape()[1]}, f32};
        return {channels, channels, channels};
    },
    .no_gradient = "batch_norm's own gradient accounts for them",
    .lower =
        [](const LowerContext& context) {
            const Operation& op = *context.group.anchor_in(context.body);
            return lower_channels(context, "batch_norm_stats", op.inputs[0].view.shape,
                                  op.attributes.as<StatsAttributes>().epsilon, {{"x", 0}},
                                  {"mean", "rstd", "variance"});
        },
    .reads_narrow = true};

// x, mean, rstd, d_y -> d_shift, d_scale [C]
const OpDef sums_op{
    .name = "batch_norm_sums",
    .listed = graph::in_list<sums_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[1].spec(), inputs[1].spec()};
    },
    .no_gradient = "it is a gradient; second derivatives are not supported",
    .lower =
        [](const LowerContext& context) {
            const Operation& op = *context.group.anchor_in(context.body);
            return lower_channels(context, "batch_norm_sums", op.inputs[0].view.shape, 0,
                                  {{"x", 0}, {"mean", 1}, {"rstd", 2}, {"d_y", 3}},
                                  {"d_shift", "d_scale"});
        },
    .reads_narrow = true};

std::vector<Tensor> gradient_batch_norm(const GradientContext& c) {
    const Tensor& x = c.x(0);
    const auto& a = c.attributes<AffineAttributes>();
    const auto sums = graph::apply_all(sums_op, {}, {x, c.x(1), c.x(2), c.d_y()});
    const auto wide = [&](const Tensor& channels) { return per_channel(channels, x.shape()); };
    const float share = 1.0F / static_cast<float>(values_per_channel(x.shape()));
    // Computed again: x is there for the sums, and what the forward pass made of it is as large.
    const Tensor normal = [&] {
        const graph::Section section;
        return (x - wide(c.x(1))) * wide(c.x(2));
    }();
    // The sums are spread over x before they are scaled: no step of [C] elements for its own sake.
    const Tensor d_shift = expand(wide(sums[0]), x.shape());
    const Tensor d_normal = c.d_y() - (normal * wide(sums[1]) + d_shift) * share;
    Tensor d_x = d_normal * wide(c.x(2));
    if (a.has_scale) d_x = d_x * wide(c.x(3));
    std::vector<Tensor> d_inputs{d_x, Tensor(), Tensor()};
    if (a.has_scale) d_inputs.push_back(sums[1]);
    if (a.has_shift) d_inputs.push_back(sums[0]);
    return d_inputs;
}

// x, mean, rstd [, scale] [, shift] -> y
const OpDef batch_norm_op{
    .name = "batch_norm",
    .listed = graph::in_list<batch_norm_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = graph::OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .gradient = gradient_batch_norm,
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const Tensor& x = node.inputs[0];
        const auto wide = [&](std::size_t i) { return per_channel(node.inputs[i], x.shape()); };
        const auto& a = node.attributes.as<AffineAttributes>();
        Tensor y = (x - wide(1)) * wide(2);
        if (a.has_scale) y = y * wide(3);
        if (a.has_shift) y = y + wide(node.inputs.size() - 1);
        return {y};
    }};

void expect_channels(const Tensor& x, const char* name, const TensorSpec& spec) {
    if (!is_floating(spec.dtype) || spec.shape != Shape{x.shape()[1]}) {
        fail(ErrorKind::kInvalidArgument, "batch_norm: {} is {}, x {} has {} channels", name,
             to_string(spec), to_string(x.spec()), x.shape()[1]);
    }
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift,
                  const Parameter& running_mean, const Parameter& running_variance,
                  const BatchNormOptions& options) {
    using namespace ops;
    if (!is_floating(x.dtype()) || x.shape().rank() < 2) {
        fail(ErrorKind::kInvalidArgument, "batch_norm: takes f32[B, C, ...], not {}",
             to_string(x.spec()));
    }
    if (!(options.epsilon >= 0 && std::isfinite(options.epsilon))) {
        fail(ErrorKind::kInvalidArgument,
             "batch_norm: epsilon is {}, it must be finite and not negative", options.epsilon);
    }
    if (!(options.momentum >= 0 && options.momentum <= 1)) {
        fail(ErrorKind::kInvalidArgument, "batch_norm: momentum is {}, it lies in [0, 1]",
             options.momentum);
    }
    if (scale) expect_channels(x, "scale", scale.spec());
    if (shift) expect_channels(x, "shift", shift.spec());
    expect_channels(x, "running_mean", running_mean.spec());
    expect_channels(x, "running_variance", running_variance.spec());
    if (!options.training) {
        const Tensor variance = per_channel(running_variance, x.shape());
        const Tensor deviation = sqrt(expand(variance, x.shape()) + options.epsilon);
        Tensor y = (x - per_channel(running_mean, x.shape())) / deviation;
        if (scale) y = y * per_channel(scale, x.shape());
        if (shift) y = y + per_channel(shift, x.shape());
        return cast(y, x.dtype());  // the statistics are f32
    }
    if (values_per_channel(x.shape()) < 2) {
        fail(ErrorKind::kInvalidArgument,
             "batch_norm: {} has one value per channel: training needs more", to_string(x.shape()));
    }
    // Widened here: a mean rounded to the type of x would be off by more than y is.
    const Tensor wide = cast(x, f32);
    const auto stats =
        graph::apply_all(stats_op, graph::Attributes::of(StatsAttributes{options.epsilon}), {wide});
    std::vector<Tensor> inputs{wide, stats[0], stats[1]};
    if (scale) inputs.push_back(scale);
    if (shift) inputs.push_back(shift);
    const AffineAttributes affine{static_cast<bool>(scale), static_cast<bool>(shift)};
    const Tensor y =
        cast(graph::apply(batch_norm_op, graph::Attributes::of(affine), inputs), x.dtype());
    const auto moved = [&](const Parameter& running, const Tensor& batch) {
        return running.tensor() * (1.0F - options.momentum) + batch * options.momentum;
    };
    return with_update(with_update(y, running_mean, moved(running_mean, stats[0])),
                       running_variance, moved(running_variance, stats[2]));
}

}  // namespace ingot
