// SPDX-License-Identifier: MIT
// The learning-rate finder: the rates it tries, where it stops, what it suggests, and that it
// leaves no trace.
#include "small_run.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<HostTensor> all_state(const train::Trainer& trainer, optim::Optimizer optimizer) {
    std::vector<HostTensor> all = trainer.net().state_dict();
    for (const Parameter& parameter : optimizer.state())
        all.push_back(parameter.read());
    return all;
}

// Everything that steps can move: momentum, averages, accumulated gradients, dropout, batch norm.
train::Trainer moving_trainer(const nn::Module& net) {
    return {test_device(), net, losses::cross_entropy(),
            optim::AdamW{{.lr = 5e-3}, {.accumulate = 2, .ema_decay = 0.9}}};
}

}  // namespace

TEST_CASE("find_learning_rate: rates grow by a factor until the loss diverges") {
    const auto data = small_data();
    const nn::Module net = small_net();
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Sgd{{.lr = 0.1}}};
    const auto curve = trainer.find_learning_rate(
        data.train, {.start = 1e-5, .end = 1e5, .steps = 101, .batch_size = 50, .smoothing = 0.8});
    REQUIRE(curve.rates.size() > 20);
    CHECK(curve.rates.size() < 101);
    CHECK(curve.losses.size() == curve.rates.size());
    CHECK(curve.smoothed.size() == curve.rates.size());
    CHECK_MESSAGE(!curve.stopped.empty(), to_text(curve));
    for (std::size_t i = 0; i < curve.rates.size(); ++i)
        CHECK(curve.rates[i] == doctest::Approx(1e-5 * std::pow(10, 0.1 * double(i))));
    // The running mean by its recursion.
    double sum = 0, weight = 0;
    for (std::size_t i = 0; i < curve.losses.size(); ++i) {
        sum = 0.8 * sum + 0.2 * curve.losses[i];
        weight = 0.8 * weight + 0.2;
        CHECK(curve.smoothed[i] == doctest::Approx(sum / weight));
    }
    CHECK(curve.span == 5);
    CHECK(curve.steepest() < 10 * curve.tenth_of_lowest() * (1 + 1e-9));
    CHECK(curve.steepest() > 1e-4);

    // What is suggested trains.
    trainer.optimizer().set_learning_rate(curve.tenth_of_lowest());
    const auto history = trainer.fit(data.train, {.epochs = 20, .batch_size = 50});
    CHECK(history.epochs.back().train_loss < 0.8 * curve.losses.front());
    check_validation();
}

TEST_CASE("find_learning_rate leaves no trace") {
    const auto data = small_data();
    const auto run = [&](bool looks_before, bool looks_between) {
        const nn::Module net = small_net();
        train::Trainer trainer = moving_trainer(net);
        const train::LearningRateFinderOptions options{
            .start = 1e-4, .end = 10, .steps = 15, .batch_size = 16};
        std::vector<float> losses;
        if (looks_before) trainer.find_learning_rate(data.train, options);
        for (int part = 0; part < 2; ++part) {
            const auto history = trainer.fit(data.train, small_options(data, 2));
            losses.insert(losses.end(), history.step_losses.begin(), history.step_losses.end());
            if (part == 0 && looks_between) {
                const auto before = all_state(trainer, trainer.optimizer());
                const auto notes = net.notes();
                const std::uint32_t counter = net.generators().at(0).counter();
                const auto curve = trainer.find_learning_rate(data.train, options);
                CHECK(curve.losses.size() > 2);
                CHECK(all_state(trainer, trainer.optimizer()) == before);
                CHECK(trainer.optimizer().learning_rate() == 5e-3);
                CHECK(net.generators().at(0).counter() == counter);
                CHECK(net.notes() == notes);
            }
        }
        return std::pair(losses, all_state(trainer, trainer.optimizer()));
    };
    const auto untouched = run(false, false);
    CHECK(run(true, false) == untouched);
    CHECK(run(false, true) == untouched);
}

TEST_CASE("find_learning_rate: a bad label is reported and nothing has changed") {
    const data::Dataset bad(HostTensor::zeros("x", {32, 2}),
                            HostTensor::of("y", {32}, std::vector<std::int32_t>(32, 7)));
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    const auto before = net.state_dict();
    CHECK(thrown_message([&] {
              trainer.find_learning_rate(bad, {.batch_size = 8});
          }).starts_with("data: "));
    CHECK(net.state_dict() == before);
    CHECK(trainer.optimizer().learning_rate() == 5e-3);
    const auto data = small_data();
    CHECK(trainer.fit(data.train, small_options(data, 1)).epochs.size() == 1);
}

