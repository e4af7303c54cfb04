// SPDX-License-Identifier: MIT
// Losses that other operators come to; the formulas stand in ops/losses.h. Pointwise work fuses
// with the reduction behind it, so most are one kernel. They are written so that neither values nor
// gradients overflow, divide by 0 or become NaN where PyTorch's do not.
#include "ops/losses.h"
#include "graph/leaf.h"

#include "core/check.h"

#include <ingot/graph.h>

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

void expect_alike(const char* operation, const Tensor& x, const Tensor& target) {
    if (x.spec() != target.spec()) {
        fail(ErrorKind::kInvalidArgument, "{}: x is {}, target {}", operation, to_string(x.spec()),
             to_string(target.spec()));
    }
    if (!is_floating(x.dtype())) {
        fail(ErrorKind::kInvalidArgument, "{}: takes floats, not {}", operation,
             to_string(x.spec()));
    }
}

namespace {

void expect_number(const char* operation, const char* option, double value, double least,
                   double most = std::numeric_limits<float>::max()) {
    if (!(value >= least && value <= most)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [{}, {}]", operation, option, value,
             least, most);
    }
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

void expect_vectors(const char* operation, const Tensor& a, const Tensor& b) {
    expect_alike(operation, a, b);
    if (a.shape().rank() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes vectors f32[..., N], not {}", operation,
             to_string(a.spec()));
    }
}

// a where the target is 1, b where it is -1 (both elsewhere, as in PyTorch).
Tensor by_sign(const Tensor& target, const Tensor& a, const Tensor& b) {
    return where(equal(target, -1.0F), 0.0F, a) + where(equal(target, 1.0F), 0.0F, b);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using ops::expect_alike;
using ops::expect_number;
using ops::expect_positive;
using ops::reduced;

Tensor binary_cross_entropy(const Tensor& p, const Tensor& target,
                            const BinaryCrossEntropyOptions& o) {
    expect_alike("binary_cross_entropy", p, target);
    const Tensor losses = graph::apply(ops::binary_cross_entropy_op, {}, {p, target});
    return reduced(ops::weighted("binary_cross_entropy", losses, o.weight), o.reduction);
}

// (1 - t) x + (1 + (w - 1) t) (log(1 + exp(-|x|)) + max(-x, 0))
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BceWithLogitsOptions& o) {
    const char* name = "binary_cross_entropy_with_logits";
    expect_alike(name, x, target);
    Tensor of_positive = ops::log_of_both(x) + maximum(-x, 0.0F);
    if (o.pos_weight) {
        const Tensor more = ops::weighted(name, target, o.pos_weight) - target;
        of_positive = of_positive * (1.0F + more);
    }
    const Tensor losses = (1.0F - target) * x + of_positive;
    return reduced(ops::weighted(name, losses, o.weight), o.reduction);
}

Tensor sigmoid_focal_loss(const Tensor& x, const Tensor& target, const SigmoidFocalLossOptions& o) {
    expect_alike("sigmoid_focal_loss", x, target);
    expect_number("sigmoid_focal_loss", "gamma", o.gamma, 0);
    expect_number("sigmoid_focal_loss", "alpha", o.alpha, -std::numeric_limits<float>::max(), 1);
    Tensor losses = binary_cross_entropy_with_logits(x, target, {.reduction = Reduction::kNone});
    if (o.gamma > 0) {
        const Tensor p = sigmoid(x);
        losses = losses * ops::power(p + target - 2.0F * p * target, o.gamma);
    }
    if (o.alpha >= 0) losses = losses * (o.alpha * target + (1 - o.alpha) * (1.0F - target));
    return reduced(losses, o.reduction);
}

// Written with the loss l = -log p of the unweighted cross-entropy: 1 - p = 1 - exp(-l).
Tensor softmax_focal_loss(const Tensor& logits, const Tensor& labels,
                          const SoftmaxFocalLossOptions& o) {
    expect_number("softmax_focal_loss", "gamma", o.gamma, 0);
    const Tensor loss = cross_entropy(logits, labels, {.reduction = Reduction::kNone});
    Tensor losses = loss;
    if (o.gamma > 0) losses = losses * ops::power(maximum(1.0F - exp(-loss), 0.0F), o.gamma);
    if (o.weight) {
        losses = losses * ops::weights_of("softmax_focal_loss", logits, labels, o.weight);
    }
    return reduced(losses, o.reduction);
}

