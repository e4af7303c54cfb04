// SPDX-License-Identifier: MIT
// Every number that an optimizer or a schedule takes, given values that make no sense: refused when
// the optimizer is made, with its name, the option's and the number.
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/optim.h>
#include <ingot/schedules.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace ingot;
using namespace ingot::optim;
using testing::thrown_message;

namespace {

const double kBad[] = {-0.5, NAN, INFINITY, -INFINITY};

// Makes one with this value of the option.
using Make = std::function<void(double value)>;

struct Number {
    const char* optimizer;
    const char* option;
    Make make;
};

#define NUMBER(Type, name, field)        \
    Number {                             \
        name, #field, [](double value) { \
            Type##Options options;       \
            options.field = value;       \
            Type optimizer{options};     \
        }                                \
    }
#define STEP_NUMBER(field)                \
    Number {                              \
        "sgd", #field, [](double value) { \
            StepOptions options;          \
            options.field = value;        \
            Sgd optimizer{{}, options};   \
        }                                 \
    }
// Of a group, and of the parameters that no group names.
#define GROUP_NUMBER(field)                                                    \
    Number{"sgd", #field,                                                      \
           [](double value) {                                                  \
               GroupOptions options;                                           \
               options.field = value;                                          \
               Sgd optimizer;                                                  \
               optimizer.add_group({Parameter{init::ones({2})}}, {}, options); \
           }},                                                                 \
        Number {                                                               \
        "sgd", #field, [](double value) {                                      \
            StepOptions options;                                               \
            options.others.field = value;                                      \
            Sgd optimizer{{}, options};                                        \
        }                                                                      \
    }

// At least 0 and finite.
std::vector<Number> amounts() {
    return {
        NUMBER(Sgd, "sgd", lr),
        NUMBER(Sgd, "sgd", momentum),
        NUMBER(Sgd, "sgd", weight_decay),
        NUMBER(RmsProp, "rmsprop", lr),
        NUMBER(RmsProp, "rmsprop", epsilon),
        NUMBER(RmsProp, "rmsprop", weight_decay),
        NUMBER(RmsProp, "rmsprop", momentum),
        NUMBER(Adagrad, "adagrad", lr),
        NUMBER(Adagrad, "adagrad", lr_decay),
        NUMBER(Adagrad, "adagrad", weight_decay),
        NUMBER(Adagrad, "adagrad", initial_accumulator_value),
        NUMBER(Adagrad, "adagrad", epsilon),
        NUMBER(Adadelta, "adadelta", lr),
        NUMBER(Adadelta, "adadelta", epsilon),
        NUMBER(Adadelta, "adadelta", weight_decay),
        NUMBER(Adam, "adam", lr),
        NUMBER(Adam, "adam", epsilon),
        NUMBER(Adam, "adam", weight_decay),
        NUMBER(AdamW, "adamw", lr),
        NUMBER(AdamW, "adamw", epsilon),
        NUMBER(AdamW, "adamw", weight_decay),
        NUMBER(NAdam, "nadam", lr),
        NUMBER(NAdam, "nadam", epsilon),
        NUMBER(NAdam, "nadam", weight_decay),
        NUMBER(NAdam, "nadam", momentum_decay),
        NUMBER(RAdam, "radam", lr),
        NUMBER(RAdam, "radam", epsilon),
        NUMBER(RAdam, "radam", weight_decay),
        NUMBER(Adamax, "adamax", lr),
        NUMBER(Adamax, "adamax", epsilon),
        NUMBER(Adamax, "adamax", weight_decay),
        NUMBER(Lion, "lion", lr),
        NUMBER(Lion, "lion", weight_decay),
        NUMBER(Lamb, "lamb", lr),
        NUMBER(Lamb, "lamb", epsilon),
        NUMBER(Lamb, "lamb", weight_decay),
        NUMBER(Adafactor, "adafactor", lr),
        NUMBER(Adafactor, "adafactor", epsilon1),
        NUMBER(Adafactor, "adafactor", epsilon2),
        NUMBER(Adafactor, "adafactor", weight_decay),
        NUMBER(Muon, "muon", lr),
        NUMBER(Muon, "muon", weight_decay),
        NUMBER(Muon, "muon", epsilon),
        STEP_NUMBER(clip_value),
        STEP_NUMBER(clip_norm),
        GROUP_NUMBER(l1),
        GROUP_NUMBER(max_norm),
    };
}

