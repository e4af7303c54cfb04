// SPDX-License-Identifier: MIT
// Losses, with PyTorch's names, formulas and defaults. Each is reduced to its mean unless told
// otherwise; kNone leaves one number for each element, row or pair. Tensors called x and target
// have one shape. 16-bit floats are computed in f32; the result has the type of x, or f32 where
// floats of different types meet.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <optional>

namespace ingot {

enum class Reduction { kMean, kSum, kNone };

// ---- Of classes. Labels are i32 in [0, V); one out of range is found on the device: nothing is
// updated, and the next run or read throws, naming it.

// logits [B, V, ...], labels i32 [B, ...] -> [] (or [B, ...] without reduction): the options'
// defaults, labels of -100 ignored.
INGOT_API Tensor cross_entropy(const Tensor& logits, const Tensor& labels,
                               Reduction reduction = Reduction::kMean);

struct CrossEntropyOptions {
    Tensor weight{};  // f32 [V], of the classes; empty: 1. A mean is by the weights of the labels
    // Rows of this label do not count (a mean of no rows is NaN, as in PyTorch); empty: all count,
    // which saves a mean and its gradient a small kernel each.
    std::optional<std::int32_t> ignore_index = -100;
    float label_smoothing = 0;  // in [0, 1]: the share of the target spread over all classes
    Reduction reduction = Reduction::kMean;
};
// logits [B, V, ...] against labels i32 [B, ...], or against probabilities f32 [B, V, ...], whose
// mean is over the positions -> [] (or [B, ...]).
INGOT_API Tensor cross_entropy(const Tensor& logits, const Tensor& target,
                               const CrossEntropyOptions& options);

struct NllLossOptions {
    Tensor weight{};  // as above
    std::optional<std::int32_t> ignore_index = -100;
    Reduction reduction = Reduction::kMean;
};
// -x[label]: log_probabilities [B, V, ...], labels i32 [B, ...].
INGOT_API Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels,
                          const NllLossOptions& options = {});

struct SoftmaxFocalLossOptions {
    float gamma = 2;  // at least 0; 0: cross-entropy
    Tensor weight{};  // f32 [V]: alpha of the paper; a mean is over the rows all the same
    Reduction reduction = Reduction::kMean;
};
// Lin et al., "Focal loss for dense object detection", ICCV 2017: -w (1 - p)^gamma log p of the
// label's softmax p. logits [B, V, ...], labels i32 [B, ...].
INGOT_API Tensor softmax_focal_loss(const Tensor& logits, const Tensor& labels,
                                    const SoftmaxFocalLossOptions& options = {});

struct MultiMarginLossOptions {
    int p = 1;  // or 2
    float margin = 1;
    Tensor weight{};  // f32 [V]
    Reduction reduction = Reduction::kMean;
};
// sum over classes other than the label of max(0, margin - x[label] + x)^p, over V.
// x [B, V], labels i32 [B].
INGOT_API Tensor multi_margin_loss(const Tensor& x, const Tensor& labels,
                                   const MultiMarginLossOptions& options = {});

// The share of rows whose largest logit is at the label: logits [B, V], labels i32 [B] -> [].
INGOT_API Tensor accuracy(const Tensor& logits, const Tensor& labels);

// ---- Of probabilities.

struct BinaryCrossEntropyOptions {
    Tensor weight{};  // broadcast to x; empty: 1
    Reduction reduction = Reduction::kMean;
};
// -w (t log p + (1 - t) log(1 - p)) of p in [0, 1]; logarithms are at least -100.
INGOT_API Tensor binary_cross_entropy(const Tensor& p, const Tensor& target,
                                      const BinaryCrossEntropyOptions& options = {});

struct BceWithLogitsOptions {
    Tensor weight{};      // broadcast to x; empty: 1
    Tensor pos_weight{};  // broadcast to x: of t log p; empty: 1
    Reduction reduction = Reduction::kMean;
};
// The same of p = sigmoid(x), without its rounding: for logits of any size.
INGOT_API Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                                  const BceWithLogitsOptions& options = {});

struct SigmoidFocalLossOptions {
    float alpha = 0.25F;  // weight of targets 1, against 1 - alpha of 0; below 0: none
    float gamma = 2;      // at least 0
    Reduction reduction = Reduction::kMean;
};
// Lin et al.: alpha (1 - p)^gamma times binary cross-entropy, p the probability of the target.
INGOT_API Tensor sigmoid_focal_loss(const Tensor& x, const Tensor& target,
                                    const SigmoidFocalLossOptions& options = {});

struct KlDivOptions {
    bool log_target = false;  // the target is given as logarithms, too
    bool batch_mean = false;  // the sum over the first axis' size: the divergence as defined
    Reduction reduction = Reduction::kMean;  // over all elements, without batch_mean
};
// t (log t - x) of log-probabilities x; 0 where t is 0.
INGOT_API Tensor kl_div(const Tensor& x, const Tensor& target, const KlDivOptions& options = {});