// The term of the label itself is margin^p with gradients that cancel: taken off as a number.
Tensor multi_margin_loss(const Tensor& x, const Tensor& labels, const MultiMarginLossOptions& o) {
    if (o.p != 1 && o.p != 2) {
        fail(ErrorKind::kInvalidArgument, "multi_margin_loss: p is {}, not 1 or 2", o.p);
    }
    if (x.shape().rank() != 2) {
        fail(ErrorKind::kInvalidArgument, "multi_margin_loss: takes f32[B, V], not {}",
             to_string(x.spec()));
    }
    const Tensor label = -nll_loss(x, labels, {.reduction = Reduction::kNone});
    const Tensor at_label = reshape(label, {-1, 1});
    Tensor excess = maximum(o.margin - at_label + x, 0.0F);
    if (o.p == 2) excess = square(excess);
    const float own = std::max(o.margin, 0.0F);
    const auto classes = static_cast<float>(x.shape()[1]);
    Tensor losses = (sum(excess, {.axes = {1}}) - (o.p == 2 ? own * own : own)) / classes;
    if (o.weight) losses = losses * ops::weights_of("multi_margin_loss", x, labels, o.weight);
    return reduced(losses, o.reduction);
}

Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& o) {
    expect_alike("kl_div", x, target);
    Tensor losses;
    if (o.log_target) {
        losses = exp(target) * (target - x);
    } else {
        const Tensor safe = where(greater(target, 0.0F), target, 1.0F);
        losses = target * (log(safe) - x);
    }
    if (!o.batch_mean) return reduced(losses, o.reduction);
    const float batch = x.shape().rank() == 0 ? 1.0F : static_cast<float>(x.shape()[0]);
    return sum(losses) / batch;
}

Tensor dice_loss(const Tensor& p, const Tensor& target, const DiceLossOptions& o) {
    expect_alike("dice_loss", p, target);
    expect_positive("dice_loss", "smooth", o.smooth);
    const std::size_t rank = p.shape().rank();
    if (rank < 2) {
        fail(ErrorKind::kInvalidArgument, "dice_loss: takes f32[B, N] or f32[B, C, ...], not {}",
             to_string(p.spec()));
    }
    ReduceOptions inside;
    for (std::size_t axis = rank == 2 ? 1 : 2; axis < rank; ++axis)
        inside.axes.push_back(static_cast<std::int64_t>(axis));
    const Tensor common = sum(p * target, inside);
    const Tensor both = sum(square(p) + square(target), inside);
    return reduced(1.0F - (2.0F * common + o.smooth) / (both + o.smooth), o.reduction);
}

// (x - target)^2
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    expect_alike("mse_loss", x, target);
    return reduced(square(x - target), reduction);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    expect_alike("l1_loss", x, target);
    return reduced(abs(x - target), reduction);
}

Tensor smooth_l1_loss(const Tensor& x, const Tensor& target, const SmoothL1LossOptions& o) {
    expect_number("smooth_l1_loss", "beta", o.beta, 0);
    if (o.beta == 0) return l1_loss(x, target, o.reduction);
    expect_alike("smooth_l1_loss", x, target);
    return reduced(ops::squared_up_to(x - target, o.beta) / o.beta, o.reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& o) {
    expect_alike("huber_loss", x, target);
    expect_positive("huber_loss", "delta", o.delta);
    return reduced(ops::squared_up_to(x - target, o.delta), o.reduction);
}

Tensor poisson_nll_loss(const Tensor& x, const Tensor& target, const PoissonNllLossOptions& o) {
    expect_alike("poisson_nll_loss", x, target);
    expect_number("poisson_nll_loss", "epsilon", o.epsilon, 0);
    Tensor losses = o.log_input ? exp(x) - target * x : x - target * log(x + o.epsilon);
    if (o.full) {
        const Tensor large = greater(target, 1.0F);
        const Tensor t = where(large, target, 1.0F);
        const auto two_pi = static_cast<float>(2 * std::numbers::pi);
        losses = losses + where(large, t * log(t) - t + 0.5F * log(two_pi * t), 0.0F);
    }
    return reduced(losses, o.reduction);
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& variance,
                         const GaussianNllLossOptions& o) {
    expect_alike("gaussian_nll_loss", x, target);
    expect_positive("gaussian_nll_loss", "epsilon", o.epsilon);
    if (!is_floating(variance.dtype()) ||
        broadcast("gaussian_nll_loss", variance.shape(), x.shape()) != x.shape()) {
        fail(ErrorKind::kInvalidArgument, "gaussian_nll_loss: variance {} is not broadcast to {}",
             to_string(variance.spec()), to_string(x.spec()));
    }
    const Tensor v = maximum(variance, o.epsilon);
    Tensor losses = 0.5F * (log(v) + square(x - target) / v);
    if (o.full) losses = losses + static_cast<float>(0.5 * std::log(2 * std::numbers::pi));
    return reduced(losses, o.reduction);
}

Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target,
                            const HingeEmbeddingLossOptions& o) {
    expect_alike("hinge_embedding_loss", x, target);
    return reduced(ops::by_sign(target, x, maximum(o.margin - x, 0.0F)), o.reduction);
}

