// SPDX-License-Identifier: MIT
// Training on augmented, mixed and weighted samples: the threads that prepare them change no bit, a
// run goes on where it was, and a checkpoint knows what its samples went through.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

// Two kinds of pictures [1, 8, 8]: bright above or bright to the left.
data::Dataset pictures(std::int32_t count) {
    std::vector<float> values;
    std::vector<std::int32_t> labels;
    for (std::int32_t i = 0; i < count; ++i) {
        labels.push_back(i % 2);
        for (int y = 0; y < 8; ++y) {
            for (int x = 0; x < 8; ++x) {
                const bool bright = (i % 2 == 0 ? y : x) < 3 + i % 3;
                values.push_back(bright ? 0.9F : 0.05F * static_cast<float>((i + x * y) % 4));
            }
        }
    }
    return {HostTensor::of("x", {count, 1, 8, 8}, values), HostTensor::of("y", {count}, labels)};
}

train::FitOptions augmented(std::int64_t epochs) {
    return {.epochs = epochs,
            .batch_size = 16,
            .seed = 3,
            .augment = augment::compose({augment::random_crop({.size = 8, .padding = 1}),
                                         augment::brightness({.factor = {0.8, 1.2}})})};
}

Outcome run(const train::FitOptions& options, losses::Loss loss = losses::cross_entropy()) {
    const nn::Sequential net{nn::Flatten{}, nn::Linear{64, 16}, nn::ReLU{}, nn::Dropout{0.1},
                             nn::Linear{16, 2}};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, std::move(loss), optim::AdamW{{.lr = 1e-2}}};
    train::History history = trainer.fit(pictures(70), options);
    return {net.state_dict(), std::move(history)};
}

}  // namespace

TEST_CASE("augmented samples: it learns, with any number of threads the same") {
    auto options = augmented(12);
    const Outcome alone = run(options);
    CHECK(alone.history.epochs.back().train_accuracy > 0.9);
    for (const int threads : {0, 1, 3}) {  // by default, as many as the machine likes
        options.threads = threads;
        CHECK(same(run(options), alone));
    }
    options.threads = -2;
    CHECK_THROWS_AS(run(options), Error);
    options.threads = -1;
    options.augment = {};
    CHECK_FALSE(same(run(options), alone));
    check_validation();
}

TEST_CASE("augmented and mixed samples: a resumed run has the same bits") {
    auto options = augmented(4);
    options.mix = augment::one_of({augment::mixup(), augment::cutmix()});
    options.weights = std::vector<double>(70, 1);
    options.weights[3] = 20;
    options.threads = 2;
    const Outcome whole = run(options);
    for (const std::int64_t stop_epoch : {0, 2}) {
        const TemporaryFolder folder;
        options.checkpoint.path = folder / "c.safetensors";
        options.callbacks = {StopAfter(stop_epoch, 1)};
        CHECK(run(options).history.step_losses.size() < whole.history.step_losses.size());
        options.callbacks.clear();
        options.resume = true;
        options.threads = 1;
        CHECK(same(run(options), whole));
        options.resume = false;
    }
    check_validation();
}

TEST_CASE("mixtures: labels become probabilities, whose hits are not counted") {
    auto options = augmented(10);
    options.mix = augment::mixup({.alpha = 0.2});
    options.validation = pictures(40);
    options.metrics = {metrics::f1()};
    const Outcome mixed = run(options);
    const train::EpochResult& last = mixed.history.epochs.back();
    CHECK(std::isnan(last.train_accuracy));
    CHECK(std::isnan(last.train_metrics.at("f1")));
    CHECK(last.train_loss < 0.8 * mixed.history.epochs.front().train_loss);
    CHECK(last.validation_accuracy > 0.9);
    CHECK(last.validation_metrics.at("f1") > 0.9);
    CHECK(same(run(options, losses::soft_cross_entropy()), mixed));
    CHECK(thrown_message([&] { run(options, losses::nll()); }) ==
          "invalid argument: nll: takes class labels, a mixture makes probabilities of them, as "
          "cross_entropy takes them");
    check_validation();
}

TEST_CASE("a checkpoint knows what its samples went through") {
    const TemporaryFolder folder;
    auto options = augmented(1);
    options.mix = augment::mixup();
    options.weights = std::vector<double>(70, 1);
    options.checkpoint.path = folder / "c.safetensors";
    run(options);
    options.resume = true;
    const auto refused = [&](auto change, std::string_view message) {
        auto changed = options;
        change(changed);
        CAPTURE(message);
        CHECK(thrown_message([&] { run(changed); }).find(message) != std::string::npos);
    };
    refused(
        [](auto& o) {
            o.augment = augment::brightness({.factor = {0.8, 1.2}});
        },
        "the augmentation is \"compose(random_crop(size 8x8, padding 1, mode 0, fill 0), "
        "brightness(factor 0.8..1.2))\", now it is \"brightness(factor 0.8..1.2)\"");
    refused([](auto& o) { o.mix = augment::mixup({.alpha = 0.5}); },
            "the mixture is \"mixup(alpha 1) in 1\", now it is \"mixup(alpha 0.5) in 1\"");
    refused([](auto& o) { o.weights[1] = 2; }, "the weights of the samples is \"");
    refused([](auto& o) { o.mix = {}; }, "the mixture is \"mixup(alpha 1) in 1\", now it is \"\"");
    run(options);  // as it was
}
