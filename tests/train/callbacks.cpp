// SPDX-License-Identifier: MIT
// Early stopping on a made-up history, and in runs.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>

using namespace ingot;
using namespace ingot::testing;
using train::EarlyStopping;

namespace {

// What the callback makes of these validation losses; "" when it lets all epochs pass.
std::string stopped_by(EarlyStopping stopping, std::vector<double> losses) {
    const nn::Module net = small_net();
    optim::Optimizer optimizer = optim::Sgd{};
    train::History history;
    train::FitState fit{.history = history, .net = net, .optimizer = optimizer};
    stopping.on_begin(fit);
    for (const double loss : losses) {
        history.epochs.push_back({.train_loss = 1, .validation_loss = loss});
        stopping.on_epoch(fit);
        if (!fit.stopped.empty()) break;
    }
    return fit.stopped;
}

}  // namespace

TEST_CASE("early stopping waits for its patience") {
    const auto stopping = [](std::int64_t patience, double min_change = 0) {
        return EarlyStopping{{.patience = patience, .min_change = min_change}};
    };
    CHECK(stopped_by(stopping(2), {3, 2, 1, 1.5, 0.9, 0.95}) == "");
    CHECK(stopped_by(stopping(2), {3, 2, 1, 1.5, 1.2, 0.1}) ==
          "no improvement for 2 epochs; the best was epoch 3");
    CHECK(stopped_by(stopping(1, 0.1), {3, 2.95}) ==
          "no improvement for 1 epochs; the best was epoch 1");
    CHECK(stopped_by(stopping(2), {1, std::nan(""), std::nan("")}) ==
          "no improvement for 2 epochs; the best was epoch 1");
    CHECK(thrown_message([&] { stopping(0); }) ==
          "invalid argument: EarlyStopping: patience is 0 and min_change 0; they are at least 1 "
          "and 0");
}

TEST_CASE("the weights of the best epoch are put back, after a resume too") {
    // Keeps the weights as they were after each epoch; worsens the model from the third on.
    class Spoil : public train::Callback {
    public:
        explicit Spoil(std::vector<std::vector<HostTensor>>* after) : after_(after) {}
        void on_epoch(train::FitState& fit) override {
            after_->push_back(fit.net.state_dict());
            if (fit.epoch >= 1) fit.optimizer.set_learning_rate(3);
        }

    private:
        std::vector<std::vector<HostTensor>>* after_;
    };
    const auto data = small_data();
    const TemporaryFolder folder;
    std::vector<std::vector<HostTensor>> after;
    auto options = small_options(data, 50);
    options.callbacks = {EarlyStopping{{.patience = 3}}, Spoil(&after)};
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    const auto history = trainer.fit(data.train, options);
    REQUIRE(history.stopped.starts_with("no improvement for 3 epochs; the best was epoch "));
    const std::size_t best = history.epochs.size() - 4;
    CHECK(net.state_dict() == after[best]);

    // Interrupted in the middle of the fifth epoch.
    after.clear();
    options.checkpoint.path = folder / "checkpoint.safetensors";
    options.callbacks = {EarlyStopping{{.patience = 3}}, Spoil(&after), StopAfter(4, 1)};
    const nn::Module part = small_net();
    small_trainer(part).fit(data.train, options);
    options.callbacks.pop_back();
    options.resume = true;
    const nn::Module rest = small_net();
    const auto resumed = small_trainer(rest).fit(data.train, options);
    CHECK(resumed.stopped == history.stopped);
    CHECK(rest.state_dict() == net.state_dict());
}

TEST_CASE("a run ends by the clock, and when its loss is no number") {
    const auto data = small_data();
    auto options = small_options(data, 1'000'000);
    options.callbacks = {train::TimeLimit{0.3}};
    train::Trainer timed = small_trainer(small_net());
    CHECK(timed.fit(data.train, options).stopped == "0.3 s have passed");
    CHECK(thrown_message([] { train::TimeLimit{0}; }).find("0 seconds") != std::string::npos);

    options.callbacks = {train::StopOnNonFinite{}};
    train::Trainer diverging{test_device(), small_net(), losses::cross_entropy(),
                             optim::Sgd{{.lr = 1e30}}};
    const auto history = diverging.fit(data.train, options);
    CHECK(history.stopped.starts_with("the loss of step "));
    CHECK(history.step_losses.size() < 2000);
}

TEST_CASE("functions are callbacks, and a CSV file follows the history") {
    const auto data = small_data();
    const TemporaryFolder folder;
    auto options = small_options(data, 2);
    int epochs = 0, looks = 0;
    options.callbacks = {train::OnEpoch{[&](train::FitState&) { ++epochs; }},
                         train::OnSteps{[&](train::FitState&) { ++looks; }},
                         train::CsvLog{folder / "history.csv"}};
    train::Trainer trainer = small_trainer(small_net());
    const auto history = trainer.fit(data.train, options);
    CHECK(epochs == 2);
    CHECK(looks >= 2);
    CHECK(contents_of(folder / "history.csv") == to_csv(history));
}
