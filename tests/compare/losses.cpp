// SPDX-License-Identifier: MIT
#include "compare.h"

#include <ingot/graph.h>

namespace ingot::compare {

std::vector<Case> loss_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 40), V = draw.size(2, 30);
    const Input logits{"x", {B, V}, -3, 3}, target{"t", {B, V}, -3, 3};
    const Input other{"u", {B, V}, -3, 3};
    const Input labels{"y", {B}, 0, static_cast<double>(V - 1), i32};
    const Input images{"x", {B, V, 3, 5}, -3, 3};
    const Input pixels{"y", {B, 3, 5}, 0, static_cast<double>(V - 1), i32};
    const Input weights{"w", {V}, 0.2, 2}, signs{"s", {B}, 0, 1, i32};
    const auto sign_of = [](const Tensor& s) { return cast(s, f32) * 2.0F - 1.0F; };
    return {
        {"F.cross_entropy(x, y, w.detach(), ignore_index=1, label_smoothing=0.1)",
         {images, pixels, weights},
         [](const Tensors& in) {
             return cross_entropy(
                 in[0], in[1],
                 {.weight = stop_gradient(in[2]), .ignore_index = 1, .label_smoothing = 0.1F});
         }},
        {"F.cross_entropy(x, torch.where(y == 1, -100, y))",
         {{"x", {B + 9, 3}}, {"y", {B + 9}, 0, 2, i32}},
         [](const Tensors& in) {
             const Tensor one = cast(equal(in[1], 1.0F), i32);
             return cross_entropy(in[0], in[1] - one * 101.0F);
         }},
        {"F.nll_loss(x, y, w.detach())",
         {logits, labels, weights},
         [](const Tensors& in) {
             return nll_loss(in[0], in[1], {.weight = stop_gradient(in[2])});
         }},
        {"F.binary_cross_entropy_with_logits(x, torch.sigmoid(t), w.detach(),"
         " pos_weight=w.detach() + 1)",
         {logits, target, weights},
         [](const Tensors& in) {
             const Tensor w = stop_gradient(in[2]);
             return binary_cross_entropy_with_logits(in[0], sigmoid(in[1]), {w, w + 1.0F});
         }},
        {"F.poisson_nll_loss(x.abs() + 0.1, t.detach().abs(), log_input=False, full=True)",
         {logits, target},
         [](const Tensors& in) {
             return poisson_nll_loss(abs(in[0]) + 0.1F, abs(stop_gradient(in[1])),
                                     {.log_input = false, .full = true});
         }},
        {"F.hinge_embedding_loss(x, t.detach().sign(), margin=2)",
         {logits, target},
         [](const Tensors& in) {
             return hinge_embedding_loss(in[0], stop_gradient(sign(in[1])), {.margin = 2});
         }},
        {"F.margin_ranking_loss(x, u, t.detach().sign(), margin=0.5)",
         {logits, other, target},
         [](const Tensors& in) {
             return margin_ranking_loss(in[0], in[1], stop_gradient(sign(in[2])), {.margin = 0.5F});
         }},
        {"F.cosine_embedding_loss(x, t, s * 2 - 1, margin=0.1)",
         {logits, target, signs},
         [=](const Tensors& in) {
             return cosine_embedding_loss(in[0], in[1], sign_of(in[2]), {.margin = 0.1F});
         }},
        {"((1 - torch.exp(-F.cross_entropy(x, y, reduction='none'))) ** 2"
         " * F.cross_entropy(x, y, reduction='none')).mean()",
         {logits, labels},
         [](const Tensors& in) { return softmax_focal_loss(in[0], in[1]); }},
        {"F.cross_entropy(x, y)",
         {logits, labels},
         [](const Tensors& in) { return cross_entropy(in[0], in[1]); }},
        {"F.cross_entropy(x, y, reduction='none')",
         {logits, labels},
         [](const Tensors& in) { return cross_entropy(in[0], in[1], Reduction::kNone); }},
        {"F.mse_loss(x, t)",
         {logits, target},
         [](const Tensors& in) { return mse_loss(in[0], in[1]); }},
        {"F.mse_loss(x, t, reduction='sum')",
         {logits, target},
         [](const Tensors& in) { return mse_loss(in[0], in[1], Reduction::kSum); }},
        {"F.cross_entropy(x, t.abs(), label_smoothing=0.1)",
         {logits, target},
         [](const Tensors& in) {
             return cross_entropy(in[0], abs(in[1]), {.label_smoothing = 0.1F});
         }},
        {"F.nll_loss(x, y, reduction='none')",
         {logits, labels},
         [](const Tensors& in) { return nll_loss(in[0], in[1], {.reduction = Reduction::kNone}); }},
        {"F.multi_margin_loss(x, y, p=2)",
         {logits, labels},
         [](const Tensors& in) { return multi_margin_loss(in[0], in[1], {.p = 2}); }},
        {"F.binary_cross_entropy(torch.sigmoid(x), torch.sigmoid(t))",
         {logits, target},
         [](const Tensors& in) { return binary_cross_entropy(sigmoid(in[0]), sigmoid(in[1])); }},
        {"F.binary_cross_entropy_with_logits(x, torch.sigmoid(t))",
         {logits, target},
         [](const Tensors& in) { return binary_cross_entropy_with_logits(in[0], sigmoid(in[1])); }},
        {"F.l1_loss(x, t)",
         {logits, target},
         [](const Tensors& in) { return l1_loss(in[0], in[1]); }},
        {"F.smooth_l1_loss(x, t, beta=0.7)",
         {logits, target},
         [](const Tensors& in) { return smooth_l1_loss(in[0], in[1], {.beta = 0.7F}); }},
        {"F.huber_loss(x, t, delta=0.7)",
         {logits, target},
         [](const Tensors& in) { return huber_loss(in[0], in[1], {.delta = 0.7F}); }},
        {"F.kl_div(x, torch.sigmoid(t), reduction='batchmean')",
         {logits, target},
         [](const Tensors& in) { return kl_div(in[0], sigmoid(in[1]), {.batch_mean = true}); }},
        {"F.kl_div(x, t, log_target=True)",
         {logits, target},
         [](const Tensors& in) { return kl_div(in[0], in[1], {.log_target = true}); }},
        {"F.soft_margin_loss(x, t.detach().sign())",
         {logits, target},
         [](const Tensors& in) { return soft_margin_loss(in[0], sign(in[1])); }},
        {"F.poisson_nll_loss(x, t.detach())",
         {logits, target},
         [](const Tensors& in) { return poisson_nll_loss(in[0], stop_gradient(in[1])); }},
        {"F.gaussian_nll_loss(x, t, t.abs() + 0.1, full=True)",
         {logits, target},
         [](const Tensors& in) {
             return gaussian_nll_loss(in[0], in[1], abs(in[1]) + 0.1F, {.full = true});
         }},
        {"F.cosine_similarity(x, t)",
         {logits, target},
         [](const Tensors& in) { return cosine_similarity(in[0], in[1]); }},
        {"F.pairwise_distance(x, t, p=3)",
         {logits, target},
         [](const Tensors& in) { return pairwise_distance(in[0], in[1], {.p = 3}); }},
        {"F.triplet_margin_loss(x, t, u, swap=True, margin=3)",
         {logits, target, other},
         [](const Tensors& in) {
             return triplet_margin_loss(in[0], in[1], in[2], {.margin = 3, .swap = true});
         }},
    };
}

}  // namespace ingot::compare