struct DiceLossOptions {
    float smooth = 1e-5F;  // added above and below; above 0
    Reduction reduction = Reduction::kMean;
};
// Milletari et al., "V-Net", 3DV 2016: 1 - 2 sum p t / (sum p^2 + sum t^2), over the axes behind
// the second, or behind the first when there are two: [B, C, ...] -> [B, C], [B, N] -> [B].
INGOT_API Tensor dice_loss(const Tensor& p, const Tensor& target,
                           const DiceLossOptions& options = {});

// ---- Of numbers.

INGOT_API Tensor mse_loss(const Tensor& x, const Tensor& target,
                          Reduction reduction = Reduction::kMean);
INGOT_API Tensor l1_loss(const Tensor& x, const Tensor& target,
                         Reduction reduction = Reduction::kMean);

struct SmoothL1LossOptions {
    float beta = 1;  // at least 0; squares below it: |d| < beta ? d^2 / (2 beta) : |d| - beta / 2
    Reduction reduction = Reduction::kMean;
};
INGOT_API Tensor smooth_l1_loss(const Tensor& x, const Tensor& target,
                                const SmoothL1LossOptions& options = {});

struct HuberLossOptions {
    float delta = 1;  // above 0: |d| < delta ? d^2 / 2 : delta (|d| - delta / 2)
    Reduction reduction = Reduction::kMean;
};
INGOT_API Tensor huber_loss(const Tensor& x, const Tensor& target,
                            const HuberLossOptions& options = {});

struct PoissonNllLossOptions {
    bool log_input = true;  // exp(x) - t x; else x - t log(x + epsilon)
    bool full = false;      // with Stirling's t log t - t + log(2 pi t) / 2 where t > 1
    float epsilon = 1e-8F;
    Reduction reduction = Reduction::kMean;
};
INGOT_API Tensor poisson_nll_loss(const Tensor& x, const Tensor& target,
                                  const PoissonNllLossOptions& options = {});

struct GaussianNllLossOptions {
    bool full = false;      // with log(2 pi) / 2
    float epsilon = 1e-6F;  // the least variance; above 0
    Reduction reduction = Reduction::kMean;
};
// (log v + (x - t)^2 / v) / 2, v broadcast to x. A variance below epsilon has no gradient.
INGOT_API Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& variance,
                                   const GaussianNllLossOptions& options = {});

// ---- Of signs: targets are 1 or -1.

struct HingeEmbeddingLossOptions {
    float margin = 1;
    Reduction reduction = Reduction::kMean;
};
// x where the target is 1, max(0, margin - x) where it is -1.
INGOT_API Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target,
                                      const HingeEmbeddingLossOptions& options = {});

// max(0, 1 - t x): the loss of support vector machines.
INGOT_API Tensor hinge_loss(const Tensor& x, const Tensor& target,
                            Reduction reduction = Reduction::kMean);
// log(1 + exp(-t x))
INGOT_API Tensor soft_margin_loss(const Tensor& x, const Tensor& target,
                                  Reduction reduction = Reduction::kMean);

struct MarginRankingLossOptions {
    float margin = 0;
    Reduction reduction = Reduction::kMean;
};
// max(0, -t (a - b) + margin)
INGOT_API Tensor margin_ranking_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                                     const MarginRankingLossOptions& options = {});

// ---- Of vectors, along the last axis.

struct CosineSimilarityOptions {
    std::int64_t axis = -1;
    float epsilon = 1e-8F;  // the least norm that is divided by; above 0
};
// sum a b / (|a| |b|), the axis gone.
INGOT_API Tensor cosine_similarity(const Tensor& a, const Tensor& b,
                                   const CosineSimilarityOptions& options = {});

struct PairwiseDistanceOptions {
    float p = 2;            // at least 1
    float epsilon = 1e-6F;  // added to each difference
    bool keep_axis = false;
};
// |a - b + epsilon|_p along the last axis.
INGOT_API Tensor pairwise_distance(const Tensor& a, const Tensor& b,
                                   const PairwiseDistanceOptions& options = {});

struct CosineEmbeddingLossOptions {
    float margin = 0;  // in [-1, 1]
    Reduction reduction = Reduction::kMean;
};
// 1 - cos where the target is 1, max(0, cos - margin) where it is -1. a, b [B, N], target [B].
INGOT_API Tensor cosine_embedding_loss(const Tensor& a, const Tensor& b, const Tensor& target,
                                       const CosineEmbeddingLossOptions& options = {});

struct TripletMarginLossOptions {
    float margin = 1;       // above 0
    float p = 2;            // of the distance; at least 1
    float epsilon = 1e-6F;  // as in pairwise_distance
    bool swap = false;      // the negative may be nearer to the positive than to the anchor
    Reduction reduction = Reduction::kMean;
};
// max(0, d(anchor, positive) - d(anchor, negative) + margin), [..., N] each.
INGOT_API Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive,
                                     const Tensor& negative,
                                     const TripletMarginLossOptions& options = {});

}  // namespace ingot
