// SPDX-License-Identifier: MIT
// Products, reductions, softmax, layout.
#include "compare.h"

namespace ingot::compare {

std::vector<Case> tensor_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 4), M = draw.size(1, 50), N = draw.size(1, 50),
                       K = draw.size(1, 80);
    const Input x3{"x", {B, M, K}, -2, 2}, whole{"i", {B, M, K}, -3, 3, i32};
    return {
        {"torch.matmul(a, b)",
         {{"a", {M, K}}, {"b", {K, N}}},
         [](const Tensors& in) { return matmul(in[0], in[1]); }},
        {"torch.matmul(a, b.transpose(-1, -2))",
         {{"a", {B, M, K}}, {"b", {B, N, K}}},
         [](const Tensors& in) { return matmul(in[0], transpose(in[1])); }},
        {"F.linear(x, w, b)",
         {x3, {"w", {N, K}}, {"b", {N}}},
         [](const Tensors& in) { return linear(in[0], in[1], in[2]); }},
        {"torch.sum(x, dim=1)", {x3}, [](const Tensors& in) { return sum(in[0], {.axes = {1}}); }},
        {"torch.mean(x, dim=(0, 2), keepdim=True)",
         {x3},
         [](const Tensors& in) {
             return mean(in[0], {.axes = {0, 2}, .keep_axes = true});
         }},
        {"torch.amax(x, dim=-1)",
         {x3},
         [](const Tensors& in) { return max(in[0], {.axes = {-1}}); }},
        {"torch.amin(x, dim=1)", {x3}, [](const Tensors& in) { return min(in[0], {.axes = {1}}); }},
        {"torch.prod(x, dim=1)",
         {{"x", {B, M, K}, 0.5, 1.5}},
         [](const Tensors& in) { return prod(in[0], {.axes = {1}}); }},
        {"torch.var(x, dim=(0, 2), unbiased=False)",
         {x3},
         [](const Tensors& in) {
             return var(in[0], {.axes = {0, 2}, .correction = 0});
         }},
        {"torch.std(x, dim=-1)",
         {{"x", {B, M, K + 1}}},
         [](const Tensors& in) { return ingot::std(in[0], {.axes = {-1}}); }},
        {"torch.logsumexp(x, dim=(0, 2), keepdim=True)",
         {x3},
         [](const Tensors& in) {
             return logsumexp(in[0], {.axes = {0, 2}, .keep_axes = true});
         }},
        {"torch.norm(x, dim=1)",
         {x3},
         [](const Tensors& in) { return norm(in[0], {.axes = {1}}); }},
        {"torch.norm(x, p=3, dim=(0, 1))",
         {x3},
         [](const Tensors& in) {
             return norm(in[0], {.p = 3, .axes = {0, 1}});
         }},
        {"torch.argmin(x, dim=1)", {x3}, [](const Tensors& in) { return argmin(in[0], 1); }, false},
        {"torch.argmax(x, dim=1)", {x3}, [](const Tensors& in) { return argmax(in[0], 1); }, false},
        {"torch.sum(i, dim=1)",
         {whole},
         [](const Tensors& in) { return sum(in[0], {.axes = {1}}); }},
        {"torch.sum(i > 1, dim=-1)",
         {whole},
         [](const Tensors& in) { return sum(greater(in[0], 1.0F), {.axes = {-1}}); }},
        {"torch.prod(i[:, :, :7], dim=2)",
         {{"i", {B, M, 7}, -3, 3, i32}},
         [](const Tensors& in) { return prod(in[0], {.axes = {2}}); }},
        {"torch.amax(i, dim=(0, 2))",
         {whole},
         [](const Tensors& in) {
             return max(in[0], {.axes = {0, 2}});
         }},
        {"torch.amin(i, dim=1)",
         {whole},
         [](const Tensors& in) { return min(in[0], {.axes = {1}}); }},
        {"torch.any(i == 2, dim=1)",
         {whole},
         [](const Tensors& in) { return any(equal(in[0], 2.0F), {.axes = {1}}); }},
        {"torch.all(i, dim=0)",
         {whole},
         [](const Tensors& in) { return all(in[0], {.axes = {0}}); }},
        {"torch.cumsum(i, dim=2)", {whole}, [](const Tensors& in) { return cumsum(in[0], 2); }},
        {"torch.softmax(x, dim=-1)", {x3}, [](const Tensors& in) { return softmax(in[0]); }},
        {"torch.log_softmax(x, dim=1)",
         {x3},
         [](const Tensors& in) { return log_softmax(in[0], 1); }},
        {"torch.cat([a, b], dim=1)",
         {{"a", {B, M, 3}}, {"b", {B, N, 3}}},
         [](const Tensors& in) { return concatenate(in, 1); }},
        {"x.permute(2, 0, 1)[:, :, ::2]",
         {x3},
         [](const Tensors& in) {
             return slice(permute(in[0], {2, 0, 1}), {.axis = 2, .step = 2});
         }},
    };
}

}  // namespace ingot::compare