// At least 0 and below 1.
std::vector<Number> shares() {
    return {
        NUMBER(RmsProp, "rmsprop", alpha), NUMBER(Adadelta, "adadelta", rho),
        NUMBER(Adam, "adam", beta1),       NUMBER(Adam, "adam", beta2),
        NUMBER(AdamW, "adamw", beta1),     NUMBER(AdamW, "adamw", beta2),
        NUMBER(NAdam, "nadam", beta1),     NUMBER(NAdam, "nadam", beta2),
        NUMBER(RAdam, "radam", beta1),     NUMBER(RAdam, "radam", beta2),
        NUMBER(Adamax, "adamax", beta1),   NUMBER(Adamax, "adamax", beta2),
        NUMBER(Lion, "lion", beta1),       NUMBER(Lion, "lion", beta2),
        NUMBER(Lamb, "lamb", beta1),       NUMBER(Lamb, "lamb", beta2),
        NUMBER(Muon, "muon", momentum),    STEP_NUMBER(ema_decay),
    };
}

// Any, but finite.
std::vector<Number> others() {
    return {
        NUMBER(Sgd, "sgd", dampening),     NUMBER(Adafactor, "adafactor", beta2_decay),
        NUMBER(Adafactor, "adafactor", d), NUMBER(Muon, "muon", a),
        NUMBER(Muon, "muon", b),           NUMBER(Muon, "muon", c),
    };
}

void check_refused(const Number& number, double value, const std::string& rule) {
    const std::string message = thrown_message([&] { number.make(value); });
    CHECK(message == fmt::format("invalid argument: {}: {} is {}, {}", number.optimizer,
                                 number.option, value, rule));
}

}  // namespace

TEST_CASE("refusals: amounts below 0, shares outside [0, 1), numbers that are none") {
    for (const Number& number : amounts()) {
        for (const double value : kBad)
            check_refused(number, value, "below 0 or not finite");
        CHECK(thrown_message([&] { number.make(0); }) == "nothing was thrown");
    }
    for (const Number& number : shares()) {
        for (const double value : kBad)
            check_refused(number, value, "not in [0, 1)");
        check_refused(number, 1, "not in [0, 1)");
        CHECK(thrown_message([&] { number.make(0); }) == "nothing was thrown");
    }
    for (const Number& number : others()) {
        for (const double value : {NAN, INFINITY, -INFINITY})
            check_refused(number, value, "not finite");
    }
}

TEST_CASE("refusals: a learning rate set later, and options of groups") {
    Adam adam;
    for (const double value : kBad) {
        CHECK(thrown_message([&] {
                  adam.set_learning_rate(value);
              }).starts_with("invalid argument: adam: lr is "));
        CHECK(thrown_message([&] {
                  adam.add_group({Parameter{init::ones({2})}}, {.lr = value});
              }).starts_with("invalid argument: adam: lr is "));
        CHECK(thrown_message([&] {
                  adam.add_group({Parameter{init::ones({2})}}, {.beta1 = value});
              }).starts_with("invalid argument: adam: beta1 is "));
    }
    CHECK(adam.group_count() == 1);
    CHECK(thrown_message([] {
              Muon{{}, {.beta1 = 1}};
          }) == "invalid argument: adamw: beta1 is 1, not in [0, 1)");
    for (const std::int64_t steps : {0, 100, -1})
        CHECK(thrown_message([&] { Muon{{.ns_steps = steps}}; }).find("not in 1..99") !=
              std::string::npos);
}

