// SPDX-License-Identifier: MIT
// Losses that other operators come to; the formulas stand in ops/losses.h. Pointwise work fuses
// with the reduction behind it, so most are one kernel. They are written so that neither values nor
// gradients overflow, divide by 0 or become NaN where PyTorch's do not. All of them compute in f32,
// whatever they are given: in f16 an epsilon of 1e-8 is 0, and 70,000 summed ones are infinite.
#include "ops/losses.h"
#include "graph/autocast.h"
#include "graph/cast.h"
#include "graph/leaf.h"

#include "core/check.h"

#include <ingot/graph.h>

#include <array>
#include <cmath>
#include <numbers>

namespace ingot::ops {

Tensor reduced(const Tensor& losses, Reduction reduction) {
    switch (reduction) {
        case Reduction::kMean: return mean(losses);
        case Reduction::kSum: return sum(losses);
        case Reduction::kNone: break;
    }
    return losses;
}

Tensor Operands::reduced(const Tensor& losses, Reduction reduction) const {
    return cast(ops::reduced(losses, reduction), dtype);
}

DType type_of_loss(DType of_operands) {
    return graph::Casting(graph::AutocastRule::kFloat32).result_type(of_operands);
}

Operands alike(const char* operation, const Tensor& x, const Tensor& target) {
    if (x.shape() != target.shape() || is_floating(x.dtype()) != is_floating(target.dtype())) {
        fail(ErrorKind::kInvalidArgument, "{}: x is {}, target {}", operation, to_string(x.spec()),
             to_string(target.spec()));
    }
    if (!is_floating(x.dtype())) {
        fail(ErrorKind::kInvalidArgument, "{}: takes floats, not {}", operation,
             to_string(x.spec()));
    }
    const DType dtype = graph::promoted(std::array{x, target});
    return {cast(x, f32), cast(target, f32), type_of_loss(dtype)};
}

namespace {

void expect_number(const char* operation, const char* option, double value, double least,
                   double most = std::numeric_limits<float>::max()) {
    if (!(value >= least && value <= most)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [{}, {}]", operation, option, value,
             least, most);
    }
}

void expect_finite(const char* operation, const char* option, double value) {
    if (std::isfinite(value)) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not finite", operation, option, value);
}

void expect_positive(const char* operation, const char* option, double value) {
    if (!(value > 0 && std::isfinite(value))) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not above 0", operation, option, value);
    }
}

// losses times weight, where there is one.
Tensor weighted(const char* operation, const Tensor& losses, const Tensor& weight) {
    if (!weight) return losses;
    if (!is_floating(weight.dtype()) ||
        broadcast(operation, weight.shape(), losses.shape()) != losses.shape()) {
        fail(ErrorKind::kInvalidArgument, "{}: weight {} is not broadcast to {}", operation,
             to_string(weight.spec()), to_string(losses.spec()));
    }
    return losses * weight;
}

// log(1 + exp(-|x|)), from log 2 down to 0
Tensor log_of_both(const Tensor& x) {
    return log1p(exp(-abs(x)));
}

// The gradient of p is that of the formula with p (1 - p) kept from 0, as in PyTorch; derived, it
// would be 0 / 0 at p = 0 and 1.
std::vector<Tensor> expand_bce(const graph::Node& node) {
    const Tensor& p = node.inputs[0];
    const Tensor& t = node.inputs[1];
    const Tensor log_p = maximum(log(p), -100.0F);
    const Tensor log_q = maximum(log(1.0F - p), -100.0F);
    return {-(t * log_p + (1.0F - t) * log_q)};
}

const graph::OpDef binary_cross_entropy_op{
    .name = "binary_cross_entropy",
    .listed = graph::in_list<binary_cross_entropy_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .kind = graph::OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs,
                const graph::Attributes&) -> std::vector<TensorSpec> { return {inputs[0].spec()}; },
    .gradient = [](const graph::GradientContext& c) -> std::vector<Tensor> {
        const Tensor &p = c.x(0), &t = c.x(1);
        const Tensor d_t = maximum(log(1.0F - p), -100.0F) - maximum(log(p), -100.0F);
        return {c.d_y() * (p - t) / maximum(p * (1.0F - p), 1e-12F), c.d_y() * d_t};
    },
    .expand = expand_bce};

// base^exponent of a base in [0, 1] whose gradient is no NaN at 0.
Tensor power(const Tensor& base, float exponent) {
    if (exponent == 1) return base;
    if (exponent == 2) return square(base);
    return pow(maximum(base, 1e-30F), exponent);
}

// m (|d| - m / 2) with m = min(|d|, bound): d^2 / 2 below the bound, a line above it.
Tensor squared_up_to(const Tensor& d, float bound) {
    const Tensor size = abs(d);
    const Tensor inner = minimum(size, bound);
    return inner * (size - 0.5F * inner);
}

