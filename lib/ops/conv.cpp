// SPDX-License-Identifier: MIT
// Convolution over one to three axes, by implicit matrix products: the patches are gathered while
// the product runs and never stored.
//   x [B, C, D, H, W], weight [O, C/groups, kd, kh, kw] -> y [B, O, D', H', W'], D and H or D
//   lacking y[b, o, i] = sum over c, u of weight[o, c, u] x[b, c, i s + u d - p]    (i, u: one
//   index an axis) d_x: the same sum turned round, gathered from d_y; d_w: a product over all
//   pixels of the batch.
// The operator is linear in both operands, so the three directions are each other's gradients, and
// the transposed convolution is d_x taken for itself. The bias is a pointwise addition that the
// fuser puts into the kernel.
#include "graph/autocast.h"
#include "graph/program_call.h"
#include "ops/conv_lower.h"

#include <ingot/ops.h>

#include <iterator>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

using Inputs = std::span<const Tensor>;
using Grads = std::vector<Tensor>;

// A row of the product is a channel of the image ...
std::uint32_t epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const std::int64_t pixels = output.count() / (output[0] * output[1]);
    const bool channels = std::int64_t{div} == pixels && std::int64_t{mod} == output[1];
    return channels ? shaders::kAccessRow : shaders::kAccessNone;
}

// ... and of d_w its first axis.
std::uint32_t weight_epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const bool rows =
        std::int64_t{div} == output.count() / output[0] && std::int64_t{mod} == output[0];
    return rows ? shaders::kAccessRow : shaders::kAccessNone;
}

const ConvGeometry& geometry_in(const LowerContext& context) {
    return context.group.anchor_in(context.body)->attributes.as<ConvGeometry>();
}

void append(std::vector<Candidate>& candidates, std::vector<Candidate> more) {
    std::move(more.begin(), more.end(), std::back_inserter(candidates));
}

std::vector<Candidate> lower_forward(const LowerContext& context) {
    const ConvGeometry& g = geometry_in(context);
    const std::vector<ConvProduct> products = forward_product(g);
    std::vector<Candidate> candidates = lower_products(context, g, products, false);
    append(candidates, lower_windows(context, g, products));
    return candidates;
}

std::vector<Candidate> lower_input_gradient(const LowerContext& context) {
    constexpr std::int64_t kManyPhases = 64, kMostPhases = 4096;  // a dispatch each
    const ConvGeometry& g = geometry_in(context);
    std::vector<Candidate> candidates;
    if (phases(g) > 1) candidates = lower_phases(context, g);
    if (phases(g) > kManyPhases && !candidates.empty()) return candidates;
    if (phases(g) > kMostPhases) {
        fail(ErrorKind::kUnsupported,
             "conv_input_gradient: {} phases of the stride at sums of more than 60000 terms",
             phases(g));
    }
    const std::vector<ConvProduct> products = input_gradient_products(g);
    append(candidates, lower_products(context, g, products, false));
    append(candidates, lower_windows(context, g, products));
    return candidates;
}

std::vector<Candidate> lower_weight_gradient(const LowerContext& context) {
    const ConvGeometry& g = geometry_in(context);
    const std::vector<ConvProduct> products = weight_gradient_product(g);
    std::vector<Candidate> candidates = lower_products(context, g, products, true);
    append(candidates, lower_window_sums(context, g, products[0]));
    return candidates;
}

// Inputs in the order (left, gathered) of the product. conv_geometry() has checked the sizes.

Tensor forward(const ConvGeometry& g, const Tensor& weight, const Tensor& x);
Tensor input_gradient(const ConvGeometry& g, const Tensor& weight, const Tensor& d_y);
Tensor weight_gradient(const ConvGeometry& g, const Tensor& d_y, const Tensor& x);

// The same of a convolution and of both its gradients: each weight meets each place of the result.
std::int64_t flops(const graph::Node& node) {
    const auto& g = node.attributes.as<ConvGeometry>();
    return 2 * g.batch * g.result[0] * g.result[1] * g.result[2] * g.w_shape().count();
}

