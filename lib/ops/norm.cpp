// SPDX-License-Identifier: MIT
// Layer, RMS, group and instance norm: one engine over x seen as rows [rows, cols] of neighbours,
// with x^ = (x - mean) rstd, g = d_y weight, means over a row:
//   y = x^ weight + bias                           rstd = 1 / sqrt(variance + eps)
//   d_x = rstd (g - mean g - x^ mean(g x^))        d_weight = sum d_y x^,  d_bias = sum d_y
// RMS norm is the same with mean 0. An element's channel, whose weight it takes, is
//   row % groups * per_group + column / inner:
//   layer, RMS   x [rows, cols]: groups 1, inner 1: the column
//   group        x [B, groups, per_group, inner], rows B * groups
//   instance     as group, with a group a channel
// The kernel of the gradient goes over x and d_y once for all sums: those of weights at columns for
// blocks of rows, those of weights at channels for each sample. What is left to add up is small.
//
// Batch norm is not one of these (batch_norm.cpp): its rows, the channels, are no neighbours, so a
// fused pass gains nothing over statistics first and a pointwise normalisation, which runs together
// with the relu behind it.
#include "shaders/norm.h"
#include "ops/axis.h"
#include "ops/word.h"

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;

struct NormAttributes {
    std::string function;  // for errors
    std::int64_t rows, cols;
    std::int64_t groups = 1, per_group = 1, inner = 1;
    float epsilon = 0;
    bool centered = true;
    bool has_weight = false, has_bias = false;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("function", function);
        visit("rows", rows);
        visit("cols", cols);
        visit("groups", groups);
        visit("per_group", per_group);
        visit("inner", inner);
        visit("epsilon", epsilon);
        visit("centered", centered);
        visit("has_weight", has_weight);
        visit("has_bias", has_bias);
    }

    bool at_columns() const { return groups == 1 && inner == 1; }
    std::uint32_t affine() const {
        return !has_weight && !has_bias ? shaders::kAffineNone
               : at_columns()           ? shaders::kAffineColumn
                                        : shaders::kAffineChannel;
    }
    // Rows that share a partial sum of d_weight: enough for the sums to be small beside x, not so
    // many that blocks are too few for a card or their loops too long.
    std::int64_t block_rows() const {
        const std::int64_t for_length = 32768 / cols;
        const std::int64_t for_count = rows * std::min<std::int64_t>(cols, 1024) / 262144;
        const bool sums = affine() == shaders::kAffineColumn;
        return sums ? std::max<std::int64_t>(std::min(for_length, for_count), 1) : 1;
    }
    std::int64_t blocks() const { return (rows + block_rows() - 1) / block_rows(); }
    // What norm_backward leaves of d_weight and d_bias, to be added up along axis 0.
    Shape sums() const {
        return affine() == shaders::kAffineColumn ? Shape{blocks(), cols}
                                                  : Shape{rows / groups, groups * per_group};
    }
};

std::vector<TensorSpec> infer_norm(std::span<const Tensor> inputs, const Attributes& attributes) {
    const auto& a = attributes.as<NormAttributes>();
    for (const Tensor& input : inputs) {
        if (is_floating(input.dtype())) continue;
        fail(ErrorKind::kInvalidArgument, "{}: takes f32, not {}", a.function,
             to_string(input.spec()));
    }
    const TensorSpec row{{a.rows}, f32};
    return {inputs[0].spec(), row, row, row};
}

shaders::NormParameters parameters_of(const NormAttributes& a, const LanePlan& plan) {
    if (a.rows * a.cols > 0xffffffffll) {
        fail(ErrorKind::kUnsupported,
             "{}: [{}, {}] has more elements than a kernel can number (2^32)", a.function, a.rows,
             a.cols);
    }
    shaders::NormParameters parameters{};
    parameters.rows = word(a.rows);
    parameters.cols = word(a.cols);
    parameters.groups = word(a.groups);
    parameters.per_group = word(a.per_group);
    parameters.inner = word(a.inner);
    parameters.splits = plan.splits;
    parameters.chunk = plan.chunk;
    parameters.block_rows = 1;
    parameters.epsilon = a.epsilon;
    return parameters;
}

constexpr Operand kUnused{Operand::Kind::kUnused, 0, 0, 0};

