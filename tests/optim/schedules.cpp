// SPDX-License-Identifier: MIT
// Schedules against the numbers that PyTorch's lr_scheduler gives for the same options, step by
// step; the plateau against its rule.
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/ops.h>
#include <ingot/schedules.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot::optim;
using ingot::testing::thrown_message;

namespace {

// The rates at these steps, from a base of 0.5.
constexpr std::int64_t kSteps[] = {0, 1, 2, 3, 4, 6, 9, 12, 19};

void check(const char* name, const Schedule& schedule, const std::vector<double>& expected) {
    CAPTURE(name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(kSteps[i]);
        CHECK(schedule.at(kSteps[i], 0.5) == doctest::Approx(expected[i]).epsilon(1e-7));
    }
}

}  // namespace

TEST_CASE("schedules give PyTorch's rates") {
    check("step", step_lr({.step_size = 3, .gamma = 0.5}),
          {0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.0625, 0.03125, 0.0078125});
    check("multi_step", multi_step_lr({.milestones = {2, 5, 9}, .gamma = 0.3}),
          {0.5, 0.5, 0.15, 0.15, 0.15, 0.045, 0.0135, 0.0135, 0.0135});
    check("constant", constant_lr({.factor = 0.25, .total_iters = 4}),
          {0.125, 0.125, 0.125, 0.125, 0.5, 0.5, 0.5, 0.5, 0.5});
    check("linear", linear_lr({.start_factor = 0.1, .end_factor = 0.9, .total_iters = 6}),
          {0.05, 0.116666667, 0.183333333, 0.25, 0.316666667, 0.45, 0.45, 0.45, 0.45});
    check("exponential", exponential_lr(0.9),
          {0.5, 0.45, 0.405, 0.3645, 0.32805, 0.2657205, 0.193710245, 0.141214768, 0.0675425859});
    check("polynomial", polynomial_lr({.total_iters = 8, .power = 2}),
          {0.5, 0.3828125, 0.28125, 0.1953125, 0.125, 0.03125, 0, 0, 0});
    check("cosine", cosine_annealing_lr({.t_max = 7, .eta_min = 0.05}),
          {0.5, 0.477717995, 0.415285205, 0.32506721, 0.22493279, 0.0722820047, 0.134714795,
           0.415285205, 0.134714795});
    check("warm restarts", cosine_annealing_warm_restarts({.t_0 = 3, .t_mult = 2, .eta_min = 0.01}),
          {0.5, 0.3775, 0.1325, 0.5, 0.467176224, 0.255, 0.5, 0.428241161, 0.0428237761});
    check("equal cycles", cosine_annealing_warm_restarts({.t_0 = 4, .eta_min = 0.01}),
          {0.5, 0.428241161, 0.255, 0.0817588386, 0.5, 0.255, 0.428241161, 0.5, 0.0817588386});
    check("one cycle", one_cycle_lr({.max_lr = 2, .total_steps = 20}),
          {0.08, 0.263343685, 0.743343685, 1.33665631, 1.81665631, 1.97492801, 1.62349131, 1.000004,
           8e-06});
    check("one cycle, three phases",
          one_cycle_lr({.max_lr = 2,
                        .total_steps = 20,
                        .pct_start = 0.4,
                        .anneal_strategy = Anneal::kLinear,
                        .div_factor = 10,
                        .final_div_factor = 100,
                        .three_phase = true}),
          {0.2, 0.457142857, 0.714285714, 0.971428571, 1.22857143, 1.74285714, 1.48571429,
           0.714285714, 0.002});
    const Schedule warm_up = constant_lr({.factor = 0.1, .total_iters = 2});
    check("sequential", sequential_lr({warm_up, exponential_lr(0.9)}, {3}),
          {0.05, 0.05, 0.5, 0.5, 0.45, 0.3645, 0.2657205, 0.193710245, 0.0926510094});
    check("chained", chained_lr({warm_up, exponential_lr(0.9)}),
          {0.05, 0.045, 0.405, 0.3645, 0.32805, 0.2657205, 0.193710245, 0.141214768, 0.0675425859});
    check("none", Schedule(), {0.5, 0.5, 0.5, 0.5});
    check("lambda", lambda_lr([](std::int64_t t) { return 1.0 / (1 + static_cast<double>(t)); }),
          {0.5, 0.25, 0.5 / 3});
    CHECK(one_cycle_lr({.total_steps = 5}).at(100, 1) == doctest::Approx(4e-6));
}