const OpDef conv_op{
    .name = "conv",
    .listed = graph::in_list<conv_op>,
    .autocast = graph::AutocastRule::kLower,
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<ConvGeometry>().y_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<ConvGeometry>();
        return {weight_gradient(g, c.d_y(), c.x(1)), input_gradient(g, c.x(0), c.d_y())};
    },
    .flops = flops,
    .lower = lower_forward,
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

const OpDef conv_input_gradient_op{
    .name = "conv_input_gradient",
    .listed = graph::in_list<conv_input_gradient_op>,
    .autocast = graph::AutocastRule::kLower,
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<ConvGeometry>().x_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<ConvGeometry>();
        return {weight_gradient(g, c.x(1), c.d_y()), forward(g, c.x(0), c.d_y())};
    },
    .flops = flops,
    .lower = lower_input_gradient,
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = epilogue_access};

const OpDef conv_weight_gradient_op{
    .name = "conv_weight_gradient",
    .listed = graph::in_list<conv_weight_gradient_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<ConvGeometry>().w_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<ConvGeometry>();
        return {forward(g, c.d_y(), c.x(1)), input_gradient(g, c.d_y(), c.x(0))};
    },
    .flops = flops,
    .lower = lower_weight_gradient,
    .fusion = graph::Fusion::kEpilogue,
    .reads_narrow = true,
    .epilogue_access = weight_epilogue_access};

Tensor forward(const ConvGeometry& g, const Tensor& weight, const Tensor& x) {
    return graph::apply(conv_op, Attributes::of(g), {weight, x});
}
Tensor input_gradient(const ConvGeometry& g, const Tensor& weight, const Tensor& d_y) {
    return graph::apply(conv_input_gradient_op, Attributes::of(g), {weight, d_y});
}
Tensor weight_gradient(const ConvGeometry& g, const Tensor& d_y, const Tensor& x) {
    return graph::apply(conv_weight_gradient_op, Attributes::of(g), {d_y, x});
}

Tensor with_bias(const Tensor& y, const Tensor& bias, std::size_t axes) {
    if (!bias) return y;
    return y + reshape(bias, shape_of(bias.shape()[0], 1, {1, 1, 1}, axes).without(1));
}

template <typename Options>
ConvRequest request_of(const char* name, const Options& o) {
    return {.name = name,
            .axes = values(o.stride).size(),
            .stride = triple_of(values(o.stride), 1),
            .padding = triple_of(values(o.padding), 0),
            .dilation = triple_of(values(o.dilation), 1),
            .groups = o.groups};
}

template <typename Options>
Tensor conv(const char* name, const Tensor& x, const Tensor& weight, const Tensor& bias,
            const Options& options) {
    ConvRequest request = request_of(name, options);
    request.same = options.same;
    const ConvGeometry g = conv_geometry(request, x, weight, bias);
    const graph::Casting casting(conv_op.autocast);
    const Tensor y = forward(g, casting(weight), casting(x));
    return casting.result(with_bias(y, casting(bias), g.axes));
}

template <typename Options>
Tensor conv_transpose(const char* name, const Tensor& x, const Tensor& weight, const Tensor& bias,
                      const Options& options) {
    ConvRequest request = request_of(name, options);
    request.output_padding = triple_of(values(options.output_padding), 0);
    const ConvGeometry g = conv_transpose_geometry(request, x, weight, bias);
    const graph::Casting casting(conv_input_gradient_op.autocast);
    const Tensor y = input_gradient(g, casting(weight), casting(x));
    return casting.result(with_bias(y, casting(bias), g.axes));
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

#define DEFINE(function, name, Options)                                    \
    Tensor name(const Tensor& x, const Tensor& weight, const Tensor& bias, \
                const Options& options) {                                  \
        return ops::function(#name, x, weight, bias, options);             \
    }
DEFINE(conv, conv1d, Conv1dOptions)
DEFINE(conv, conv2d, Conv2dOptions)
DEFINE(conv, conv3d, Conv3dOptions)
DEFINE(conv_transpose, conv_transpose1d, ConvTranspose1dOptions)
DEFINE(conv_transpose, conv_transpose2d, ConvTranspose2dOptions)
DEFINE(conv_transpose, conv_transpose3d, ConvTranspose3dOptions)
#undef DEFINE

}  // namespace ingot