Tensor hinge_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    expect_alike("hinge_loss", x, target);
    return reduced(maximum(1.0F - target * x, 0.0F), reduction);
}

Tensor soft_margin_loss(const Tensor& x, const Tensor& target, Reduction reduction) {
    expect_alike("soft_margin_loss", x, target);
    const Tensor score = target * x;
    return reduced(ops::log_of_both(score) + maximum(-score, 0.0F), reduction);
}

Tensor margin_ranking_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                           const MarginRankingLossOptions& o) {
    expect_alike("margin_ranking_loss", a, b);
    expect_alike("margin_ranking_loss", a, target);
    return reduced(maximum(o.margin - target * (a - b), 0.0F), o.reduction);
}

// |a| is the root of max(sum a^2, epsilon^2), so that the gradient at 0 is 0 and no NaN.
Tensor cosine_similarity(const Tensor& a, const Tensor& b, const CosineSimilarityOptions& o) {
    ops::expect_vectors("cosine_similarity", a, b);
    expect_positive("cosine_similarity", "epsilon", o.epsilon);
    const ReduceOptions along{.axes = {o.axis}};
    const float least = o.epsilon * o.epsilon;
    const Tensor norm_a = sqrt(maximum(sum(square(a), along), least));
    const Tensor norm_b = sqrt(maximum(sum(square(b), along), least));
    return sum(a * b, along) / (norm_a * norm_b);
}

Tensor pairwise_distance(const Tensor& a, const Tensor& b, const PairwiseDistanceOptions& o) {
    ops::expect_vectors("pairwise_distance", a, b);
    expect_number("pairwise_distance", "p", o.p, 1);
    expect_number("pairwise_distance", "epsilon", o.epsilon, 0);
    const Tensor d = a - b + o.epsilon;
    if (o.p == 1) return ops::sum_last(abs(d), o.keep_axis);
    const float tiny = 1e-30F;  // a distance of 0 has a gradient of 0
    if (o.p == 2) return sqrt(maximum(ops::sum_last(square(d), o.keep_axis), tiny));
    const Tensor powers = ops::sum_last(pow(maximum(abs(d), tiny), o.p), o.keep_axis);
    return pow(maximum(powers, tiny), 1.0F / o.p);
}

Tensor cosine_embedding_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                             const CosineEmbeddingLossOptions& o) {
    ops::expect_vectors("cosine_embedding_loss", a, b);
    expect_number("cosine_embedding_loss", "margin", o.margin, -1, 1);
    const Shape batch = a.shape().without(a.shape().rank() - 1);
    if (target.shape() != batch || !is_floating(target.dtype())) {
        fail(ErrorKind::kInvalidArgument,
             "cosine_embedding_loss: the targets of {} are f32{}, not {}", to_string(a.spec()),
             to_string(batch), to_string(target.spec()));
    }
    constexpr float kLeast = 1e-12F;
    const Tensor squares =
        (ops::sum_last(square(a)) + kLeast) * (ops::sum_last(square(b)) + kLeast);
    const Tensor cosine = ops::sum_last(a * b) / sqrt(squares);
    return reduced(ops::by_sign(target, 1.0F - cosine, maximum(cosine - o.margin, 0.0F)),
                   o.reduction);
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& o) {
    ops::expect_vectors("triplet_margin_loss", anchor, positive);
    ops::expect_vectors("triplet_margin_loss", anchor, negative);
    expect_positive("triplet_margin_loss", "margin", o.margin);
    const PairwiseDistanceOptions distance{.p = o.p, .epsilon = o.epsilon};
    const Tensor near = pairwise_distance(anchor, positive, distance);
    Tensor far = pairwise_distance(anchor, negative, distance);
    if (o.swap) far = minimum(far, pairwise_distance(positive, negative, distance));
    return reduced(maximum(near - far + o.margin, 0.0F), o.reduction);
}

}  // namespace ingot
