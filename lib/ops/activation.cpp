// SPDX-License-Identifier: MIT
// Activation functions. Those with a gradient that is simpler than what their parts would give have
// an opcode of their own; the others are written with arithmetic and fuse into one kernel anyway.
#include "ops/pointwise_def.h"

#include <array>
#include <cmath>
#include <numbers>

namespace ingot::ops {
namespace {

INGOT_FLOAT_OP(relu, nullptr, return {pass_if_positive(c.y(), c.d_y())};)
INGOT_FLOAT_OP(tanh, nullptr, return {c.d_y() * (1.0F - c.y() * c.y())};)
INGOT_FLOAT_OP(sigmoid, nullptr, return {c.d_y() * c.y() * (1.0F - c.y())};)
INGOT_STEEP_OP(softplus, return {c.d_y() * sigmoid(c.x(0))};)

// As clamp, but nothing flows back at the ends themselves (PyTorch).
const OpDef hardtanh_op{.name = "hardtanh",
                        .listed = graph::in_list<hardtanh_op>,
                        .autocast = graph::AutocastRule::kAsGiven,
                        .kind = OpKind::kPointwise,
                        .infer = infer_floats<"hardtanh">,
                        .gradient = [](const GradientContext& c) -> Grads {
                            const Tensor inside =
                                logical_and(greater(c.x(0), c.x(1)), less(c.x(0), c.x(2)));
                            return {where(inside, c.d_y(), 0.0F), Tensor(), Tensor()};
                        },
                        .opcode = graph::k_clamp};

// f(x) above 0 and g(x) from 0 down, where g must not overflow for the x that it does not decide.
Tensor below_zero(const Tensor& x, const Tensor& above, const Tensor& below) {
    return where(greater(x, 0.0F), above, below);
}

void expect_finite(const char* operation, const char* name, float value) {
    if (std::isfinite(value)) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, must be finite", operation, name, value);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor relu(const Tensor& x) {
    return apply_op(relu_op, {x});
}
Tensor relu6(const Tensor& x) {
    expect_floats("relu6", x);
    return hardtanh(x, 0.0F, 6.0F);
}
Tensor leaky_relu(const Tensor& x, float negative_slope) {
    expect_floats("leaky_relu", x);
    expect_finite("leaky_relu", "negative_slope", negative_slope);
    return below_zero(x, x, x * negative_slope);
}
Tensor prelu(const Tensor& x, const Tensor& weight) {
    expect_floats("prelu", std::array{x, weight});
    if (broadcast("prelu", weight.shape(), x.shape()) != x.shape()) {
        fail(ErrorKind::kInvalidArgument, "prelu: weight {} is not broadcast to {}",
             to_string(weight.spec()), to_string(x.spec()));
    }
    const graph::Casting casting(graph::AutocastRule::kLower);
    const Tensor rounded = casting(x);
    return casting.result(below_zero(rounded, rounded, rounded * casting(weight)));
}
Tensor elu(const Tensor& x, float alpha) {
    expect_floats("elu", x);
    expect_finite("elu", "alpha", alpha);
    return below_zero(x, x, expm1(minimum(x, 0.0F)) * alpha);
}
// Klambauer et al., Self-Normalizing Neural Networks, 2017.
Tensor selu(const Tensor& x) {
    expect_floats("selu", x);
    return elu(x, 1.6732632423543772F) * 1.0507009873554805F;
}
Tensor celu(const Tensor& x, float alpha) {
    expect_floats("celu", x);
    expect_finite("celu", "alpha", alpha);
    if (alpha == 0) fail(ErrorKind::kInvalidArgument, "celu: alpha is 0");
    return below_zero(x, x, expm1(minimum(x, 0.0F) * (1.0F / alpha)) * alpha);
}

// x Phi(x), or 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): Hendrycks and Gimpel,
// Gaussian Error Linear Units, 2016.
Tensor gelu(const Tensor& x, GeluForm form) {
    expect_floats("gelu", x);
    if (form == GeluForm::kErf) {
        return x * 0.5F * (1.0F + erf(x * static_cast<float>(1.0 / std::numbers::sqrt2)));
    }
    const auto scale = static_cast<float>(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    return x * 0.5F * (1.0F + tanh((x + x * x * x * 0.044715F) * scale));
}

Tensor tanh(const Tensor& x) {
    return apply_op(tanh_op, {x});
}
Tensor sigmoid(const Tensor& x) {
    return apply_op(sigmoid_op, {x});
}
Tensor log_sigmoid(const Tensor& x) {
    expect_floats("log_sigmoid", x);
    return -softplus(-x);
}
Tensor silu(const Tensor& x) {
    expect_floats("silu", x);
    return x * sigmoid(x);
}
Tensor mish(const Tensor& x) {
    expect_floats("mish", x);
    return x * tanh(softplus(x));
}
Tensor softplus(const Tensor& x, float beta) {
    expect_finite("softplus", "beta", beta);
    if (beta <= 0) {
        fail(ErrorKind::kInvalidArgument, "softplus: beta is {}, must be above 0", beta);
    }
    if (beta == 1.0F) return apply_op(softplus_op, {x});
    return apply_op(softplus_op, {x * beta}) * (1.0F / beta);
}
Tensor softsign(const Tensor& x) {
    expect_floats("softsign", x);
    return x / (abs(x) + 1.0F);
}
Tensor hardtanh(const Tensor& x, float low, float high) {
    if (!(low < high)) {
        fail(ErrorKind::kInvalidArgument, "hardtanh: low {} is not below high {}", low, high);
    }
    return apply_op(hardtanh_op, {x, low, high});
}
Tensor hardsigmoid(const Tensor& x) {
    expect_floats("hardsigmoid", x);
    return relu6(x + 3.0F) * (1.0F / 6.0F);
}
Tensor hardswish(const Tensor& x) {
    expect_floats("hardswish", x);
    return x * hardsigmoid(x);
}
Tensor threshold(const Tensor& x, float threshold, float value) {
    expect_floats("threshold", x);
    if (std::isnan(threshold)) fail(ErrorKind::kInvalidArgument, "threshold: threshold is nan");
    return where(greater(x, threshold), x, value);
}

}  // namespace ingot
