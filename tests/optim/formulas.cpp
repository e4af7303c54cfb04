// SPDX-License-Identifier: MIT
// Each optimizer over 100 steps against its formula in double (reference.cpp), on parameters of
// awkward shapes in one slab. The gradient of the loss is 2 c (p - t) with t fed afresh each run,
// so it depends on where the parameters are.
#include "reference.h"
#include "support/op_case.h"

#include <ingot/init.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using testing::check_validation;
using testing::Formula;
using testing::reference;
using testing::test_device;
using testing::Weights;

namespace {

constexpr int kSteps = 100;
constexpr int kAgain = 8;  // of them, once more after a reset
const std::vector<Shape> kShapes = {{3, 5}, {67}, {1}, {7, 4}, {2, 3, 4}};
constexpr double kScale = 0.3;  // c

// 100 steps of a few roundings each; the pull towards the target forgets them.
constexpr double kRoundings = 5e-6;

struct Row {
    std::string name;
    optim::Optimizer optimizer;
    Formula formula;
    optim::StepOptions step{};
    double tolerance = kRoundings;
};

float target_of(int run, std::size_t parameter, std::size_t i) {
    return static_cast<float>(std::sin(0.37 * static_cast<double>(i) +
                                       1.3 * static_cast<double>(parameter) + 0.05 * run));
}

void set_rates(optim::Optimizer& optimizer, double factor) {
    for (std::size_t g = 0; g < optimizer.group_count(); ++g)
        optimizer.set_learning_rate(optimizer.initial_learning_rate(g) * factor, g);
}

// Both sides start from the same floats and use the optimizer's rates, then half of them.
void compare(Row row) {
    CAPTURE(row.name);
    std::vector<Parameter> parameters;
    std::vector<Tensor> targets;
    std::vector<Weights> expected;
    Tensor loss;
    for (std::size_t k = 0; k < kShapes.size(); ++k) {
        const HostTensor start = init::uniform(kShapes[k], -1, 1, {.seed = 3, .stream = k});
        const auto values = start.values<float>();
        expected.push_back({.shape = kShapes[k], .p = {values.begin(), values.end()}, .g = {}});
        parameters.emplace_back(start);
        targets.push_back(input(kShapes[k]));
        const Tensor term = sum(square(parameters[k] - targets[k])) * static_cast<float>(kScale);
        loss = loss ? loss + term : term;
    }
    Program program = test_device().compile(row.optimizer.minimize(loss), {.guard_bytes = true});
    const auto run_on = [&](const std::vector<std::vector<float>>& fed) {
        std::vector<Feed> feeds;
        for (std::size_t k = 0; k < kShapes.size(); ++k)
            feeds.emplace_back(targets[k], fed[k]);
        program.run(feeds);
    };
    const auto contents = [&] {
        std::vector<HostTensor> all;
        for (const Parameter& parameter : parameters)
            all.push_back(parameter.read());
        return all;
    };
    const std::vector<HostTensor> starts = contents();
    std::vector<std::vector<std::vector<float>>> first_fed;  // of kAgain steps
    std::vector<HostTensor> early;                           // after them
    int run = 0;
    for (int t = 1; t <= kSteps; ++t) {
        const double factor = t < kSteps / 2 ? 1 : 0.5;
        if (t == kSteps / 2) set_rates(row.optimizer, factor);
        for (Weights& w : expected)
            w.g.assign(w.count(), 0);
        for (int micro = 0; micro < row.step.accumulate; ++micro, ++run) {
            std::vector<std::vector<float>> fed(kShapes.size());
            for (std::size_t k = 0; k < kShapes.size(); ++k) {
                Weights& w = expected[k];
                for (std::size_t i = 0; i < w.count(); ++i) {
                    fed[k].push_back(target_of(run, k, i));
                    w.g[i] += 2 * kScale * (w.p[i] - fed[k].back()) /
                              static_cast<double>(row.step.accumulate);
                }
            }
            run_on(fed);
            if (t <= kAgain) first_fed.push_back(std::move(fed));
        }
        testing::step(expected, row.formula, row.step, factor, t);
        if (t == kAgain) early = contents();
    }
    program.wait();
    program.check_guards();
    double worst = 0;
    const auto look = [&](const HostTensor& result, const std::vector<double>& right) {
        for (std::size_t i = 0; i < right.size(); ++i) {
            const double error = std::abs(result.values<float>()[i] - right[i]);
            worst = std::isnan(error) ? error : std::max(worst, error);
        }
    };
    for (std::size_t k = 0; k < kShapes.size(); ++k)
        look(parameters[k].read(), expected[k].p);
    CHECK(worst < row.tolerance);
    if (row.step.ema_decay > 0) {
        const std::vector<HostTensor> averages = row.optimizer.averages();
        REQUIRE(averages.size() == kShapes.size());
        for (std::size_t k = 0; k < kShapes.size(); ++k)
            look(averages[k], expected[k].average);
        CHECK(worst < row.tolerance);
    }

    // After a reset the same steps give the same bits, averages among them.
    for (std::size_t k = 0; k < kShapes.size(); ++k)
        parameters[k].write(starts[k]);
    row.optimizer.reset();
    for (const auto& fed : first_fed)
        run_on(fed);
    CHECK(contents() == early);
    check_validation();
}

template <typename Optimizer, typename Options>
Row row(std::string name, const Options& options, const optim::StepOptions& step = {},
        double tolerance = kRoundings) {
    return {std::move(name), Optimizer{options, step}, reference(options), step, tolerance};
}

void compare_all(std::vector<Row> rows) {
    for (Row& each : rows)
        compare(std::move(each));
}

}  // namespace

