// SPDX-License-Identifier: MIT
#include "compare.h"

namespace ingot::compare {

std::vector<Case> loss_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 40), V = draw.size(2, 30);
    const Input logits{"x", {B, V}, -3, 3}, target{"t", {B, V}, -3, 3};
    const Input labels{"y", {B}, 0, static_cast<double>(V - 1), i32};
    return {
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
    };
}

}  // namespace ingot::compare
