// SPDX-License-Identifier: MIT
// Pooling over windows of one to three axes: x [B, C, D, H, W] -> y [B, C, D', H', W'].
//   max: y = the largest of the window;         d_x = sum of d_y over the windows whose maximum it
//   is mean: y = the window's sum / its divisor;   d_x = sum of d_y / divisor over the windows it
//   is in
// The forward maximum keeps, as a second output, where in its image each maximum stood: one word
// an output, a fraction of what reading x again in the gradient would cost.
//
// Both are separable, the choice of the first maximum included, and so large windows go axis by
// axis: 49 positions of a 7 x 7 window are no more work than two passes, 10000 are a hundredfold.
#include "shaders/pool.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/pool_geometry.h"
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

using Inputs = std::span<const Tensor>;

constexpr std::int64_t kLargeWindow = 256;    // positions; a larger one goes axis by axis
constexpr std::int64_t kMostRounds = 60'000;  // lavapipe before Mesa 25 leaves a loop after 65535
constexpr std::int64_t kStrip = 8, kShort = 64;  // strips where windows are at most short

std::uint32_t epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const std::int64_t pixels = output.count() / (output[0] * output[1]);
    const bool channels = std::int64_t{div} == pixels && std::int64_t{mod} == output[1];
    return channels ? shaders::kAccessRow : shaders::kAccessNone;
}

std::int64_t positions(const PoolGeometry& g) {
    return g.reach(0) * g.reach(1) * g.reach(2);
}
std::int64_t overlaps(const PoolGeometry& g) {
    return g.overlap(0) * g.overlap(1) * g.overlap(2);
}

// The call all four kernels have in common: an invocation computes a strip of a row of output 0.
KernelCall pool_call(const LowerContext& context, const std::string& kernel) {
    constexpr std::uint32_t kLocalSize = 64;
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& g = op.attributes.as<PoolGeometry>();
    const Shape& written = context.body.values[op.outputs[0]].spec.shape;
    const auto number = [](std::int64_t value) { return static_cast<std::int32_t>(value); };

    // Taking an element's number apart costs a processor more than a short window.
    const std::int64_t width = written[g.axes + 1];
    std::int64_t strip = 1;
    if (context.device.device_class == DeviceClass::kCpu &&
        std::max(positions(g), overlaps(g)) <= kShort) {
        const std::int64_t strips = (width + kStrip - 1) / kStrip;
        strip = (width + strips - 1) / strips;
    }
    shaders::PoolParameters p{};
    p.strips = word((width + strip - 1) / strip);
    p.count = word(written.count() / width) * p.strips;
    p.channels = word(g.channels);
    p.depth = word(g.image[0]);
    p.height = word(g.image[1]);
    p.width = word(g.image[2]);
    p.slices = word(g.result[0]);
    p.rows = word(g.result[1]);
    p.columns = word(g.result[2]);
    p.padding_z = number(g.padding[0]);
    p.padding_y = number(g.padding[1]);
    p.padding_x = number(g.padding[2]);

    KernelCall call = KernelCall::make(kernel);
    graph::set_program(call, context.body, context.group.program);
    return call.constant("LOCAL_SIZE", kLocalSize)
        .constant("STRIP", word(strip))
        .constant("VOLUME", g.image[0] > 1 || g.result[0] > 1)
        .constant("ADAPTIVE", g.adaptive)
        .constant("KERNEL_Z", number(g.kernel[0]))
        .constant("KERNEL_Y", number(g.kernel[1]))
        .constant("KERNEL_X", number(g.kernel[2]))
        .constant("STRIDE_Z", number(g.stride[0]))
        .constant("STRIDE_Y", number(g.stride[1]))
        .constant("STRIDE_X", number(g.stride[2]))
        .constant("DILATION_Z", number(g.dilation[0]))
        .constant("DILATION_Y", number(g.dilation[1]))
        .constant("DILATION_X", number(g.dilation[2]))
        .constant("UNIFORM", !g.adaptive && g.include_pad && !g.leaves_padding())
        .constant("INCLUDE_PAD", g.include_pad)
        .parameters(p)
        .dispatch(groups_for(p.count, kLocalSize, context.device));
}

