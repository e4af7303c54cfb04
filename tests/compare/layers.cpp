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
        {"F.conv1d(x, w, b, stride=2, padding=2)",
         {{"x", {B, C, H * W}}, {"w", {O, C, 5}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv1d(in[0], in[1], in[2], {.stride = 2, .padding = 2});
         }},
        {"F.conv2d(x, w, padding='same', groups=x.shape[1])",
         {x, {"w", {2 * C, 1, 3, 2}}},
         [C](const Tensors& in) { return conv2d(in[0], in[1], {}, {.groups = C, .same = true}); }},
        {"F.conv3d(x, w, b, stride=(1, 2, 1), padding=(1, 0, 1), dilation=(1, 1, 2))",
         {{"x", {B, C, 5, H, W}}, {"w", {O, C, 3, 2, 3}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv3d(in[0], in[1], in[2],
                           {.stride = {1, 2, 1}, .padding = {1, 0, 1}, .dilation = {1, 1, 2}});
         }},
        {"F.conv_transpose1d(x, w, b, stride=3, padding=1, dilation=2)",
         {{"x", {B, C, W}}, {"w", {C, O, 4}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv_transpose1d(in[0], in[1], in[2],
                                     {.stride = 3, .padding = 1, .dilation = 2});
         }},
        {"F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1, groups=2)",
         {x, {"w", {C, O / 2, 3, 3}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv_transpose2d(
                 in[0], in[1], in[2],
                 {.stride = {2, 2}, .padding = {1, 1}, .output_padding = {1, 1}, .groups = 2});
         }},
        {"F.conv_transpose3d(x, w, b, stride=(2, 1, 2))",
         {{"x", {B, C, 3, 5, W}}, {"w", {C, O, 2, 3, 3}}, {"b", {O}}},
         [](const Tensors& in) {
             return conv_transpose3d(in[0], in[1], in[2], {.stride = {2, 1, 2}});
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
        {"F.max_pool1d(x, 3, stride=2, dilation=2, ceil_mode=True)",
         {{"x", {B, C, H * W}}},
         [](const Tensors& in) {
             return max_pool1d(in[0], {.kernel = 3, .stride = 2, .dilation = 2, .ceil_mode = true});
         }},
        {"F.max_pool3d(x, (2, 3, 2), padding=1)",
         {{"x", {B, C, 5, H, W}}},
         [](const Tensors& in) {
             return max_pool3d(in[0], {.kernel = {2, 3, 2}, .padding = {1, 1, 1}});
         }},
        {"F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
         {x},
         [](const Tensors& in) {
             return avg_pool2d(in[0], {.kernel = {3, 3},
                                       .stride = {2, 2},
                                       .padding = {1, 1},
                                       .ceil_mode = true,
                                       .count_include_pad = false});
         }},
        {"F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)",
         {x},
         [](const Tensors& in) {
             return avg_pool2d(
                 in[0], {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}, .ceil_mode = true});
         }},
        {"F.avg_pool1d(x, 4, stride=3, padding=2)",
         {{"x", {B, C, H * W}}},
         [](const Tensors& in) {
             return avg_pool1d(in[0], {.kernel = 4, .stride = 3, .padding = 2});
         }},
        {"F.avg_pool3d(x, (2, 3, 2), stride=(1, 2, 3))",
         {{"x", {B, C, 5, H, W}}},
         [](const Tensors& in) {
             return avg_pool3d(in[0], {.kernel = {2, 3, 2}, .stride = {1, 2, 3}});
         }},
        {"F.max_pool2d(x, 3, return_indices=True)[1]",
         {x},
         [](const Tensors& in) {
             return max_pool2d_with_indices(in[0], {.kernel = {3, 3}}).second;
         },
         false},
        {"F.adaptive_avg_pool1d(x, 9)",
         {{"x", {B, C, H * W}}},
         [](const Tensors& in) { return adaptive_avg_pool1d(in[0], 9); }},
        {"F.adaptive_avg_pool3d(x, (2, 3, 4))",
         {{"x", {B, C, 5, H, W}}},
         [](const Tensors& in) {
             return adaptive_avg_pool3d(in[0], {2, 3, 4});
         }},
        {"F.adaptive_max_pool2d(x, (4, 3))",
         {x},
         [](const Tensors& in) {
             return adaptive_max_pool2d(in[0], {4, 3});
         }},
        {"F.adaptive_max_pool3d(x, (2, 3, 4))",
         {{"x", {B, C, 5, H, W}}},
         [](const Tensors& in) {
             return adaptive_max_pool3d(in[0], {2, 3, 4});
         }},
        {"x.mean((2, 3))", {x}, [](const Tensors& in) { return global_avg_pool(in[0]); }},
        {"torch.amax(x, (2, 3))", {x}, [](const Tensors& in) { return global_max_pool(in[0]); }},
        {"F.adaptive_avg_pool2d(x, (3, 5))",
         {x},
         [](const Tensors& in) {
             return adaptive_avg_pool2d(in[0], {3, 5});
         }},
        {"F.adaptive_max_pool1d(x, 7)",
         {{"x", {B, C, H * W}}},
         [](const Tensors& in) { return adaptive_max_pool1d(in[0], 7); }},
        {"F.batch_norm(x, torch.zeros_like(b), torch.ones_like(b), w, b, training=True)",
         {{"x", {B + 1, C, H, W}}, {"w", {C}}, {"b", {C}}},
         [C](const Tensors& in) {
             return batch_norm(in[0], in[1], in[2], Parameter(init::zeros({C})),
                               Parameter(init::constant({C}, 1)));
         }},
        {"F.layer_norm(x, x.shape[-2:], w, b)",
         {x, {"w", {H, W}}, {"b", {H, W}}},
         [](const Tensors& in) { return layer_norm(in[0], in[1].shape(), in[1], in[2]); }},
        {"x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 2**-23) * w",
         {x, {"w", {W}}},
         [](const Tensors& in) { return rms_norm(in[0], in[1].shape(), in[1]); }},
        {"F.group_norm(x, 2, w, b)",
         {x, {"w", {C}}, {"b", {C}}},
         [](const Tensors& in) { return group_norm(in[0], 2, in[1], in[2]); }},
        {"F.instance_norm(x, weight=w, bias=b)",
         {x, {"w", {C}}, {"b", {C}}},
         [](const Tensors& in) { return instance_norm(in[0], in[1], in[2]); }},
    };
}

}  // namespace ingot::compare
