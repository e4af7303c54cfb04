// SPDX-License-Identifier: MIT
// Losses at their edges: large values, probabilities of 0 and 1, equal and zero vectors; what is
// refused. The tables are in losses.cpp.
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/graph.h>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

TEST_SUITE("losses") {
    TEST_CASE("losses: values of 1e4 and probabilities of 0 and 1 give numbers") {
        const Tensor x = input({4}), t = input({4}), p = input({4});
        const Tensor logits =
            binary_cross_entropy_with_logits(x, t, {.reduction = Reduction::kNone});
        const Tensor probabilities = binary_cross_entropy(p, t, {.reduction = Reduction::kNone});
        const Tensor focal =
            sigmoid_focal_loss(x, t, {.gamma = 1.5F, .reduction = Reduction::kNone});
        const Tensor soft = soft_margin_loss(x, 2.0F * t - 1.0F, Reduction::kNone);
        const Tensor both = softmax(reshape(x, {2, 2}), 1);
        const Tensor loss = sum(logits) + sum(focal) + sum(soft) + sum(square(both));
        const Tensor d_x = gradients(loss, std::array{x})[0];
        const Tensor d_p = gradients(sum(probabilities), std::array{p})[0];
        const std::vector<float> xs{1e4F, 1e4F, -1e4F, -1e4F}, ts{1, 0, 1, 0}, ps{1, 1, 0, 0};
        const Feed feeds[] = {{x, xs}, {t, ts}, {p, ps}};
        const auto out = compute({logits, probabilities, focal, soft, both, d_x, d_p}, feeds);
        CHECK(out[0] == std::vector<float>{0, 1e4F, 1e4F, 0});
        // Vulkan asks of log(1) that it be within 2^-21 of 0.
        CHECK(std::abs(out[1][0]) <= 0x1p-21F);
        CHECK(out[1][1] == 100);
        CHECK(out[1][2] == 100);
        CHECK(std::abs(out[1][3]) <= 0x1p-21F);
        CHECK(out[3] == std::vector<float>{0, 1e4F, 1e4F, 0});
        CHECK(out[6][0] == 0);
        CHECK(out[6][3] == 0);
        for (const auto& values : out) {
            for (const float value : values)
                CHECK(std::isfinite(value));
        }
    }

    TEST_CASE("losses: zero vectors, zero targets and equal vectors have gradients") {
        const Tensor a = input({2, 3}), b = input({2, 3});
        const Tensor loss = sum(cosine_similarity(a, b)) + sum(pairwise_distance(a, a)) +
                            sum(pairwise_distance(a, b, {.p = 3, .epsilon = 0})) + kl_div(a, b) +
                            dice_loss(a, b) + smooth_l1_loss(a, b) +
                            smooth_l1_loss(a, b, {.beta = 0});
        const auto d = gradients(loss, std::array{a, b});
        const std::vector<float> zeros(6, 0.0F);
        const Feed feeds[] = {{a, zeros}, {b, zeros}};
        for (const auto& values : compute({loss, d[0], d[1]}, feeds)) {
            for (const float value : values)
                CHECK(std::isfinite(value));
        }
    }

    TEST_CASE("losses: kl_div by the batch is the sum over its size") {
        const Tensor x = input({4, 3}), t = input({4, 3});
        const std::vector<float> xs(12, -1.0F), ts(12, 0.5F);
        const Feed feeds[] = {{x, xs}, {t, ts}};
        const auto out = compute({kl_div(x, t, {.batch_mean = true})}, feeds);
        CHECK(out[0][0] == doctest::Approx(3 * 0.5 * (std::log(0.5) + 1)));
    }

    TEST_CASE("losses: their pointwise work joins the reduction, or is one kernel before it") {
        const Tensor x = input({64, 10}), t = input({64, 10});
        const auto dispatches = [](const Tensor& loss) {
            return test_device().compile({.outputs = {loss}}).stats().dispatches;
        };
        for (const Tensor& loss :
             {mse_loss(x, t), l1_loss(x, t), huber_loss(x, t), hinge_loss(x, t)}) {
            CHECK(dispatches(loss) == 1);
        }
        for (const Tensor& loss :
             {binary_cross_entropy(x, t), kl_div(x, t), binary_cross_entropy_with_logits(x, t)}) {
            CHECK(dispatches(loss) <= 2);
        }
    }

    TEST_CASE("losses: of f16 no epsilon is 0, and squares and counts do not overflow") {
        const auto check = [](const std::vector<std::pair<Tensor, double>>& losses,
                              const Tensor& wrt, std::span<const Feed> feeds) {
            Tensors outputs;
            for (const auto& [loss, expected] : losses) {
                CHECK(loss.dtype() == f16);
                outputs.push_back(cast(loss, f32));
                outputs.push_back(gradients(loss, std::array{wrt})[0]);
            }
            const auto results = compute(outputs, feeds);
            for (std::size_t i = 0; i < losses.size(); ++i) {
                CAPTURE(i);
                CHECK(results[2 * i][0] == doctest::Approx(losses[i].second).epsilon(2e-3));
                for (const float d : results[2 * i + 1])
                    CHECK(std::isfinite(d));
            }
        };
        const Tensor fed = input({2, 3}), zero = cast(fed, f16), large = zero + 600.0F;
        const std::vector<float> zeros(6, 0.0F);
        check({{sum(cosine_similarity(zero, zero)), 0},
               {sum(pairwise_distance(zero, zero, {.epsilon = 0})), 0},
               {mean(pairwise_distance(large, zero)), std::sqrt(3) * 600},
               {poisson_nll_loss(zero, zero, {.log_input = false}), 0},
               {gaussian_nll_loss(zero, zero + 0.0078125F, zero), (std::log(1e-6) + 61.035) / 2},
               {dice_loss(zero, zero), 0},
               {dice_loss(large, large), 0},
               {binary_cross_entropy(zero, zero), 0}},
              fed, std::array{Feed{fed, zeros}});

        const std::int64_t rows = 70'000;  // f16 ends at 65504
        const Tensor labels = input({rows}, i32), fed_rows = input({rows, 2});
        const Tensor logits = cast(fed_rows, f16);
        const std::vector<float> many(static_cast<std::size_t>(2 * rows), 0.0F);
        const std::vector<std::int32_t> first(static_cast<std::size_t>(rows), 0);
        check({{cross_entropy(logits, labels), std::log(2)},
               {nll_loss(logits - 0.5F, labels), 0.5},
               {cross_entropy(logits, labels, {.label_smoothing = 0.1F}), std::log(2)},
               {cross_entropy(logits, stop_gradient(softmax(logits))), std::log(2)}},
              fed_rows, std::array{Feed{fed_rows, many}, Feed{labels, first}});
    }

    TEST_CASE("losses: floats of two types meet in f32") {
        const Tensor x = input({4, 3}, f16), t = input({4, 3});
        CHECK(mse_loss(x, t).dtype() == f32);
        CHECK(binary_cross_entropy_with_logits(t, x, {.reduction = Reduction::kNone}).dtype() ==
              f32);
        CHECK(gradients(mse_loss(x, t), std::array{x})[0].dtype() == f16);
        CHECK(multi_margin_loss(x, input({4}, i32)).dtype() == f16);
    }

    TEST_CASE("losses: errors name the sizes") {
        const Tensor x = input({4, 3}), y = input({4, 2}), labels = input({4}, i32);
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float inf = std::numeric_limits<float>::infinity();
        const std::pair<const char*, std::function<void()>> alike[] = {
            {"mse_loss", [&] { mse_loss(x, y); }},
            {"l1_loss", [&] { l1_loss(x, y); }},
            {"smooth_l1_loss", [&] { smooth_l1_loss(x, y); }},
            {"huber_loss", [&] { huber_loss(x, y); }},
            {"binary_cross_entropy", [&] { binary_cross_entropy(x, y); }},
            {"binary_cross_entropy_with_logits", [&] { binary_cross_entropy_with_logits(x, y); }},
            {"sigmoid_focal_loss", [&] { sigmoid_focal_loss(x, y); }},
            {"kl_div", [&] { kl_div(x, y); }},
            {"dice_loss", [&] { dice_loss(x, y); }},
            {"poisson_nll_loss", [&] { poisson_nll_loss(x, y); }},
            {"gaussian_nll_loss", [&] { gaussian_nll_loss(x, y, x); }},
            {"hinge_embedding_loss", [&] { hinge_embedding_loss(x, y); }},
            {"hinge_loss", [&] { hinge_loss(x, y); }},
            {"soft_margin_loss", [&] { soft_margin_loss(x, y); }},
            {"margin_ranking_loss", [&] { margin_ranking_loss(x, y, x); }},
            {"cosine_similarity", [&] { cosine_similarity(x, y); }},
            {"cosine_embedding_loss", [&] { cosine_embedding_loss(x, y, input({4})); }},
            {"pairwise_distance", [&] { pairwise_distance(x, y); }},
            {"triplet_margin_loss", [&] { triplet_margin_loss(x, x, y); }},
        };
        for (const auto& [name, build] : alike) {
            CHECK(thrown_message(build) ==
                  std::string("invalid argument: ") + name + ": x is f32[4, 3], target f32[4, 2]");
        }
        const std::pair<const char*, std::function<void()>> others[] = {
            {"mse_loss: takes floats, not i32[4]", [&] { mse_loss(labels, labels); }},
            {"huber_loss: delta is 0, not above 0", [&] { huber_loss(x, x, {.delta = 0}); }},
            {"smooth_l1_loss: beta is -1, not in [0", [&] { smooth_l1_loss(x, x, {.beta = -1}); }},
            {"sigmoid_focal_loss: gamma is -1", [&] { sigmoid_focal_loss(x, x, {.gamma = -1}); }},
            {"sigmoid_focal_loss: alpha is 2", [&] { sigmoid_focal_loss(x, x, {.alpha = 2}); }},
            {"softmax_focal_loss: gamma is -1",
             [&] { softmax_focal_loss(x, labels, {.gamma = -1}); }},
            {"multi_margin_loss: p is 3, not 1 or 2",
             [&] { multi_margin_loss(x, labels, {.p = 3}); }},
            {"multi_margin_loss: p is 0, not 1 or 2",
             [&] { multi_margin_loss(x, labels, {.p = 0}); }},
            {"multi_margin_loss: margin is nan",
             [&] { multi_margin_loss(x, labels, {.margin = nan}); }},
            {"hinge_embedding_loss: margin is nan",
             [&] { hinge_embedding_loss(x, x, {.margin = nan}); }},
            {"margin_ranking_loss: margin is inf",
             [&] { margin_ranking_loss(x, x, x, {.margin = inf}); }},
            {"cosine_embedding_loss: margin is nan",
             [&] { cosine_embedding_loss(x, x, input({4}), {.margin = nan}); }},
            {"triplet_margin_loss: margin is nan",
             [&] { triplet_margin_loss(x, x, x, {.margin = nan}); }},
            {"huber_loss: delta is inf", [&] { huber_loss(x, x, {.delta = inf}); }},
            {"smooth_l1_loss: beta is nan", [&] { smooth_l1_loss(x, x, {.beta = nan}); }},
            {"sigmoid_focal_loss: gamma is nan", [&] { sigmoid_focal_loss(x, x, {.gamma = nan}); }},
            {"sigmoid_focal_loss: alpha is nan", [&] { sigmoid_focal_loss(x, x, {.alpha = nan}); }},
            {"poisson_nll_loss: epsilon is -1", [&] { poisson_nll_loss(x, x, {.epsilon = -1}); }},
            {"gaussian_nll_loss: epsilon is 0",
             [&] { gaussian_nll_loss(x, x, x, {.epsilon = 0}); }},
            {"cross_entropy: label_smoothing is nan",
             [&] { cross_entropy(x, labels, {.label_smoothing = nan}); }},
            {"dice_loss: smooth is 0, not above 0", [&] { dice_loss(x, x, {.smooth = 0}); }},
            {"dice_loss: takes f32[B, N] or f32[B, C, ...], not f32[4]",
             [&] { dice_loss(input({4}), input({4})); }},
            {"gaussian_nll_loss: variance f32[2, 4, 3] is not broadcast to f32[4, 3]",
             [&] {
                 gaussian_nll_loss(x, x, input({2, 4, 3}));
             }},
            {"cosine_similarity: epsilon is 0", [&] { cosine_similarity(x, x, {.epsilon = 0}); }},
            {"cosine_embedding_loss: margin is 2",
             [&] { cosine_embedding_loss(x, x, input({4}), {.margin = 2}); }},
            {"cosine_embedding_loss: the targets of f32[4, 3] are f32[4], not f32[3]",
             [&] { cosine_embedding_loss(x, x, input({3})); }},
            {"pairwise_distance: p is 0.5", [&] { pairwise_distance(x, x, {.p = 0.5F}); }},
            {"triplet_margin_loss: margin is 0",
             [&] { triplet_margin_loss(x, x, x, {.margin = 0}); }},
            {"binary_cross_entropy: weight f32[2, 4, 3] is not broadcast to f32[4, 3]",
             [&] {
                 binary_cross_entropy(x, x, {.weight = input({2, 4, 3})});
             }},
        };
        for (const auto& [message, build] : others) {
            const std::string thrown = thrown_message(build);
            CHECK_MESSAGE(thrown.find(message) != std::string::npos, thrown);
        }
    }
}