TEST_CASE("find_learning_rate: what is frozen has no part in it") {
    const auto data = small_data();
    const train::LearningRateFinderOptions options{
        .start = 1e-4, .end = 1, .steps = 20, .batch_size = 16};
    enum class Body { kTrained, kFrozen, kRateZero };
    const auto curve_of = [&](Body body) {
        const nn::Module net = small_net();
        optim::AdamW optimizer{{.lr = 5e-3}};
        if (body == Body::kFrozen) nn::freeze(net, {"0", "1"});
        if (body == Body::kRateZero)
            optimizer.add_group(nn::matching(net, {"0", "1"}), {.lr = 0, .weight_decay = 0});
        train::Trainer trainer{test_device(), net, losses::cross_entropy(), optimizer};
        const auto before = net.state_dict();
        const auto curve = trainer.find_learning_rate(data.train, options);
        CHECK(net.state_dict() == before);
        if (body == Body::kFrozen) {
            // Training goes on with the head alone; the statistics follow, as in PyTorch.
            trainer.fit(data.train, small_options(data, 1));
            const auto after = net.state_dict();
            for (std::size_t i = 0; i < after.size(); ++i) {
                CAPTURE(after[i].name);
                const bool moves =
                    after[i].name.starts_with("4.") || after[i].name.starts_with("1.running");
                CHECK((after[i] != before[i]) == moves);
            }
            const auto trained = all_state(trainer, optimizer);
            trainer.find_learning_rate(data.train, options);
            CHECK(all_state(trainer, optimizer) == trained);
        }
        return curve.losses;
    };
    const auto all = curve_of(Body::kTrained), head = curve_of(Body::kFrozen),
               held = curve_of(Body::kRateZero);
    REQUIRE(head.size() == held.size());
    double to_held = 0, to_all = 0;
    for (std::size_t i = 0; i < std::min(all.size(), head.size()); ++i) {
        to_held = std::max(to_held, std::abs(head[i] - held[i]));
        to_all = std::max(to_all, std::abs(head[i] - all[i]));
    }
    // The same weights move by the same steps in programs that are fused otherwise: rounding.
    CHECK_MESSAGE(to_held < 1e-4, to_held);
    CHECK_MESSAGE(to_all > 1e-2, to_all);
    check_validation();
}

TEST_CASE("find_learning_rate keeps the proportions of the groups' rates") {
    const auto data = small_data();
    const nn::Sequential net{nn::Linear{2, 8}, nn::Linear{8, 3}};
    const auto head = net["1"].parameters();
    optim::Sgd optimizer{{.lr = 0.1}};
    optimizer.add_group({head[0].parameter, head[1].parameter}, {.lr = 0});
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optimizer};
    const auto curve = trainer.find_learning_rate(
        data.train, {.start = 1e-3, .end = 1, .steps = 4, .batch_size = 1000});  // all 150 of them
    CHECK(curve.rates.size() == 4);
    CHECK(optimizer.learning_rate(0) == 0.1);
    CHECK(optimizer.learning_rate(1) == 0);
}

TEST_CASE("learning-rate curves: suggestions from known ones") {
    const train::LearningRateCurve falls{.rates = {1e-3, 1e-2, 1e-1, 1, 10},
                                         .losses = {2, 1.9, 1.2, 1, 5},
                                         .smoothed = {2, 1.9, 1.2, 1, 5},
                                         .stopped = "enough"};
    CHECK(falls.steepest() == doctest::Approx(std::sqrt(1e-3)));  // from 0.01 to 0.1
    CHECK(falls.tenth_of_lowest() == doctest::Approx(0.1));
    CHECK(to_text(falls) ==
          "5 learning rates from 0.001 to 10: enough\n"
          "smoothed loss 2 at first, 1 at its lowest, with a rate of 1\n"
          "it falls fastest at 3.16e-02; a tenth of the lowest is 1.00e-01\n");
    train::LearningRateCurve wider = falls;
    wider.span = 2;  // 0.7 per hundredfold from 0.001 to 0.1, 0.9 from 0.01 to 1
    CHECK(wider.steepest() == doctest::Approx(0.1));
    wider.span = 4;
    CHECK(std::isnan(wider.steepest()));
    const io::Plot plot = plot_of(falls);
    CHECK(plot.log_x);
    CHECK(plot.marks.size() == 2);
    CHECK(io::to_svg(plot).starts_with("<svg"));

    const train::LearningRateCurve rises{
        .rates = {1, 2}, .losses = {1, 3}, .smoothed = {1, 2}, .stopped = {}};
    CHECK(std::isnan(rises.steepest()));
    CHECK(std::isnan(rises.tenth_of_lowest()));
    CHECK(to_text(rises) == "2 learning rates from 1 to 2\nthe loss never fell\n");
    CHECK(std::isnan(train::LearningRateCurve{}.steepest()));
}

TEST_CASE("find_learning_rate: mistakes are named") {
    const auto data = small_data();
    train::Trainer trainer = small_trainer(small_net());
    const auto message = [&](const train::LearningRateFinderOptions& options) {
        return thrown_message([&] { trainer.find_learning_rate(data.train, options); });
    };
    CHECK(message({.start = 0}) ==
          "invalid argument: find_learning_rate: rates go from 0 to 10; both are above 0 and the "
          "second is larger");
    CHECK(message({.start = 1, .end = 1}) ==
          "invalid argument: find_learning_rate: rates go from 1 to 1; both are above 0 and the "
          "second is larger");
    CHECK(message({.steps = 1}) ==
          "invalid argument: find_learning_rate: 1 steps, at least 2 are needed");
    CHECK(message({.smoothing = 1}) ==
          "invalid argument: find_learning_rate: smoothing is 1 and diverged 4; they are in [0, 1) "
          "and above 1");
    CHECK(message({.diverged = 1}) ==
          "invalid argument: find_learning_rate: smoothing is 0.9 and diverged 1; they are in "
          "[0, 1) and above 1");
    const nn::Sequential net{nn::Linear{2, 3}};
    optim::Sgd optimizer{{.lr = 0}};
    optimizer.add_group({net.parameters()[0].parameter}, {.lr = 1});
    train::Trainer frozen{test_device(), net, losses::cross_entropy(), optimizer};
    CHECK(thrown_message([&] { frozen.find_learning_rate(data.train); }) ==
          "invalid argument: find_learning_rate: the rates of the groups keep their proportions, "
          "and that of group 0 is 0");
    CHECK_THROWS_AS(trainer.find_learning_rate(data::Dataset()), Error);
}