TEST_CASE("a schedule moves each group from the group's own rate") {
    const ingot::Parameter a(ingot::init::zeros({2}), {.name = "a"});
    Sgd optimizer{{.lr = 0.1}};
    optimizer.add_group({a}, {.lr = 1});
    const Schedule schedule = exponential_lr(0.5);
    schedule.apply(optimizer, 2);
    schedule.apply(optimizer, 3);
    CHECK(optimizer.learning_rate() == doctest::Approx(0.0125));
    CHECK(optimizer.learning_rate(1) == doctest::Approx(0.125));
    CHECK(optimizer.initial_learning_rate(1) == 1);
}

TEST_CASE("a plateau reduces the rates, waits, and goes on after being saved") {
    Sgd optimizer{{.lr = 1}};
    ReduceLrOnPlateau plateau{
        {.factor = 0.5, .patience = 1, .threshold = 0.1, .cooldown = 2, .min_lr = 0.2}};
    const auto rates = [&](const std::vector<double>& values) {
        std::vector<double> result;
        for (const double value : values) {
            plateau.step(optimizer, value);
            result.push_back(optimizer.learning_rate());
        }
        return result;
    };
    // 9.5 is no improvement by a tenth; the second of those reduces.
    CHECK(rates({10, 9.5, 8, 7.9, 7.8}) == std::vector<double>{1, 1, 1, 1, 0.5});
    const auto saved = plateau.state();
    // Two steps of cooldown, then two bad ones.
    CHECK(rates({9, 9, 9, 9}) == std::vector<double>{0.5, 0.5, 0.5, 0.25});
    plateau = ReduceLrOnPlateau{
        {.factor = 0.5, .patience = 1, .threshold = 0.1, .cooldown = 2, .min_lr = 0.2}};
    plateau.load_state(saved);
    optimizer.set_learning_rate(0.5);
    CHECK(rates({9, 9, 9, std::nan("")}) == std::vector<double>{0.5, 0.5, 0.5, 0.25});
    CHECK(rates({9, 9, 9, 9, 9, 9, 9, 9}).back() == 0.2);

    optimizer.set_learning_rate(1);
    plateau =
        ReduceLrOnPlateau{{.maximize = true, .patience = 0, .threshold = 0.5, .relative = false}};
    CHECK(rates({1, 2, 2.4}) == std::vector<double>{1, 1, 0.1});
}

TEST_CASE("schedules that make no sense are refused") {
    CHECK(thrown_message([] { step_lr({.step_size = 0}); }) ==
          "invalid argument: step_lr: step_size is 0, below 1");
    CHECK(thrown_message([] { step_lr({.step_size = 2}).at(-1); }) ==
          "invalid argument: schedule: t is -1, below 0");
    CHECK(thrown_message([] {
              multi_step_lr({.milestones = {5, 3}});
          }) == "invalid argument: multi_step_lr: a milestone is 3, below 5");
    CHECK(thrown_message([] { linear_lr({.start_factor = 0}); }).find("start_factor is 0") !=
          std::string::npos);
    CHECK(thrown_message([] { cosine_annealing_lr({.t_max = 0}); }) ==
          "invalid argument: cosine_annealing_lr: t_max is 0, below 1");
    CHECK(thrown_message([] { one_cycle_lr({}); }) ==
          "invalid argument: one_cycle_lr: total_steps is 0, below 1");
    CHECK(thrown_message([] { sequential_lr({exponential_lr(0.9)}, {3}); }) ==
          "invalid argument: sequential_lr: 1 schedules take one milestone less, not 1");
    CHECK(thrown_message([] { chained_lr({}); }) == "invalid argument: chained_lr: no schedules");
    CHECK(thrown_message([] { ReduceLrOnPlateau{{.factor = 1}}; }) ==
          "invalid argument: reduce_lr_on_plateau: factor is 1, not in [0, 1)");
    CHECK(thrown_message([] { ReduceLrOnPlateau{}.load_state({}); }) ==
          "invalid argument: reduce_lr_on_plateau: this is not what state() gave");
}