std::vector<Candidate> candidate_of(const LowerContext& context, KernelCall call) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& g = op.attributes.as<PoolGeometry>();
    Candidate candidate;
    candidate.name = std::string(call.kernel->name);
    candidate.flops = static_cast<double>(g.y_shape().count() * positions(g));
    candidate.bytes = 4.0 * static_cast<double>(g.x_shape().count() + g.y_shape().count());
    candidate.cost_ns = candidate.bytes;
    candidate.calls.push_back(std::move(call));
    return {std::move(candidate)};
}

bool is_read(const graph::Body& body, graph::ValueId value) {
    const auto reads = [&](const graph::Use& use) { return use.value == value; };
    return std::any_of(body.operations.begin(), body.operations.end(),
                       [&](const auto& op) {
                           return std::any_of(op.inputs.begin(), op.inputs.end(), reads);
                       }) ||
           std::any_of(body.outputs.begin(), body.outputs.end(),
                       [&](const auto& output) { return reads(output.use); }) ||
           std::any_of(body.updates.begin(), body.updates.end(),
                       [&](const auto& update) { return reads(update.value); });
}

std::vector<TensorSpec> infer_x(Inputs, const Attributes& attributes) {
    return {{attributes.as<PoolGeometry>().x_shape(), f32}};
}
std::vector<TensorSpec> infer_y(Inputs, const Attributes& attributes) {
    return {{attributes.as<PoolGeometry>().y_shape(), f32}};
}

// --- maximum -------------------------------------------------------------------------------------

// With the places given, the gradient is linear, and what it reads of d_y is what pick() reads
// back.

Tensor scatter(const Attributes& attributes, const Tensor& d_y, const Tensor& places);
Tensor pick(const Attributes& attributes, const Tensor& x, const Tensor& places);

