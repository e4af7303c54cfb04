// SPDX-License-Identifier: MIT
// What becomes of the samples at the end of an epoch: as a batch filled up they give the loss, the
// hits and the weights that they give as a shorter one.
#include "small_run.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

Outcome run(const data::Dataset& data, const losses::Loss& loss, data::LastBatch last,
            train::FitOptions options) {
    const nn::Sequential net{nn::Linear{2, 16}, nn::Tanh{}, nn::Linear{16, 3}};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, loss, optim::Sgd{{.lr = 0.1, .momentum = 0.5}}};
    options.epochs = 3;
    options.batch_size = 16;
    options.last_batch = last;
    train::History history = trainer.fit(data, options);
    return {net.state_dict(), std::move(history)};
}

void check_padded_is_shorter(const data::Dataset& data, const losses::Loss& loss,
                             const train::FitOptions& options = {}) {
    CAPTURE(loss.name);
    const Outcome shorter = run(data, loss, data::LastBatch::kShorter, options);
    const Outcome padded = run(data, loss, data::LastBatch::kPad, options);
    // The sums of a batch have other summands, so the last bits differ.
    for (std::size_t i = 0; i < shorter.weights.size(); ++i) {
        const auto a = shorter.weights[i].values<float>(), b = padded.weights[i].values<float>();
        float most = 0;
        for (std::size_t j = 0; j < a.size(); ++j)
            most = std::max(most, std::abs(a[j] - b[j]));
        CHECK(most < 1e-5F);
    }
    for (std::size_t i = 0; i < shorter.history.step_losses.size(); ++i)
        CHECK(padded.history.step_losses[i] ==
              doctest::Approx(shorter.history.step_losses[i]).epsilon(1e-5));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& a = shorter.history.epochs[i];
        const auto& b = padded.history.epochs[i];
        CHECK(b.train_loss == doctest::Approx(a.train_loss).epsilon(1e-5));
        CHECK(std::isnan(a.train_accuracy) == std::isnan(b.train_accuracy));
        if (!std::isnan(a.train_accuracy)) CHECK(a.train_accuracy == b.train_accuracy);
        for (const auto& [name, value] : a.train_metrics)
            CHECK(b.train_metrics.at(name) == doctest::Approx(value));
    }
}

// Targets f32 [3] of the same points: the class as 0 and 1.
data::Dataset with_numbers(const data::Dataset& data) {
    std::vector<float> x(static_cast<std::size_t>(data.size()) * 2), y;
    std::vector<std::uint32_t> all(static_cast<std::size_t>(data.size()));
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        all[i] = i;
        for (std::int32_t c = 0; c < 3; ++c)
            y.push_back(data.label(i) == c ? 1.0F : 0.0F);
    }
    data.read_inputs(all, x);
    return {HostTensor::of("x", {data.size(), 2}, x), HostTensor::of("y", {data.size(), 3}, y)};
}

}  // namespace

TEST_CASE("a batch filled up counts as the shorter one") {
    const data::Dataset data = small_data().train;  // the last batch has 6 of 16
    const std::vector<float> weights{1, 2, 0.5F};
    const train::FitOptions plain, f1{.metrics = {metrics::f1()}};
    check_padded_is_shorter(data, losses::cross_entropy(), f1);
    check_padded_is_shorter(data, losses::cross_entropy({.weight = losses::class_weights(weights),
                                                         .label_smoothing = 0.1F}));
    check_padded_is_shorter(data, losses::cross_entropy({.ignore_index = {}}));
    check_padded_is_shorter(data, losses::softmax_focal());
    check_padded_is_shorter(data, losses::cross_entropy(), {.mix = augment::mixup()});
    const data::Dataset numbers = with_numbers(data);
    check_padded_is_shorter(numbers, losses::mse());
    check_padded_is_shorter(numbers, losses::binary_cross_entropy_with_logits(), f1);
    check_padded_is_shorter(numbers, losses::soft_cross_entropy());
    check_padded_is_shorter(data.take(5), losses::cross_entropy(), f1);  // fewer than a batch
    check_padded_is_shorter(data.take(32), losses::cross_entropy());     // nothing to fill up
    check_validation();
}

TEST_CASE("a loss that cannot leave out what fills up is refused") {
    const data::Dataset data = small_data().train;
    const losses::Loss own{
        .name = "own", .of_labels = true, .value = [](const Tensor& output, const Tensor& labels) {
            return cross_entropy(output, labels);
        }};
    CHECK(
        thrown_message([&] {
            run(data, own, data::LastBatch::kPad, {});
        }).starts_with("invalid argument: own: has neither a label to ignore nor a loss of each"));
    const losses::Loss weighted = losses::cross_entropy(
        {.weight = losses::class_weights(std::vector<float>{1, 2, 3}), .ignore_index = {}});
    CHECK(thrown_message([&] {
              run(data, weighted, data::LastBatch::kPad, {});
          }).starts_with("invalid argument: cross_entropy: has neither"));
}