struct Binding {
    const char* name;
    Operand operand;
    bool is_output = false;  // nothing that the first stage touches
};

// Rows of lanes over the columns, in chunks of whole channels where the kernel sums those up.
LanePlan plan_rows(const NormAttributes& a, std::int64_t owners, bool whole_channels,
                   const DeviceDescription& device) {
    const auto cols = static_cast<std::uint64_t>(a.cols);
    const std::int64_t most = whole_channels ? std::min<std::int64_t>(a.per_group, 1024) : 1024;
    LanePlan plan = plan_lanes(static_cast<std::uint64_t>(owners), cols, true, device, word(most));
    if (!whole_channels) return plan;
    const std::uint32_t inner = word(a.inner);
    plan.chunk = (plan.chunk + inner - 1) / inner * inner;
    plan.splits = (word(a.cols) + plan.chunk - 1) / plan.chunk;
    return plan;
}

// One dispatch of `kernel`, or two where rows are too few to fill the device; `owners` is what a
// row of lanes is given: rows, or blocks of rows in all but the first stage.
std::vector<graph::Candidate> lower_rows(const LowerContext& context, const char* kernel,
                                         std::int64_t owners, std::int64_t block_rows,
                                         bool whole_channels, std::uint64_t partial_words,
                                         const std::vector<Binding>& bindings) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto& a = op.attributes.as<NormAttributes>();
    const LanePlan plan = plan_rows(a, owners, whole_channels, context.device);
    const std::uint64_t scratch_bytes =
        4 * partial_words * static_cast<std::uint64_t>(a.rows) * plan.splits;
    const Operand scratch{Operand::Kind::kScratch, 0, 0, scratch_bytes};
    const auto stage = [&](std::uint32_t number) {
        const bool first = number == shaders::kNormSums;
        auto parameters = parameters_of(a, plan);
        if (!first) parameters.block_rows = word(block_rows);
        KernelCall call = KernelCall::make(kernel);
        plan.apply(call);
        call.constant("STAGE", number)
            .constant("AFFINE", a.affine())
            .constant("HAS_WEIGHT", a.has_weight)
            .constant("HAS_BIAS", a.has_bias)
            .constant("CENTERED", a.centered)
            .parameters(parameters)
            .bind("partial", number == shaders::kNormWhole ? kUnused : scratch)
            .dispatch(
                plan.groups(static_cast<std::uint64_t>(first ? a.rows : owners), context.device));
        for (const Binding& binding : bindings)
            call.bind(binding.name, first && binding.is_output ? kUnused : binding.operand);
        return call;
    };
    if (plan.splits == 1) return only_candidate(context, {stage(shaders::kNormWhole)}, 2.0);
    auto candidates =
        only_candidate(context, {stage(shaders::kNormSums), stage(shaders::kNormApply)}, 2.0);
    candidates[0].scratch_bytes = {scratch_bytes};
    return candidates;
}

// x, mean, rstd, d_y [, weight] -> d_x [, sums of d_weight] [, sums of d_bias]
const OpDef norm_backward_op{
    .name = "norm_backward",
    .listed = graph::in_list<norm_backward_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& a = attributes.as<NormAttributes>();
        std::vector<TensorSpec> outputs{inputs[0].spec()};
        outputs.resize(1u + a.has_weight + a.has_bias, {a.sums(), f32});
        return outputs;
    },
    .no_gradient = "it is a gradient; second derivatives are not supported",
    .lower = [](const LowerContext& context) -> std::vector<graph::Candidate> {
        const Operation& op = *context.group.anchor_in(context.body);
        const auto& a = op.attributes.as<NormAttributes>();
        const auto input = [&](std::size_t i) {
            return graph::operand_of(context.body, op.inputs[i]);
        };
        const auto output = [&](std::size_t i, bool used) {
            return used ? graph::operand_of(context.body, op.outputs[i]) : kUnused;
        };
        const bool by_channel = a.affine() == shaders::kAffineChannel && a.per_group > 1;
        return lower_rows(context, "norm_backward", a.blocks(), a.block_rows(), by_channel,
                          shaders::kNormProducts,
                          {{"x", input(0)},
                           {"mean", input(1)},
                           {"rstd", input(2)},
                           {"d_y", input(3)},
                           {"weight", a.has_weight ? input(4) : kUnused},
                           {"d_x", output(0, true), true},
                           {"d_weight", output(1, a.has_weight), !by_channel},
                           {"d_bias", output(1u + a.has_weight, a.has_bias), !by_channel}});
    },
    .reads_narrow = true};