TEST_CASE("sgd follows its formula") {
    using optim::Sgd;
    using Options = optim::SgdOptions;
    compare_all({
        row<Sgd>("plain", Options{.lr = 0.1}),
        row<Sgd>("L2", Options{.lr = 0.1, .weight_decay = 0.05}),
        row<Sgd>("decoupled",
                 Options{.lr = 0.1, .weight_decay = 0.05, .decoupled_weight_decay = true}),
        row<Sgd>("momentum", Options{.lr = 0.05, .momentum = 0.9}),
        row<Sgd>("dampening",
                 Options{.lr = 0.1, .momentum = 0.8, .dampening = 0.3, .weight_decay = 0.01}),
        row<Sgd>("Nesterov",
                 Options{.lr = 0.05, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01}),
    });
}

TEST_CASE("rmsprop, adagrad and adadelta follow their formulas") {
    using optim::RmsProp;
    using Options = optim::RmsPropOptions;
    compare_all({
        row<RmsProp>("plain", Options{}),
        row<RmsProp>("L2", Options{.alpha = 0.9, .epsilon = 1e-3, .weight_decay = 0.1}),
        row<RmsProp>("momentum", Options{.lr = 1e-3, .momentum = 0.9}),
        // The variance is what is left of two numbers of its size.
        row<RmsProp>("centered", Options{.lr = 1e-3, .epsilon = 1e-3, .centered = true}, {}, 2e-5),
        row<RmsProp>("both",
                     Options{.lr = 1e-3, .epsilon = 1e-2, .momentum = 0.5, .centered = true}, {},
                     2e-5),
        row<optim::Adagrad>("adagrad", optim::AdagradOptions{.lr = 0.1}),
        row<optim::Adagrad>("adagrad with all",
                            optim::AdagradOptions{.lr = 0.1,
                                                  .lr_decay = 0.05,
                                                  .weight_decay = 0.1,
                                                  .initial_accumulator_value = 0.2,
                                                  .epsilon = 1e-4}),
        row<optim::Adadelta>("adadelta", optim::AdadeltaOptions{}),
        row<optim::Adadelta>("adadelta with all",
                             optim::AdadeltaOptions{.lr = 2,
                                                    .rho = 0.8,
                                                    .epsilon = 1e-4,
                                                    .weight_decay = 0.1,
                                                    .decoupled_weight_decay = true}),
    });
}

TEST_CASE("adam and its kin follow their formulas") {
    using optim::Adam;
    using Options = optim::AdamOptions;
    compare_all({
        row<Adam>("adam", Options{.lr = 1e-2}),
        row<Adam>(
            "adam with all",
            Options{.lr = 2e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}),
        row<Adam>("amsgrad", Options{.lr = 1e-2, .beta2 = 0.9, .amsgrad = true}),
        row<optim::AdamW>("adamw", optim::AdamWOptions{.lr = 1e-2}),
        row<optim::AdamW>("adamw with all",
                          optim::AdamWOptions{.lr = 1e-2, .weight_decay = 0.5, .amsgrad = true}),
        row<optim::NAdam>("nadam", optim::NAdamOptions{}),
        row<optim::NAdam>("nadam with all", optim::NAdamOptions{.lr = 1e-2,
                                                                .beta1 = 0.8,
                                                                .weight_decay = 0.1,
                                                                .momentum_decay = 0.1,
                                                                .decoupled_weight_decay = true}),
        row<optim::RAdam>("radam", optim::RAdamOptions{.lr = 1e-2}),
        row<optim::RAdam>("radam with all",
                          optim::RAdamOptions{.lr = 1e-2, .beta2 = 0.9999, .weight_decay = 0.1}),
        row<optim::Adamax>("adamax", optim::AdamaxOptions{.lr = 1e-2}),
        row<optim::Adamax>("adamax with L2",
                           optim::AdamaxOptions{.lr = 1e-2, .beta2 = 0.9, .weight_decay = 0.1}),
        row<optim::Lion>("lion", optim::LionOptions{.lr = 1e-3}),
        row<optim::Lion>("lion with decay", optim::LionOptions{.lr = 1e-3, .weight_decay = 1}),
    });
}

