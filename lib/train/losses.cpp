// SPDX-License-Identifier: MIT
#include <ingot/losses.h>
#include <ingot/ops.h>
#include <ingot/parameter.h>

namespace ingot::losses {
namespace {

template <typename Options>
Loss made(const char* name, bool of_labels, Options options,
          Tensor (*function)(const Tensor&, const Tensor&, const Options&)) {
    const auto with = [=](Reduction reduction) {
        return [=](const Tensor& output, const Tensor& target) {
            Options reduced = options;
            reduced.reduction = reduction;
            return function(output, target, reduced);
        };
    };
    Loss loss{.name = name, .of_labels = of_labels, .value = with(Reduction::kMean)};
    if constexpr (requires { options.ignore_index; }) loss.ignore_index = options.ignore_index;
    // With weights, means are by their sum where labels choose them.
    bool is_weighted = false;
    if constexpr (requires { options.weight; }) is_weighted = static_cast<bool>(options.weight);
    if (!is_weighted) loss.each = with(Reduction::kNone);
    return loss;
}

Loss plain(const char* name, Tensor (*function)(const Tensor&, const Tensor&, Reduction)) {
    const auto with = [=](Reduction reduction) {
        return [=](const Tensor& output, const Tensor& target) {
            return function(output, target, reduction);
        };
    };
    return {.name = name,
            .of_labels = false,
            .value = with(Reduction::kMean),
            .each = with(Reduction::kNone)};
}

}  // namespace

Loss cross_entropy(const CrossEntropyOptions& options) {
    Loss loss = made("cross_entropy", true, options, &ingot::cross_entropy);
    loss.of_both = true;
    return loss;
}
Loss nll(const NllLossOptions& options) {
    return made("nll", true, options, &nll_loss);
}
Loss softmax_focal(const SoftmaxFocalLossOptions& options) {
    return made("softmax_focal", true, options, &softmax_focal_loss);
}
Loss multi_margin(const MultiMarginLossOptions& options) {
    return made("multi_margin", true, options, &multi_margin_loss);
}

Loss mse() {
    return plain("mse", &mse_loss);
}
Loss l1() {
    return plain("l1", &l1_loss);
}
Loss smooth_l1(const SmoothL1LossOptions& options) {
    return made("smooth_l1", false, options, &smooth_l1_loss);
}
Loss huber(const HuberLossOptions& options) {
    return made("huber", false, options, &huber_loss);
}
Loss binary_cross_entropy(const BinaryCrossEntropyOptions& options) {
    return made("binary_cross_entropy", false, options, &ingot::binary_cross_entropy);
}
Loss binary_cross_entropy_with_logits(const BceWithLogitsOptions& options) {
    return made("binary_cross_entropy_with_logits", false, options,
                &ingot::binary_cross_entropy_with_logits);
}
Loss sigmoid_focal(const SigmoidFocalLossOptions& options) {
    return made("sigmoid_focal", false, options, &sigmoid_focal_loss);
}
Loss soft_cross_entropy(const CrossEntropyOptions& options) {
    Loss loss = made("soft_cross_entropy", false, options, &ingot::cross_entropy);
    loss.of_both = true;
    return loss;
}
Loss kl_div(const KlDivOptions& options) {
    return made("kl_div", false, options, &ingot::kl_div);
}
Loss dice(const DiceLossOptions& options) {
    return made("dice", false, options, &dice_loss);
}
Loss poisson_nll(const PoissonNllLossOptions& options) {
    return made("poisson_nll", false, options, &poisson_nll_loss);
}
Loss hinge() {
    return plain("hinge", &hinge_loss);
}
Loss hinge_embedding(const HingeEmbeddingLossOptions& options) {
    return made("hinge_embedding", false, options, &hinge_embedding_loss);
}
Loss soft_margin() {
    return plain("soft_margin", &soft_margin_loss);
}

Tensor class_weights(std::span<const float> weights) {
    const auto count = static_cast<std::int64_t>(weights.size());
    return Parameter(HostTensor::of("class_weights", {count}, weights),
                     {.name = "class_weights", .trainable = false})
        .tensor();
}

}  // namespace ingot::losses
