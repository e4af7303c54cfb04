// SPDX-License-Identifier: MIT
// Pooling over windows of images: x [B, C, H, W] -> y [B, C, H', W'], H' = (H + 2p - k) / s + 1.
//   max: y = the largest of the window;    d_x = sum of d_y over the windows whose maximum it is
//   mean: y = the window's sum / (kh kw);  d_x = sum of d_y over the windows it lies in / (kh kw)
// The forward maximum keeps, as a second output, where in its window each maximum stood: one word
// an output, a fraction of what reading x again in the gradient would cost.
#include "shaders/pool2d.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"

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
using Pair = std::array<std::int64_t, 2>;  // height, width

struct Pool2dGeometry {
    Shape x, y;
    Pair kernel, stride, padding;

    template <typename Visit>
    void fields(Visit visit) const {
        const auto list = [](const Pair& pair) {
            return std::vector<std::int64_t>(pair.begin(), pair.end());
        };
        visit("x", x);
        visit("kernel", list(kernel));
        visit("stride", list(stride));
        visit("padding", list(padding));
    }
};

std::uint32_t epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const bool channels =
        std::int64_t{div} == output[2] * output[3] && std::int64_t{mod} == output[1];
    return channels ? shaders::kAccessRow : shaders::kAccessNone;
}

// The call all four kernels have in common, one invocation an element of output 0.
KernelCall pool_call(const LowerContext& context, const std::string& kernel) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& g = op.attributes.as<Pool2dGeometry>();
    const auto word = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
    const std::int64_t count = context.body.values[op.outputs[0]].spec.shape.count();
    if (std::max(g.x.count(), g.y.count()) > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             op.def->name, to_string(g.x));
    }
    shaders::Pool2dParameters p{};
    p.count = word(count);
    p.channels = word(g.x[1]);
    p.height = word(g.x[2]);
    p.width = word(g.x[3]);
    p.rows = word(g.y[2]);
    p.columns = word(g.y[3]);
    p.kernel_y = word(g.kernel[0]);
    p.kernel_x = word(g.kernel[1]);
    p.stride_y = word(g.stride[0]);
    p.stride_x = word(g.stride[1]);
    p.padding_y = word(g.padding[0]);
    p.padding_x = word(g.padding[1]);
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make(kernel + graph::light_suffix(context.group.program));
    graph::set_program(call, context.body, context.group.program);
    call.constant("LOCAL_SIZE", kLocalSize)
        .parameters(p)
        .dispatch(groups_for(p.count, kLocalSize, context.device));
    return call;
}

std::vector<Candidate> candidate_of(const LowerContext& context, KernelCall call) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& g = op.attributes.as<Pool2dGeometry>();
    Candidate candidate;
    candidate.name = std::string(call.kernel->name);
    candidate.flops = static_cast<double>(g.y.count() * g.kernel[0] * g.kernel[1]);
    candidate.bytes = 4.0 * static_cast<double>(g.x.count() + g.y.count());
    candidate.cost_ns = candidate.bytes;
    candidate.calls.push_back(std::move(call));
    return {std::move(candidate)};
}

bool is_read(const graph::Body& body, graph::ValueId value) {
    return std::any_of(body.operations.begin(), body.operations.end(), [&](const auto& op) {
        return std::any_of(op.inputs.begin(), op.inputs.end(),
                           [&](const graph::Use& use) { return use.value == value; });
    });
}

// --- maximum -------------------------------------------------------------------------------------

// d_y, places -> d_x
const OpDef max_pool2d_gradient_op{
    .name = "max_pool2d_gradient",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Pool2dGeometry>().x, f32}};
    },
    .no_gradient = "it is a gradient; second derivatives are not supported",
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            KernelCall call = pool_call(context, "max_pool2d_backward");
            call.bind("d_y", graph::operand_of(context.body, op.inputs[0]))
                .bind("place", graph::operand_of(context.body, op.inputs[1]));
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

