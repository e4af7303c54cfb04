// SPDX-License-Identifier: MIT
// Schedules, accumulation and losses with options as a trainer uses them; all of them found again
// after a resume.
#include "small_run.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

// The rate after each step.
class Rates : public train::Callback {
public:
    explicit Rates(std::vector<double>* rates) : rates_(rates) {}
    void on_epoch(train::FitState& fit) override {
        rates_->push_back(fit.optimizer.learning_rate());
    }

private:
    std::vector<double>* rates_;
};

}  // namespace

TEST_CASE("a schedule counts updates, or epochs") {
    const auto data = small_data();  // ten batches an epoch
    std::vector<double> rates;
    auto options = small_options(data, 3);
    options.callbacks = {Rates(&rates)};
    options.schedule = optim::lambda_lr([](std::int64_t t) { return static_cast<double>(t + 1); });
    train::Trainer steps{test_device(), small_net(), losses::cross_entropy(),
                         optim::Sgd{{.lr = 1e-5}}};
    steps.fit(data.train, options);
    REQUIRE(rates.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(rates[i] == doctest::Approx(1e-5 * 10 * static_cast<double>(i + 1)));

    rates.clear();
    train::Trainer updates{test_device(), small_net(), losses::cross_entropy(),
                           optim::Sgd{{.lr = 1e-5}, {.accumulate = 5}}};
    updates.fit(data.train, options);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(rates[i] == doctest::Approx(1e-5 * 2 * static_cast<double>(i + 1)));

    rates.clear();
    options.schedule_by_epoch = true;
    steps.fit(data.train, options);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(rates[i] == doctest::Approx(1e-5 * static_cast<double>(i + 1)));
}

TEST_CASE("schedule, plateau, groups, accumulation and averages go on after a resume") {
    const auto data = small_data();
    const auto run = [&](train::FitOptions options) {
        const nn::Module net = small_net();
        optim::NAdam optimizer{{.lr = 5e-3}, {.clip_norm = 1, .accumulate = 3, .ema_decay = 0.9}};
        const auto named = net.parameters();
        optimizer.add_group({named.back().parameter}, {.lr = 1e-2}, {.l1 = 1e-3});
        const std::vector<float> weights{1, 2, 0.5F};
        train::Trainer trainer{test_device(), net,
                               losses::cross_entropy({.weight = losses::class_weights(weights),
                                                      .label_smoothing = 0.1F}),
                               optimizer};
        trainer.fit(data.train, options);
        auto result = net.state_dict();
        for (HostTensor& average : optimizer.averages())
            result.push_back(std::move(average));
        return result;
    };
    for (const bool plateau : {false, true}) {
        auto options = small_options(data, 3);
        if (plateau) {
            options.callbacks = {train::ReduceLrOnPlateau{{.patience = 0, .threshold = 0.5}}};
        } else {
            options.schedule = optim::one_cycle_lr({.total_steps = 10});
        }
        const auto whole = run(options);
        const TemporaryFolder folder;
        options.checkpoint = {.path = folder / "checkpoint.safetensors", .every_steps = 2};
        auto stopped = options;
        stopped.callbacks.push_back(StopAfter(1, 1));
        CHECK(run(stopped) != whole);
        options.resume = true;
        CHECK(run(options) == whole);
    }
    check_validation();
}

TEST_CASE("a trainer evaluates with the averages, and trains on with the parameters") {
    const auto data = small_data();
    const auto net = small_net();
    optim::AdamW optimizer{{.lr = 3e-2}, {.ema_decay = 0.9}};
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optimizer};
    trainer.fit(data.train, {.epochs = 2, .batch_size = 50, .seed = 1});
    const auto trained = net.state_dict();
    const double loss = trainer.evaluate(data.train).loss;
    optimizer.swap_averages();
    CHECK(trainer.evaluate(data.train).loss != loss);
    CHECK(net.state_dict() != trained);
    const auto averages = optimizer.averages();  // now the parameters
    CHECK(averages[0].data == trained[0].data);
    optimizer.swap_averages();
    CHECK(trainer.evaluate(data.train).loss == loss);
    CHECK(net.state_dict() == trained);
}

TEST_CASE("losses with options lower themselves in a run") {
    const auto data = small_data();
    const losses::Loss of_labels[] = {losses::cross_entropy({.ignore_index = 1}),
                                      losses::softmax_focal(), losses::multi_margin()};
    for (const losses::Loss& loss : of_labels) {
        CAPTURE(loss.name);
        train::Trainer trainer{test_device(), small_net(), loss, optim::AdamW{{.lr = 1e-2}}};
        const auto history = trainer.fit(data.train, {.epochs = 4, .batch_size = 50, .seed = 1});
        CHECK(history.epochs.back().train_loss < history.epochs.front().train_loss);
    }
}