TEST_CASE("optimizers that look at whole parameters follow their formulas") {
    // Newton and Schulz's iteration multiplies what is small in a matrix by up to a^5 = 485.
    const double kAmplified = 5e-5;
    const optim::AdamWOptions rest{.lr = 3e-3};
    std::vector<Row> rows{
        row<optim::Lamb>("lamb", optim::LambOptions{.lr = 1e-2}),
        row<optim::Lamb>("lamb with decay", optim::LambOptions{.lr = 1e-2, .weight_decay = 0.1}),
        row<optim::Adafactor>("adafactor", optim::AdafactorOptions{}),
        row<optim::Adafactor>(
            "adafactor with all",
            optim::AdafactorOptions{
                .lr = 0.02, .beta2_decay = -0.5, .epsilon2 = 0.01, .d = 1.5, .weight_decay = 0.1}),
    };
    for (const optim::MuonOptions& options :
         {optim::MuonOptions{.lr = 1e-2}, optim::MuonOptions{.lr = 1e-2,
                                          .momentum = 0.8,
                                          .nesterov = false,
                                          .ns_steps = 3,
                                          .adjust_lr = optim::MuonScale::kMatchRmsAdamW}}) {
        rows.push_back(
            {"muon", optim::Muon{options, rest}, reference(options, rest), {}, kAmplified});
    }
    compare_all(std::move(rows));
}

TEST_CASE("what all optimizers can do follows its formula") {
    const std::vector<std::pair<std::string, optim::StepOptions>> table{
        {"clip_value", {.clip_value = 0.05}},
        {"clip_norm", {.clip_norm = 0.7}},
        {"both", {.clip_value = 0.1, .clip_norm = 0.5}},
        {"accumulate", {.accumulate = 3}},
        {"accumulate and clip", {.clip_norm = 0.5, .accumulate = 2}},
        {"averages", {.ema_decay = 0.9}},
        {"averages of accumulated", {.accumulate = 2, .ema_decay = 0.99}},
        {"L1", {.others = {.l1 = 0.02}}},
        {"max_norm", {.others = {.max_norm = 0.8}}},
        {"all",
         {.clip_value = 0.2,
          .clip_norm = 0.9,
          .accumulate = 3,
          .ema_decay = 0.9,
          .others = {.l1 = 0.01, .max_norm = 0.7}}},
    };
    for (const auto& [name, step] : table) {
        compare_all({
            row<optim::Sgd>("sgd " + name, optim::SgdOptions{.lr = 0.05, .momentum = 0.9}, step),
            row<optim::AdamW>("adamw " + name, optim::AdamWOptions{.lr = 1e-2}, step),
        });
    }
    // Away from the target: what is wrong grows, but only by (1 + 0.012)^100.
    compare(row<optim::Sgd>("maximize", optim::SgdOptions{.lr = 2e-2},
                            {.others = {.maximize = true}}, 2e-5));
    compare(
        row<optim::Adafactor>("adafactor, all", optim::AdafactorOptions{}, table.back().second));
    compare(row<optim::Lamb>("lamb, all", optim::LambOptions{.lr = 1e-2}, table.back().second));
    compare(row<optim::NAdam>("nadam, all", optim::NAdamOptions{}, table.back().second));
    compare(row<optim::RAdam>("radam, all", optim::RAdamOptions{}, table.back().second));
    compare(row<optim::Adagrad>("adagrad, all", optim::AdagradOptions{}, table.back().second));
}

TEST_CASE("the bias corrections keep their digits over many steps") {
    const Parameter p(init::zeros({1}), {.name = "p"});
    optim::Adam optimizer;
    Program step = test_device().compile(optimizer.minimize(sum(square(p))));
    for (int t = 1; t <= 3000; ++t) {
        step.run({});
        if (t != 1 && t != 10 && t != 1000 && t != 3000) continue;
        const auto state = optimizer.state();
        CHECK(state[0].read().values<float>()[0] == static_cast<float>(t));
        const double kept1 = state[1].read().values<float>()[0];
        const double kept2 = state[2].read().values<float>()[0];
        CHECK(kept1 == doctest::Approx(1 - std::pow(0.9, t)).epsilon(2e-5));
        CHECK(kept2 == doctest::Approx(1 - std::pow(0.999, t)).epsilon(2e-5));
    }
}