Tensor sum_last(const Tensor& x, bool keep_axis = false) {
    return sum(x, {.axes = {-1}, .keep_axes = keep_axis});
}

// |d|_p along the last axis; a distance of 0 has a gradient of 0.
Tensor distance(const Tensor& d, float p, bool keep_axis) {
    const float tiny = 1e-30F;
    if (p == 1) return sum_last(abs(d), keep_axis);
    if (p == 2) return sqrt(maximum(sum_last(square(d), keep_axis), tiny));
    const Tensor powers = sum_last(pow(maximum(abs(d), tiny), p), keep_axis);
    return pow(maximum(powers, tiny), 1.0F / p);
}

Operands vectors(const char* operation, const Tensor& a, const Tensor& b) {
    const Operands in = alike(operation, a, b);
    if (a.shape().rank() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes vectors f32[..., N], not {}", operation,
             to_string(a.spec()));
    }
    return in;
}

// a where the target is 1, b where it is -1 (both elsewhere, as in PyTorch).
Tensor by_sign(const Tensor& target, const Tensor& a, const Tensor& b) {
    return where(equal(target, -1.0F), 0.0F, a) + where(equal(target, 1.0F), 0.0F, b);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using ops::alike;
using ops::expect_finite;
using ops::expect_number;
using ops::expect_positive;
using ops::Operands;

Tensor binary_cross_entropy(const Tensor& p, const Tensor& target,
                            const BinaryCrossEntropyOptions& o) {
    const Operands in = alike("binary_cross_entropy", p, target);
    const Tensor losses = graph::apply(ops::binary_cross_entropy_op, {}, {in.x, in.target});
    return in.reduced(ops::weighted("binary_cross_entropy", losses, o.weight), o.reduction);
}

// (1 - t) x + (1 + (w - 1) t) (log(1 + exp(-|x|)) + max(-x, 0))
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BceWithLogitsOptions& o) {
    const char* name = "binary_cross_entropy_with_logits";
    const Operands in = alike(name, x, target);
    Tensor of_positive = ops::log_of_both(in.x) + maximum(-in.x, 0.0F);
    if (o.pos_weight) {
        const Tensor more = ops::weighted(name, in.target, o.pos_weight) - in.target;
        of_positive = of_positive * (1.0F + more);
    }
    const Tensor losses = (1.0F - in.target) * in.x + of_positive;
    return in.reduced(ops::weighted(name, losses, o.weight), o.reduction);
}

Tensor sigmoid_focal_loss(const Tensor& x, const Tensor& target, const SigmoidFocalLossOptions& o) {
    const Operands in = alike("sigmoid_focal_loss", x, target);
    const Tensor& t = in.target;
    expect_number("sigmoid_focal_loss", "gamma", o.gamma, 0);
    expect_number("sigmoid_focal_loss", "alpha", o.alpha, -std::numeric_limits<float>::max(), 1);
    Tensor losses = binary_cross_entropy_with_logits(in.x, t, {.reduction = Reduction::kNone});
    if (o.gamma > 0) {
        const Tensor p = sigmoid(in.x);
        losses = losses * ops::power(p + t - 2.0F * p * t, o.gamma);
    }
    if (o.alpha >= 0) losses = losses * (o.alpha * t + (1 - o.alpha) * (1.0F - t));
    return in.reduced(losses, o.reduction);
}

// Written with the loss l = -log p of the unweighted cross-entropy: 1 - p = 1 - exp(-l).
Tensor softmax_focal_loss(const Tensor& logits, const Tensor& labels,
                          const SoftmaxFocalLossOptions& o) {
    ops::expect_classes("softmax_focal_loss", logits, labels);
    expect_number("softmax_focal_loss", "gamma", o.gamma, 0);
    const Tensor loss = cross_entropy(cast(logits, f32), labels,
                                      {.ignore_index = {}, .reduction = Reduction::kNone});
    Tensor losses = loss;
    if (o.gamma > 0) losses = losses * ops::power(maximum(1.0F - exp(-loss), 0.0F), o.gamma);
    if (o.weight) {
        losses = losses * ops::weights_of("softmax_focal_loss", logits, labels, o.weight);
    }
    return cast(ops::reduced(losses, o.reduction), ops::type_of_loss(logits.dtype()));
}

