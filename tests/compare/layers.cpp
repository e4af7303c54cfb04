// SPDX-License-Identifier: MIT
// Convolution, pooling, normalisation.
#include "compare.h"

#include <ingot/init.h>

namespace ingot::compare {

std::vector<Case> layer_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 3), C = 2 * draw.size(1, 4), O = 2 * draw.size(1, 5),
                       H = draw.size(7, 20), W = draw.size(7, 20);
    const Input x{"x", {B, C, H, W}};
    return {
        {"F.conv2d(x, w, b, stride=2, padding=1)",
         {x, {"w", {O, C, 3, 3}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv2d(in[0], in[1], in[2], {.stride = {2, 2}, .padding = {1, 1}});
         }},
        {"F.conv2d(x, w, b, dilation=(2, 1), groups=2)",
         {x, {"w", {O, C / 2, 3, 2}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv2d(in[0], in[1], in[2], {.dilation = {2, 1}, .groups = 2});
         }},
        {"F.max_pool2d(x, 3, stride=2, padding=1)",
         {x},
         [](const Tensors& in) {
             return max_pool2d(in[0], {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}});
         }},
        {"F.avg_pool2d(x, (2, 3), padding=1)",
         {x},
         [](const Tensors& in) {
             return avg_pool2d(in[0], {.kernel = {2, 3}, .padding = {1, 1}});
         }},
        {"F.batch_norm(x, torch.zeros_like(b), torch.ones_like(b), w, b, training=True)",
         {{"x", {B + 1, C, H, W}}, {"w", {C}}, {"b", {C}}},
         [C](const Tensors& in) {
             return batch_norm(in[0], in[1], in[2], Parameter(init::zeros({C})),
                               Parameter(init::constant({C}, 1)));
         }},
    };
}

}  // namespace ingot::compare