// x -> y, places i32
const OpDef max_pool2d_op{
    .name = "max_pool2d",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& g = attributes.as<Pool2dGeometry>();
        return {{g.y, f32}, {g.y, i32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        if (!c.d_y()) return {Tensor()};
        return {graph::apply(max_pool2d_gradient_op, c.node.attributes, {c.d_y(), c.outputs[1]})};
    },
    .lower =
        [](const LowerContext& context) {
            const graph::Operation& op = *context.group.anchor_in(context.body);
            const bool places = is_read(context.body, op.outputs[1]);
            KernelCall call = pool_call(context, "max_pool2d");
            call.constant("PLACES", places)
                .bind("x", graph::operand_of(context.body, op.inputs[0]))
                .bind("place", places ? graph::operand_of(context.body, op.outputs[1])
                                      : Operand{Operand::Kind::kUnused, 0, 0, 0});
            return candidate_of(context, std::move(call));
        },
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

// --- mean ----------------------------------------------------------------------------------------
// Linear, so the two directions are each other's gradients.

Tensor average(const Attributes& attributes, const Tensor& x);
Tensor spread(const Attributes& attributes, const Tensor& d_y);

template <const char* kernel, const char* input>
std::vector<Candidate> lower_average(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    KernelCall call = pool_call(context, kernel);
    call.bind(input, graph::operand_of(context.body, op.inputs[0]));
    return candidate_of(context, std::move(call));
}
constexpr char kForward[] = "avg_pool2d", kX[] = "x";
constexpr char kBackward[] = "avg_pool2d_backward", kDY[] = "d_y";

const OpDef avg_pool2d_op{
    .name = "avg_pool2d",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Pool2dGeometry>().y, f32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {spread(c.node.attributes, c.d_y())};
    },
    .lower = lower_average<kForward, kX>,
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

const OpDef avg_pool2d_gradient_op{
    .name = "avg_pool2d_gradient",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Pool2dGeometry>().x, f32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {average(c.node.attributes, c.d_y())};
    },
    .lower = lower_average<kBackward, kDY>,
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

Tensor average(const Attributes& attributes, const Tensor& x) {
    return graph::apply(avg_pool2d_op, attributes, {x});
}
Tensor spread(const Attributes& attributes, const Tensor& d_y) {
    return graph::apply(avg_pool2d_gradient_op, attributes, {d_y});
}

Attributes geometry_of(const char* name, const Tensor& x, const Pool2dOptions& options) {
    const Shape& xs = x.shape();
    if (x.dtype() != f32 || xs.rank() != 4 || xs.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32 [B, C, H, W], not {}", name,
             to_string(x.spec()));
    }
    Pool2dGeometry g{xs, xs, options.kernel, options.stride, options.padding};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const char* side = axis == 0 ? "height" : "width";
        if (g.stride[axis] == 0) g.stride[axis] = g.kernel[axis];
        if (g.kernel[axis] < 1 || g.stride[axis] < 1) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: kernel {} must be at least 1, stride {} at least 1, or 0 for the "
                 "kernel's size",
                 name, side, options.kernel[axis], options.stride[axis]);
        }
        if (g.padding[axis] < 0 || 2 * g.padding[axis] > g.kernel[axis]) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: padding {} must be at least 0 and at most half the kernel {}", name,
                 side, g.padding[axis], g.kernel[axis]);
        }
        const std::int64_t padded = xs[2 + axis] + 2 * g.padding[axis];
        if (g.kernel[axis] > padded) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: kernel {} is larger than the padded image of x {}: {}", name, side,
                 g.kernel[axis], to_string(xs), padded);
        }
        g.y = g.y.with(2 + axis, (padded - g.kernel[axis]) / g.stride[axis] + 1);
    }
    return Attributes::of(g);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options) {
    return graph::apply_all(ops::max_pool2d_op, ops::geometry_of("max_pool2d", x, options), {x})[0];
}

Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options) {
    return ops::average(ops::geometry_of("avg_pool2d", x, options), x);
}

}  // namespace ingot