// The term of the label itself is margin^p with gradients that cancel: taken off as a number.
Tensor multi_margin_loss(const Tensor& x, const Tensor& labels, const MultiMarginLossOptions& o) {
    if (o.p != 1 && o.p != 2) {
        fail(ErrorKind::kInvalidArgument, "multi_margin_loss: p is {}, not 1 or 2", o.p);
    }
    expect_finite("multi_margin_loss", "margin", o.margin);
    ops::expect_classes("multi_margin_loss", x, labels);
    if (x.shape().rank() != 2) {
        fail(ErrorKind::kInvalidArgument, "multi_margin_loss: takes f32[B, V], not {}",
             to_string(x.spec()));
    }
    const Tensor wide = cast(x, f32);
    const Tensor label =
        -nll_loss(wide, labels, {.ignore_index = {}, .reduction = Reduction::kNone});
    const Tensor at_label = reshape(label, {-1, 1});
    Tensor excess = maximum(o.margin - at_label + wide, 0.0F);
    if (o.p == 2) excess = square(excess);
    const float own = std::max(o.margin, 0.0F);
    const auto classes = static_cast<float>(x.shape()[1]);
    Tensor losses = (sum(excess, {.axes = {1}}) - (o.p == 2 ? own * own : own)) / classes;
    if (o.weight) losses = losses * ops::weights_of("multi_margin_loss", x, labels, o.weight);
    return cast(ops::reduced(losses, o.reduction), ops::type_of_loss(x.dtype()));
}

Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& o) {
    const Operands in = alike("kl_div", x, target);
    const Tensor& t = in.target;
    Tensor losses;
    if (o.log_target) {
        losses = exp(t) * (t - in.x);
    } else {
        const Tensor safe = where(greater(t, 0.0F), t, 1.0F);
        losses = t * (log(safe) - in.x);
    }
    if (!o.batch_mean) return in.reduced(losses, o.reduction);
    const float batch = x.shape().rank() == 0 ? 1.0F : static_cast<float>(x.shape()[0]);
    return in.reduced(sum(losses) / batch, Reduction::kNone);
}

Tensor dice_loss(const Tensor& p, const Tensor& target, const DiceLossOptions& o) {
    const Operands in = alike("dice_loss", p, target);
    expect_positive("dice_loss", "smooth", o.smooth);
    const std::size_t rank = p.shape().rank();
    if (rank < 2) {
        fail(ErrorKind::kInvalidArgument, "dice_loss: takes f32[B, N] or f32[B, C, ...], not {}",
             to_string(p.spec()));
    }
    ReduceOptions inside;
    for (std::size_t axis = rank == 2 ? 1 : 2; axis < rank; ++axis)
        inside.axes.push_back(static_cast<std::int64_t>(axis));
    const Tensor common = sum(in.x * in.target, inside);
    const Tensor both = sum(square(in.x) + square(in.target), inside);
    return in.reduced(1.0F - (2.0F * common + o.smooth) / (both + o.smooth), o.reduction);
}

// (x - target)^2
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    const Operands in = alike("mse_loss", x, target);
    return in.reduced(square(in.x - in.target), reduction);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    const Operands in = alike("l1_loss", x, target);
    return in.reduced(abs(in.x - in.target), reduction);
}

Tensor smooth_l1_loss(const Tensor& x, const Tensor& target, const SmoothL1LossOptions& o) {
    const Operands in = alike("smooth_l1_loss", x, target);
    expect_number("smooth_l1_loss", "beta", o.beta, 0);
    if (o.beta == 0) return l1_loss(x, target, o.reduction);
    return in.reduced(ops::squared_up_to(in.x - in.target, o.beta) / o.beta, o.reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& o) {
    const Operands in = alike("huber_loss", x, target);
    expect_positive("huber_loss", "delta", o.delta);
    return in.reduced(ops::squared_up_to(in.x - in.target, o.delta), o.reduction);
}

Tensor poisson_nll_loss(const Tensor& x, const Tensor& target, const PoissonNllLossOptions& o) {
    const Operands in = alike("poisson_nll_loss", x, target);
    expect_number("poisson_nll_loss", "epsilon", o.epsilon, 0);
    Tensor losses =
        o.log_input ? exp(in.x) - in.target * in.x : in.x - in.target * log(in.x + o.epsilon);
    if (o.full) {
        const Tensor large = greater(in.target, 1.0F);
        const Tensor t = where(large, in.target, 1.0F);
        const auto two_pi = static_cast<float>(2 * std::numbers::pi);
        losses = losses + where(large, t * log(t) - t + 0.5F * log(two_pi * t), 0.0F);
    }
    return in.reduced(losses, o.reduction);
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& variance,
                         const GaussianNllLossOptions& o) {
    const Operands in = alike("gaussian_nll_loss", x, target);
    expect_positive("gaussian_nll_loss", "epsilon", o.epsilon);
    if (!is_floating(variance.dtype()) ||
        broadcast("gaussian_nll_loss", variance.shape(), x.shape()) != x.shape()) {
        fail(ErrorKind::kInvalidArgument, "gaussian_nll_loss: variance {} is not broadcast to {}",
             to_string(variance.spec()), to_string(x.spec()));
    }
    const Tensor v = maximum(cast(variance, f32), o.epsilon);
    Tensor losses = 0.5F * (log(v) + square(in.x - in.target) / v);
    if (o.full) losses = losses + static_cast<float>(0.5 * std::log(2 * std::numbers::pi));
    return in.reduced(losses, o.reduction);
}

Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target,
                            const HingeEmbeddingLossOptions& o) {
    const Operands in = alike("hinge_embedding_loss", x, target);
    expect_finite("hinge_embedding_loss", "margin", o.margin);
    return in.reduced(ops::by_sign(in.target, in.x, maximum(o.margin - in.x, 0.0F)), o.reduction);
}

