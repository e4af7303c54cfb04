// SPDX-License-Identifier: MIT
// Attention, rotary embedding, recurrent layers.
#include "compare.h"

#include <cmath>

namespace ingot::compare {

std::vector<Case> sequence_cases(Draw& draw) {
    const std::int64_t B = draw.size(1, 3), H = 2 * draw.size(1, 3), L = draw.size(1, 40),
                       S = draw.size(1, 40), E = 2 * draw.size(1, 20), I = draw.size(1, 20),
                       N = draw.size(1, 20);
    const Input q{"q", {B, H, L, E}, -2, 2}, k{"k", {B, H, S, E}, -2, 2}, v{"v", {B, H, S, E}};
    const Input x{"x", {L, B, I}}, h{"h", {1, B, N}}, c{"c", {1, B, N}};
    // As they are initialised; larger ones let every rounding grow from step to step.
    const double most = 1 / std::sqrt(static_cast<double>(N));
    const auto weights = [&](std::int64_t gates) {
        return std::vector<Input>{{"a", {gates * N, I}, -most, most},
                                  {"u", {gates * N, N}, -most, most},
                                  {"b", {gates * N}, -most, most},
                                  {"d", {gates * N}, -most, most}};
    };
    const auto joined = [](std::vector<Input> first, const std::vector<Input>& second) {
        first.insert(first.end(), second.begin(), second.end());
        return first;
    };
    // The last four inputs.
    const auto layer = [](const Tensors& in) {
        const std::size_t at = in.size() - 4;
        return std::vector<RecurrentWeights>{{in[at], in[at + 1], in[at + 2], in[at + 3]}};
    };
    return {
        {"torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1) @ v",
         {q, k, v},
         [](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2]); }},
        {"torch.softmax(q @ k.transpose(-1, -2) * 0.3 + m, -1) @ v",
         {q, k, v, {"m", {L, S}, -2, 2}},
         [](const Tensors& in) {
             return scaled_dot_product_attention(in[0], in[1], in[2],
                                                 {.mask = in[3], .scale = 0.3F});
         }},
        {"torch.softmax((q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).masked_fill("
         "torch.ones(q.shape[2], k.shape[2]).triu(1).bool(), -1e30), -1) @ v",
         {q, k, v},
         [](const Tensors& in) {
             return scaled_dot_product_attention(in[0], in[1], in[2], {.is_causal = true});
         }},
        {"torch.softmax(q @ k.repeat_interleave(2, 1).transpose(-1, -2) / q.shape[-1] ** 0.5, -1)"
         " @ v.repeat_interleave(2, 1)",
         {q, {"k", {B, H / 2, S, E}, -2, 2}, {"v", {B, H / 2, S, E}}},
         [](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2]); }},
        {"torch.lstm(x, (h, c), (a, u, b, d), True, 1, 0., False, False, False)[0]",
         joined({x, h, c}, weights(4)),
         [=](const Tensors& in) {
             return lstm(in[0], {in[1], in[2]}, layer(in)).output;
         }},
        {"torch.lstm(x, (h, c), (a, u, b, d), True, 1, 0., False, False, False)[2]",
         joined({x, h, c}, weights(4)),
         [=](const Tensors& in) {
             return lstm(in[0], {in[1], in[2]}, layer(in)).c;
         }},
        {"torch.gru(x, h, (a, u, b, d), True, 1, 0., False, False, False)[0]",
         joined({x, h}, weights(3)),
         [=](const Tensors& in) { return gru(in[0], in[1], layer(in)).output; }},
        {"torch.rnn_tanh(x, h, (a, u, b, d), True, 1, 0., False, False, False)[0]",
         joined({x, h}, weights(1)),
         [=](const Tensors& in) { return rnn(in[0], in[1], layer(in)).output; }},
        {"torch.rnn_relu(x, h, (a, u, b, d), True, 1, 0., False, False, False)[1]",
         joined({x, h}, weights(1)),
         [=](const Tensors& in) {
             return rnn(in[0], in[1], layer(in), {}, RnnNonlinearity::kRelu).h;
         }},
        {"torch.gru_cell(x[0], h[0], a, u, b, d)", joined({x, h}, weights(3)),
         [=](const Tensors& in) {
             return gru_cell(unbind(in[0])[0], unbind(in[1])[0], layer(in)[0]);
         }},
        {"torch.lstm_cell(x[0], (h[0], c[0]), a, u, b, d)[0]", joined({x, h, c}, weights(4)),
         [=](const Tensors& in) {
             return lstm_cell(unbind(in[0])[0], {unbind(in[1])[0], unbind(in[2])[0]}, layer(in)[0])
                 .h;
         }},
    };
}

}  // namespace ingot::compare
