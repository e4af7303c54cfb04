// SPDX-License-Identifier: MIT
// Losses as a trainer takes them: a name and the expression. Each is a mean over the batch,
// whatever the options say of the reduction; formulas and options are those of the functions of the
// same names in ops/losses.h. Any other is made by filling a Loss.
#pragma once

#include <ingot/export.h>
#include <ingot/ops/losses.h>
#include <ingot/tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace ingot::losses {

struct Loss {
    std::string name;
    bool of_labels = false;  // targets are class labels, i32 [B]; else f32 [B, ...]
    bool of_both = false;    // either: f32 targets are probabilities of the classes
    std::function<Tensor(const Tensor& output, const Tensor& target)> value;  // f32 []
    // Either lets a batch be filled up (data::LastBatch::kPad): the label whose samples do not
    // count in `value`, or the loss of each sample or element, f32 [B, ...], whose mean it is.
    std::optional<std::int32_t> ignore_index{};
    std::function<Tensor(const Tensor& output, const Tensor& target)> each{};
};

// Of labels. Outputs are [B, V]: logits, but for nll log-probabilities. cross_entropy also takes
// probabilities f32 [B, V], as mixup and cutmix make them of labels.
INGOT_API Loss cross_entropy(const CrossEntropyOptions& options = {});
INGOT_API Loss nll(const NllLossOptions& options = {});
INGOT_API Loss softmax_focal(const SoftmaxFocalLossOptions& options = {});
INGOT_API Loss multi_margin(const MultiMarginLossOptions& options = {});

// Of targets of the outputs' shape.
INGOT_API Loss mse();
INGOT_API Loss l1();
INGOT_API Loss smooth_l1(const SmoothL1LossOptions& options = {});
INGOT_API Loss huber(const HuberLossOptions& options = {});
INGOT_API Loss binary_cross_entropy(const BinaryCrossEntropyOptions& options = {});
INGOT_API Loss binary_cross_entropy_with_logits(const BceWithLogitsOptions& options = {});
INGOT_API Loss sigmoid_focal(const SigmoidFocalLossOptions& options = {});
INGOT_API Loss soft_cross_entropy(const CrossEntropyOptions& options = {});  // or of labels
INGOT_API Loss kl_div(const KlDivOptions& options = {});
INGOT_API Loss dice(const DiceLossOptions& options = {});
INGOT_API Loss poisson_nll(const PoissonNllLossOptions& options = {});
INGOT_API Loss hinge();
INGOT_API Loss hinge_embedding(const HingeEmbeddingLossOptions& options = {});
INGOT_API Loss soft_margin();

// Numbers for the weights among the options: f32 [V].
INGOT_API Tensor class_weights(std::span<const float> weights);

}  // namespace ingot::losses