Tensor hinge_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    const Operands in = alike("hinge_loss", x, target);
    return in.reduced(maximum(1.0F - in.target * in.x, 0.0F), reduction);
}

Tensor soft_margin_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    const Operands in = alike("soft_margin_loss", x, target);
    const Tensor score = in.target * in.x;
    return in.reduced(ops::log_of_both(score) + maximum(-score, 0.0F), reduction);
}

Tensor margin_ranking_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                           const MarginRankingLossOptions& o) {
    const Operands in = alike("margin_ranking_loss", a, b);
    expect_finite("margin_ranking_loss", "margin", o.margin);
    const Tensor sign = alike("margin_ranking_loss", a, target).target;
    return in.reduced(maximum(o.margin - sign * (in.x - in.target), 0.0F), o.reduction);
}

// |a| is the root of max(sum a^2, epsilon^2), so that the gradient at 0 is 0 and no NaN.
Tensor cosine_similarity(const Tensor& a, const Tensor& b, const CosineSimilarityOptions& o) {
    const Operands in = ops::vectors("cosine_similarity", a, b);
    expect_positive("cosine_similarity", "epsilon", o.epsilon);
    const ReduceOptions along{.axes = {o.axis}};
    const float least = o.epsilon * o.epsilon;
    const Tensor norm_a = sqrt(maximum(sum(square(in.x), along), least));
    const Tensor norm_b = sqrt(maximum(sum(square(in.target), along), least));
    return cast(sum(in.x * in.target, along) / (norm_a * norm_b), in.dtype);
}

Tensor pairwise_distance(const Tensor& a, const Tensor& b, const PairwiseDistanceOptions& o) {
    const Operands in = ops::vectors("pairwise_distance", a, b);
    expect_number("pairwise_distance", "p", o.p, 1);
    expect_number("pairwise_distance", "epsilon", o.epsilon, 0);
    return cast(ops::distance(in.x - in.target + o.epsilon, o.p, o.keep_axis), in.dtype);
}

Tensor cosine_embedding_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                             const CosineEmbeddingLossOptions& o) {
    const Operands in = ops::vectors("cosine_embedding_loss", a, b);
    expect_number("cosine_embedding_loss", "margin", o.margin, -1, 1);
    const Shape batch = a.shape().without(a.shape().rank() - 1);
    if (target.shape() != batch || !is_floating(target.dtype())) {
        fail(ErrorKind::kInvalidArgument,
             "cosine_embedding_loss: the targets of {} are f32{}, not {}", to_string(a.spec()),
             to_string(batch), to_string(target.spec()));
    }
    constexpr float kLeast = 1e-12F;
    const Tensor squares =
        (ops::sum_last(square(in.x)) + kLeast) * (ops::sum_last(square(in.target)) + kLeast);
    const Tensor cosine = ops::sum_last(in.x * in.target) / sqrt(squares);
    const Tensor sign = cast(target, f32);
    return in.reduced(ops::by_sign(sign, 1.0F - cosine, maximum(cosine - o.margin, 0.0F)),
                      o.reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& o) {
    const Operands in = ops::vectors("triplet_margin_loss", anchor, positive);
    const Tensor away = ops::vectors("triplet_margin_loss", anchor, negative).target;
    expect_positive("triplet_margin_loss", "margin", o.margin);
    expect_number("triplet_margin_loss", "p", o.p, 1);
    expect_number("triplet_margin_loss", "epsilon", o.epsilon, 0);
    const PairwiseDistanceOptions distance{.p = o.p, .epsilon = o.epsilon};
    const Tensor near = pairwise_distance(in.x, in.target, distance);
    Tensor far = pairwise_distance(in.x, away, distance);
    if (o.swap) far = minimum(far, pairwise_distance(in.target, away, distance));
    return in.reduced(maximum(near - far + o.margin, 0.0F), o.reduction);
}

}  // namespace ingot
