// SPDX-License-Identifier: MIT
// Indices, order, running sums; padding and putting together; resizing.
#include "compare.h"

namespace ingot::compare {

std::vector<Case> index_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 4), M = draw.size(4, 50), K = draw.size(4, 80),
                       N = draw.size(1, 2000);
    const auto last = static_cast<double>(M - 1);
    const Input x{"x", {B, M, K}, -2, 2};
    const Input each{"i", {B, N, K}, 0, last, i32}, rows{"i", {N}, 0, last, i32};
    const Input sources{"s", {B, N, K}};
    return {
        {"torch.index_select(x, 1, i)",
         {x, rows},
         [](const Tensors& in) { return index_select(in[0], 1, in[1]); }},
        {"F.embedding(i, w, padding_idx=1)",
         {{"w", {M, K}}, {"i", {B, N}, 0, last, i32}},
         [](const Tensors& in) { return embedding(in[0], in[1], {.padding_idx = 1}); }},
        {"torch.gather(x, 1, i)",
         {x, each},
         [](const Tensors& in) { return gather(in[0], 1, in[1]); }},
        {"torch.scatter(x, 1, i, s)",
         {x, each, sources},
         [](const Tensors& in) { return scatter(in[0], 1, in[1], in[2]); },
         false},  // PyTorch's gradient takes every index to be another
        {"torch.scatter_add(x, 1, i, s)",
         {x, each, sources},
         [](const Tensors& in) { return scatter_add(in[0], 1, in[1], in[2]); }},
        {"torch.index_add(x, 1, i, s)",
         {x, rows, sources},
         [](const Tensors& in) { return index_add(in[0], 1, in[1], in[2]); }},
        {"F.one_hot(i, 50)", {rows}, [](const Tensors& in) { return one_hot(in[0], 50); }, false},
        {"torch.sort(s, dim=1, descending=True, stable=True).values",
         {sources},
         [](const Tensors& in) { return sort(in[0], {.axis = 1, .descending = true}).values; }},
        {"torch.sort(i, dim=0, stable=True).indices",
         {rows},
         [](const Tensors& in) { return argsort(in[0]); },
         false},
        {"torch.topk(x, 3, dim=1).values",
         {x},
         [](const Tensors& in) { return topk(in[0], 3, {.axis = 1}).values; }},
        {"torch.topk(x, 4, largest=False).values",
         {x},
         [](const Tensors& in) { return topk(in[0], 4, {.largest = false}).values; }},
        {"torch.cumprod(s + 1, dim=1)",
         {{"s", {B, 30, K}}},
         [](const Tensors& in) { return cumprod(in[0] + 1.0F, 1); }},
        {"torch.cumprod(i.double(), dim=0)",
         {{"i", {40}, 0, 6, i32}},
         [](const Tensors& in) { return cumprod(cast(in[0], f32), 0); },
         false},
        {"torch.cumsum(s, dim=1)", {sources}, [](const Tensors& in) { return cumsum(in[0], 1); }},
    };
}

std::vector<Case> layout_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 3), C = draw.size(1, 4), H = draw.size(4, 20),
                       W = draw.size(4, 20);
    const Input x{"x", {B, C, H, W}}, signal{"x", {B, C, W}}, volume{"x", {B, C, 4, H, W}};
    const auto padded = [](PadMode mode) {
        return [mode](const Tensors& in) {
            return pad(in[0], {.axes = {{-1, 2, 1}, {-2, 0, 3}}, .mode = mode, .value = 1.5F});
        };
    };
    const auto resized = [](InterpolateOptions options) {
        return [options](const Tensors& in) { return interpolate(in[0], options); };
    };
    return {
        {"F.pad(x, (2, 1, 0, 3), value=1.5)", {x}, padded(PadMode::kConstant)},
        {"F.pad(x, (2, 1, 0, 3), mode='reflect')", {x}, padded(PadMode::kReflect)},
        {"F.pad(x, (2, 1, 0, 3), mode='replicate')", {x}, padded(PadMode::kReplicate)},
        {"F.pad(x, (2, 1, 0, 3), mode='circular')", {x}, padded(PadMode::kCircular)},
        {"F.pad(x, (-1, 2))",
         {x},
         [](const Tensors& in) {
             return pad(in[0], {.axes = {{-1, -1, 2}}});
         }},
        {"torch.flip(x, (1, 3))",
         {x},
         [](const Tensors& in) {
             return flip(in[0], {1, 3});
         }},
        {"torch.roll(x, -3, 2)", {x}, [](const Tensors& in) { return roll(in[0], -3, 2); }},
        {"torch.tile(x, (2, 1, 3))",
         {x},
         [](const Tensors& in) {
             return tile(in[0], {2, 1, 3});
         }},
        {"torch.repeat_interleave(x, 3, dim=2)",
         {x},
         [](const Tensors& in) { return repeat_interleave(in[0], 3, 2); }},
        {"torch.chunk(x, 3, dim=3)[1]",
         {x},
         [](const Tensors& in) { return chunk(in[0], 3, 3)[1]; }},
        {"torch.stack((a, b), dim=-1)",
         {{"a", {B, H}}, {"b", {B, H}}},
         [](const Tensors& in) { return stack(in, -1); }},
        {"torch.diagonal(x, -1, 2, 3)",
         {x},
         [](const Tensors& in) { return diagonal(in[0], -1, 2, 3); }},
        {"torch.tril(x, -1)", {x}, [](const Tensors& in) { return tril(in[0], -1); }},
        {"torch.triu(x, 2)", {x}, [](const Tensors& in) { return triu(in[0], 2); }},
        {"F.interpolate(x, (17, 5))", {x}, resized({.size = {17, 5}})},
        {"F.interpolate(x, scale_factor=1.7)", {x}, resized({.scale = {1.7}})},
        {"F.interpolate(x, (17, 5), mode='nearest-exact')",
         {x},
         resized({.size = {17, 5}, .mode = InterpolateMode::kNearestExact})},
        {"F.interpolate(x, (17, 5), mode='bilinear')",
         {x},
         resized({.size = {17, 5}, .mode = InterpolateMode::kLinear})},
        {"F.interpolate(x, scale_factor=(2.3, 0.6), mode='bilinear')",
         {x},
         resized({.scale = {2.3, 0.6}, .mode = InterpolateMode::kLinear})},
        {"F.interpolate(x, (31, 3), mode='bilinear', align_corners=True)",
         {x},
         resized({.size = {31, 3}, .mode = InterpolateMode::kLinear, .align_corners = true})},
        {"F.interpolate(x, 33, mode='linear')",
         {signal},
         resized({.size = {33}, .mode = InterpolateMode::kLinear})},
        {"F.interpolate(x, (7, 9, 11), mode='trilinear')",
         {volume},
         resized({.size = {7, 9, 11}, .mode = InterpolateMode::kLinear})},
    };
}

}  // namespace ingot::compare