std::vector<Tensor> gradient_norm(const GradientContext& c) {
    const auto& a = c.attributes<NormAttributes>();
    std::vector<Tensor> inputs{c.x(0), c.outputs[1], c.outputs[2], c.d_y()};
    if (a.has_weight) inputs.push_back(c.x(1));
    const auto made = graph::apply_all(norm_backward_op, c.node.attributes, inputs);
    std::vector<Tensor> d_inputs{made[0]};
    for (std::size_t i = 1; i < made.size(); ++i) {
        d_inputs.push_back(reshape(sum(made[i], {.axes = {0}}), c.x(i).shape()));
    }
    return d_inputs;
}

// x [, weight] [, bias] -> y, and of each row mean, rstd, variance
const OpDef norm_op{.name = "norm_rows",
                    .listed = graph::in_list<norm_op>,
                    .autocast = graph::AutocastRule::kFloat32,
                    .infer = infer_norm,
                    .gradient = gradient_norm,
                    .lower = [](const LowerContext& context) -> std::vector<graph::Candidate> {
                        const Operation& op = *context.group.anchor_in(context.body);
                        const auto& a = op.attributes.as<NormAttributes>();
                        const auto input = [&](std::size_t i, bool used) {
                            return used ? graph::operand_of(context.body, op.inputs[i]) : kUnused;
                        };
                        const auto output = [&](std::size_t i) {
                            return graph::operand_of(context.body, op.outputs[i]);
                        };
                        return lower_rows(context, "norm", a.rows, 1, false, shaders::kNormMoments,
                                          {{"x", input(0, true)},
                                           {"weight", input(1, a.has_weight)},
                                           {"bias", input(1u + a.has_weight, a.has_bias)},
                                           {"y", output(0), true},
                                           {"mean", output(1), true},
                                           {"rstd", output(2), true},
                                           {"variance", output(3), true}});
                    },
                    .reads_narrow = true};

void expect_epsilon(const char* function, float epsilon) {
    if (epsilon >= 0 && std::isfinite(epsilon)) return;
    fail(ErrorKind::kInvalidArgument, "{}: eps is {}, it must be finite and not negative", function,
         epsilon);
}

void expect_shape(const char* function, const char* name, const Tensor& tensor, const Shape& shape,
                  const Tensor& x) {
    if (!tensor || tensor.shape() == shape) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, it must be of shape {} for x {}", function,
         name, to_string(tensor.spec()), to_string(shape), to_string(x.spec()));
}

std::vector<Tensor> norm_rows(NormAttributes attributes, const Tensor& x, const Tensor& weight,
                              const Tensor& bias) {
    attributes.has_weight = static_cast<bool>(weight);
    attributes.has_bias = static_cast<bool>(bias);
    std::vector<Tensor> inputs{x};
    if (weight) inputs.push_back(weight);
    if (bias) inputs.push_back(bias);
    return graph::apply_all(norm_op, Attributes::of(attributes), inputs);
}

Tensor norm_last_axes(const char* function, const Tensor& x, const Shape& normalized,
                      const Tensor& weight, const Tensor& bias, float epsilon, bool centered) {
    expect_epsilon(function, epsilon);
    const Shape& shape = x.shape();
    bool ends = normalized.rank() >= 1 && normalized.rank() <= shape.rank();
    for (std::size_t i = 0; ends && i < normalized.rank(); ++i) {
        ends = normalized[i] == shape[shape.rank() - normalized.rank() + i];
    }
    if (!ends) {
        fail(ErrorKind::kInvalidArgument,
             "{}: x {} does not end in the normalized shape {}, of one axis or more", function,
             to_string(x.spec()), to_string(normalized));
    }
    expect_shape(function, "weight", weight, normalized, x);
    expect_shape(function, "bias", bias, normalized, x);
    const std::int64_t cols = normalized.count();
    return norm_rows({.function = function,
                      .rows = shape.count() / cols,
                      .cols = cols,
                      .per_group = cols,
                      .epsilon = epsilon,
                      .centered = centered},
                     x, weight, bias)[0];
}