// d_y, places -> d_x
const OpDef max_pool_gradient_op{
    .name = "max_pool_gradient",
    .listed = graph::in_list<max_pool_gradient_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer_x,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {pick(c.node.attributes, c.d_y(), c.x(1)), Tensor()};
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            KernelCall call = pool_call(context, "max_pool_backward");
            call.bind("d_y", graph::operand_of(context.body, op.inputs[0]))
                .bind("place", graph::operand_of(context.body, op.inputs[1]));
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

// x, places -> x where the places are
const OpDef max_pool_pick_op{
    .name = "max_pool_pick",
    .listed = graph::in_list<max_pool_pick_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer_y,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {scatter(c.node.attributes, c.d_y(), c.x(1)), Tensor()};
    },
    .lower =
        [](const LowerContext& context) {
            constexpr std::uint32_t kLocalSize = 64;
            const graph::Operation& op = *context.group.anchor_in(context.body);
            const auto& g = op.attributes.as<PoolGeometry>();
            const graph::PointwiseProgram& program = context.group.program;
            KernelCall call = KernelCall::make("max_pool_pick");
            graph::set_program(call, context.body, program);
            const auto count = word(g.y_shape().count());
            call.constant("LOCAL_SIZE", kLocalSize)
                .bind("x", graph::operand_of(context.body, op.inputs[0]))
                .bind("place", graph::operand_of(context.body, op.inputs[1]))
                .parameters(shaders::PoolPickParameters{count, word(product(g.result)),
                                                        word(product(g.image)), word(g.channels)})
                .dispatch(groups_for(count, kLocalSize, context.device));
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

Tensor scatter(const Attributes& attributes, const Tensor& d_y, const Tensor& places) {
    return graph::apply(max_pool_gradient_op, attributes, {d_y, places});
}
Tensor pick(const Attributes& attributes, const Tensor& x, const Tensor& places) {
    return graph::apply(max_pool_pick_op, attributes, {x, places});
}

// x -> y, places i32
const OpDef max_pool_op{
    .name = "max_pool",
    .listed = graph::in_list<max_pool_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        const Shape shape = attributes.as<PoolGeometry>().y_shape();
        return {{shape, f32}, {shape, i32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        if (!c.d_y()) return {Tensor()};
        return {scatter(c.node.attributes, c.d_y(), c.outputs[1])};
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            const bool places = is_read(context.body, op.outputs[1]);
            KernelCall call = pool_call(context, "max_pool");
            call.constant("MASKED", op.attributes.as<PoolGeometry>().leaves_image())
                .constant("PLACES", places)
                .bind("x", graph::operand_of(context.body, op.inputs[0]))
                .bind("place", places ? graph::operand_of(context.body, op.outputs[1])
                                      : Operand{Operand::Kind::kUnused, 0, 0, 0});
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

// --- mean ----------------------------------------------------------------------------------------
// Linear, so the two directions are each other's gradients.

Tensor average(const Attributes& attributes, const Tensor& x);
Tensor spread(const Attributes& attributes, const Tensor& d_y);

const OpDef avg_pool_op{.name = "avg_pool",
                        .listed = graph::in_list<avg_pool_op>,
                        .autocast = graph::AutocastRule::kAsGiven,
                        .infer = infer_y,
                        .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                            return {spread(c.node.attributes, c.d_y())};
                        },
                        .lower =
                            [](const LowerContext& context) {
                                const graph::Operation& op = *context.group.anchor_in(context.body);
                                KernelCall call = pool_call(context, "avg_pool");
                                call.constant("MASKED",
                                              op.attributes.as<PoolGeometry>().leaves_image())
                                    .bind("x", graph::operand_of(context.body, op.inputs[0]));
                                return candidate_of(context, std::move(call));
                            },
                        .fusion = graph::Fusion::kEpilogue,
                        .reads_narrow = true,
                        .epilogue_access = epilogue_access};

const OpDef avg_pool_gradient_op{
    .name = "avg_pool_gradient",
    .listed = graph::in_list<avg_pool_gradient_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer_x,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {average(c.node.attributes, c.d_y())};
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            KernelCall call = pool_call(context, "avg_pool_backward");
            call.bind("d_y", graph::operand_of(context.body, op.inputs[0]));
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

Tensor average(const Attributes& attributes, const Tensor& x) {
    return graph::apply(avg_pool_op, attributes, {x});
}
Tensor spread(const Attributes& attributes, const Tensor& d_y) {
    return graph::apply(avg_pool_gradient_op, attributes, {d_y});
}

// --- functions -----------------------------------------------------------------------------------

using Maxima = std::pair<Tensor, Tensor>;

void check_rounds(const char* name, const PoolGeometry& g) {
    const std::int64_t rounds = std::max(positions(g), overlaps(g));
    if (rounds <= kMostRounds) return;
    fail(ErrorKind::kUnsupported, "{}: windows of {} positions that {} others overlap; at most {}",
         name, positions(g), overlaps(g), kMostRounds);
}

// `pool` over one axis of `g` at a time, the last first: of equal maxima that keeps the first.
template <typename Pool>
Tensor by_axes(const PoolGeometry& g, Tensor x, Pool&& pool) {
    PoolGeometry one = g;
    one.result = g.image;
    for (std::size_t axis = 3; axis-- > 0;) {
        one.kernel = one.stride = one.dilation = {1, 1, 1};
        one.padding = {0, 0, 0};
        one.result[axis] = g.result[axis];
        one.kernel[axis] = g.kernel[axis];
        one.stride[axis] = g.stride[axis];
        one.padding[axis] = g.padding[axis];
        one.dilation[axis] = g.dilation[axis];
        if (one.image[axis] != one.result[axis] || one.kernel[axis] > 1) x = pool(one, x);
        one.image[axis] = one.result[axis];
    }
    return x;
}

bool is_large(const PoolGeometry& g) {
    return std::max(positions(g), overlaps(g)) > kLargeWindow;
}

Tensor mean_over(const char* name, const PoolGeometry& g, const Tensor& x) {
    const auto pool = [&](const PoolGeometry& one, const Tensor& of) {
        check_rounds(name, one);
        return average(Attributes::of(one), of);
    };
    return is_large(g) ? by_axes(g, x, pool) : pool(g, x);
}

Maxima max_and_place(const char* name, const PoolGeometry& g, const Tensor& x) {
    check_rounds(name, g);
    const std::vector<Tensor> both = graph::apply_all(max_pool_op, Attributes::of(g), {x});
    return {both[0], both[1]};
}

Tensor max_over(const char* name, const PoolGeometry& g, const Tensor& x) {
    const auto pool = [&](const PoolGeometry& one, const Tensor& of) {
        return max_and_place(name, one, of).first;
    };
    return is_large(g) ? by_axes(g, x, pool) : pool(g, x);
}

template <typename Options>
PoolRequest request_of(const char* name, const Options& o) {
    return {.name = name,
            .axes = values(o.kernel).size(),
            .kernel = triple_of(values(o.kernel), 1),
            .stride = triple_of(values(o.stride), 1),
            .padding = triple_of(values(o.padding), 0),
            .ceil_mode = o.ceil_mode};
}

template <typename Options>
PoolGeometry max_geometry(const char* name, const Tensor& x, const Options& options) {
    PoolRequest request = request_of(name, options);
    request.dilation = triple_of(values(options.dilation), 1);
    return pool_geometry(request, x);
}

template <typename Options>
Tensor max_pool(const char* name, const Tensor& x, const Options& options) {
    return max_over(name, max_geometry(name, x, options), x);
}

template <typename Options>
Maxima max_pool_with_indices(const char* name, const Tensor& x, const Options& options) {
    return max_and_place(name, max_geometry(name, x, options), x);
}

template <typename Options>
Tensor avg_pool(const char* name, const Tensor& x, const Options& options) {
    PoolRequest request = request_of(name, options);
    request.include_pad = options.count_include_pad;
    return mean_over(name, pool_geometry(request, x), x);
}

template <typename Sizes>
Tensor adaptive_avg_pool(const char* name, const Tensor& x, const Sizes& output_size) {
    return mean_over(name, adaptive_geometry(name, x, values(output_size)), x);
}

template <typename Sizes>
Tensor adaptive_max_pool(const char* name, const Tensor& x, const Sizes& output_size) {
    return max_over(name, adaptive_geometry(name, x, values(output_size)), x);
}

// The axes that a global pooling reduces.
std::vector<std::int64_t> image_axes(const char* name, const Tensor& x) {
    if (!is_floating(x.dtype()) || x.shape().rank() < 3 || x.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32 [B, C, ...], not {}", name,
             to_string(x.spec()));
    }
    std::vector<std::int64_t> axes;
    for (std::size_t axis = 2; axis < x.shape().rank(); ++axis)
        axes.push_back(static_cast<std::int64_t>(axis));
    return axes;
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using Sizes2 = std::array<std::int64_t, 2>;
using Sizes3 = std::array<std::int64_t, 3>;

#define DEFINE(Result, function, axes, Argument)                   \
    Result function##axes##d(const Tensor& x, Argument argument) { \
        return ops::function(#function #axes "d", x, argument);    \
    }
#define DEFINE_WITH_INDICES(axes, Options)                                                \
    std::pair<Tensor, Tensor> max_pool##axes##d_with_indices(const Tensor& x,             \
                                                             const Options& options) {    \
        return ops::max_pool_with_indices("max_pool" #axes "d_with_indices", x, options); \
    }
DEFINE(Tensor, max_pool, 1, const MaxPool1dOptions&)
DEFINE(Tensor, max_pool, 2, const MaxPool2dOptions&)
DEFINE(Tensor, max_pool, 3, const MaxPool3dOptions&)
DEFINE_WITH_INDICES(1, MaxPool1dOptions)
DEFINE_WITH_INDICES(2, MaxPool2dOptions)
DEFINE_WITH_INDICES(3, MaxPool3dOptions)
DEFINE(Tensor, avg_pool, 1, const AvgPool1dOptions&)
DEFINE(Tensor, avg_pool, 2, const AvgPool2dOptions&)
DEFINE(Tensor, avg_pool, 3, const AvgPool3dOptions&)
DEFINE(Tensor, adaptive_avg_pool, 1, std::int64_t)
DEFINE(Tensor, adaptive_avg_pool, 2, Sizes2)
DEFINE(Tensor, adaptive_avg_pool, 3, Sizes3)
DEFINE(Tensor, adaptive_max_pool, 1, std::int64_t)
DEFINE(Tensor, adaptive_max_pool, 2, Sizes2)
DEFINE(Tensor, adaptive_max_pool, 3, Sizes3)
#undef DEFINE
#undef DEFINE_WITH_INDICES

Tensor global_avg_pool(const Tensor& x) {
    return mean(x, {.axes = ops::image_axes("global_avg_pool", x)});
}
Tensor global_max_pool(const Tensor& x) {
    return max(x, {.axes = ops::image_axes("global_max_pool", x)});
}

}  // namespace ingot