TEST_CASE("refusals: schedules") {
    const auto refuses = [](const std::string& message, auto&& make) {
        CHECK(thrown_message(make) == "invalid argument: " + message);
    };
    const double most = std::numeric_limits<double>::max();
    const std::string amount = fmt::format("not in [0, {}]", most);
    for (const double bad : kBad) {
        const std::string is = fmt::format(" is {}, ", bad);
        refuses("step_lr: gamma" + is + amount, [=] { step_lr({.step_size = 2, .gamma = bad}); });
        refuses("multi_step_lr: gamma" + is + amount,
                [=] { multi_step_lr({.milestones = {2}, .gamma = bad}); });
        refuses("exponential_lr: gamma" + is + amount, [=] { exponential_lr(bad); });
        refuses("polynomial_lr: power" + is + amount, [=] { polynomial_lr({.power = bad}); });
        refuses("constant_lr: factor" + is + "not in [0, 1]",
                [=] { constant_lr({.factor = bad}); });
        refuses("linear_lr: end_factor" + is + "not in [0, 1]",
                [=] { linear_lr({.end_factor = bad}); });
        refuses("cosine_annealing_lr: eta_min" + is + amount,
                [=] { cosine_annealing_lr({.t_max = 5, .eta_min = bad}); });
        refuses("cosine_annealing_warm_restarts: eta_min" + is + amount,
                [=] { cosine_annealing_warm_restarts({.t_0 = 5, .eta_min = bad}); });
        refuses("one_cycle_lr: max_lr" + is + amount,
                [=] { one_cycle_lr({.max_lr = bad, .total_steps = 9}); });
        refuses("one_cycle_lr: pct_start" + is + "not in [0, 1]",
                [=] { one_cycle_lr({.total_steps = 9, .pct_start = bad}); });
        // Below 1 the first rate would be above the largest, or the last above the first.
        refuses("one_cycle_lr: div_factor" + is + fmt::format("not in [1, {}]", most),
                [=] { one_cycle_lr({.total_steps = 9, .div_factor = bad}); });
        refuses("one_cycle_lr: final_div_factor" + is + fmt::format("not in [1, {}]", most),
                [=] { one_cycle_lr({.total_steps = 9, .final_div_factor = bad}); });
        refuses("reduce_lr_on_plateau: threshold" + is + amount,
                [=] { ReduceLrOnPlateau{{.threshold = bad}}; });
        refuses("reduce_lr_on_plateau: min_lr" + is + amount,
                [=] { ReduceLrOnPlateau{{.min_lr = bad}}; });
        refuses("reduce_lr_on_plateau: epsilon" + is + amount,
                [=] { ReduceLrOnPlateau{{.epsilon = bad}}; });
        CHECK(thrown_message([=] {
                  ReduceLrOnPlateau{{.factor = bad}};
              }).find("reduce_lr_on_plateau: factor is") != std::string::npos);
        CHECK(thrown_message([=] {
                  linear_lr({.start_factor = bad});
              }).find("linear_lr: start_factor is") != std::string::npos);
    }
    for (const std::int64_t steps : {0, -7}) {
        const std::string below = fmt::format(" is {}, below 1", steps);
        refuses("step_lr: step_size" + below, [=] { step_lr({.step_size = steps}); });
        refuses("linear_lr: total_iters" + below, [=] { linear_lr({.total_iters = steps}); });
        refuses("polynomial_lr: total_iters" + below,
                [=] { polynomial_lr({.total_iters = steps}); });
        refuses("cosine_annealing_lr: t_max" + below,
                [=] { cosine_annealing_lr({.t_max = steps}); });
        refuses("cosine_annealing_warm_restarts: t_0" + below,
                [=] { cosine_annealing_warm_restarts({.t_0 = steps}); });
        refuses("cosine_annealing_warm_restarts: t_mult" + below,
                [=] { cosine_annealing_warm_restarts({.t_0 = 5, .t_mult = steps}); });
        refuses("one_cycle_lr: total_steps" + below, [=] { one_cycle_lr({.total_steps = steps}); });
    }
    refuses("constant_lr: total_iters is -1, below 0", [] { constant_lr({.total_iters = -1}); });
    refuses("constant_lr: factor is 1.5, not in [0, 1]", [] { constant_lr({.factor = 1.5}); });
    refuses("linear_lr: end_factor is 2, not in [0, 1]", [] { linear_lr({.end_factor = 2}); });
    refuses("reduce_lr_on_plateau: patience is -1, below 0",
            [] { ReduceLrOnPlateau{{.patience = -1}}; });
    refuses("reduce_lr_on_plateau: cooldown is -1, below 0",
            [] { ReduceLrOnPlateau{{.cooldown = -1}}; });

    refuses("multi_step_lr: no milestones", [] { multi_step_lr({.milestones = {}}); });
    refuses("multi_step_lr: a milestone is -1, below 0", [] {
        multi_step_lr({.milestones = {-1, 4}});
    });
    refuses("sequential_lr: 0 schedules take one milestone less, not 0",
            [] { sequential_lr({}, {}); });
    refuses("sequential_lr: a milestone is 4, below 6", [] {
        sequential_lr({exponential_lr(1), exponential_lr(1), exponential_lr(1)}, {6, 4});
    });
    refuses("one_cycle_lr: pct_start is 0.75, above 0.5, where three phases do not fit",
            [] { one_cycle_lr({.total_steps = 9, .pct_start = 0.75, .three_phase = true}); });
    refuses("lambda_lr: no function", [] { lambda_lr({}); });
}