// y, and of each group of each sample mean, rstd and variance.
std::vector<Tensor> norm_groups(const char* function, const Tensor& x, std::int64_t groups,
                                const Tensor& weight, const Tensor& bias, float epsilon) {
    const Shape& shape = x.shape();
    const Shape channels{shape[1]};
    expect_shape(function, "weight", weight, channels, x);
    expect_shape(function, "bias", bias, channels, x);
    const std::int64_t rows = shape[0] * groups;
    return norm_rows({.function = function,
                      .rows = rows,
                      .cols = shape.count() / rows,
                      .groups = groups,
                      .per_group = shape[1] / groups,
                      .inner = shape.count() / (shape[0] * shape[1]),
                      .epsilon = epsilon},
                     x, weight, bias);
}

void expect_samples(const char* function, const Tensor& x, std::size_t rank) {
    if (x.shape().rank() >= rank) return;
    fail(ErrorKind::kInvalidArgument, "{}: takes f32[B, C, ...] of {} axes or more, not {}",
         function, rank, to_string(x.spec()));
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, float eps) {
    return ops::norm_last_axes("layer_norm", x, normalized_shape, weight, bias, eps, true);
}

Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight, float eps) {
    return ops::norm_last_axes("rms_norm", x, normalized_shape, weight, {}, eps, false);
}

Tensor group_norm(const Tensor& x, std::int64_t groups, const Tensor& weight, const Tensor& bias,
                  float eps) {
    using namespace ops;
    expect_epsilon("group_norm", eps);
    expect_samples("group_norm", x, 2);
    if (groups < 1 || x.shape()[1] % groups != 0) {
        fail(ErrorKind::kInvalidArgument,
             "group_norm: {} groups do not divide the {} channels of {}", groups, x.shape()[1],
             to_string(x.spec()));
    }
    return norm_groups("group_norm", x, groups, weight, bias, eps)[0];
}

Tensor instance_norm(const Tensor& x, const Tensor& weight, const Tensor& bias,
                     const InstanceNormOptions& options) {
    using namespace ops;
    expect_epsilon("instance_norm", options.eps);
    expect_samples("instance_norm", x, 3);
    const Shape& shape = x.shape();
    const std::int64_t channels = shape[1];
    const bool tracked = static_cast<bool>(options.running_mean);
    if (tracked != static_cast<bool>(options.running_var) ||
        (!tracked && !options.use_input_stats)) {
        fail(ErrorKind::kInvalidArgument,
             "instance_norm: running_mean and running_var are given together, and where "
             "use_input_stats is false");
    }
    if (!(options.momentum >= 0 && options.momentum <= 1)) {
        fail(ErrorKind::kInvalidArgument, "instance_norm: momentum is {}, it lies in [0, 1]",
             options.momentum);
    }
    if (tracked) {
        expect_shape("instance_norm", "running_mean", options.running_mean, {channels}, x);
        expect_shape("instance_norm", "running_var", options.running_var, {channels}, x);
    }
    if (!options.use_input_stats) {
        return batch_norm(x, weight, bias, options.running_mean, options.running_var,
                          {.epsilon = options.eps, .training = false});
    }
    const std::int64_t values = shape.count() / (shape[0] * channels);
    if (values < 2) {
        fail(ErrorKind::kInvalidArgument,
             "instance_norm: {} has one value per channel of a sample: it needs more",
             to_string(shape));
    }
    const auto made = norm_groups("instance_norm", x, channels, weight, bias, options.eps);
    if (!tracked) return made[0];
    const auto moved = [&](const Parameter& running, const Tensor& rows, float scale) {
        const Tensor batch = mean(reshape(rows, {shape[0], channels}), {.axes = {0}});
        return running.tensor() * (1.0F - options.momentum) + batch * (options.momentum * scale);
    };
    const auto n = static_cast<float>(values);
    const Tensor y =
        with_update(made[0], options.running_mean, moved(options.running_mean, made[1], 1.0F));
    return with_update(y, options.running_var, moved(options.running_var, made[3], n / (n - 1)));
}

}  // namespace ingot
