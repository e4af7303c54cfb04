// SPDX-License-Identifier: MIT
// Learning-rate schedules in closed form; the formulas stand in schedules.h.
#include <ingot/schedules.h>

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

namespace ingot::optim {
namespace {

void check_count(const char* schedule, const char* option, std::int64_t value,
                 std::int64_t least = 1) {
    if (value < least) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, below {}", schedule, option, value, least);
    }
}

void check_number(const char* schedule, const char* option, double value, double low,
                  double high = std::numeric_limits<double>::max()) {
    if (!(value >= low && value <= high)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [{}, {}]", schedule, option, value,
             low, high);
    }
}

void check_growing(const char* schedule, const std::vector<std::int64_t>& milestones) {
    for (std::size_t i = 0; i < milestones.size(); ++i) {
        check_count(schedule, "a milestone", milestones[i], i == 0 ? 0 : milestones[i - 1]);
    }
}

// From `high` to `low` as t goes from 0 to 1 along half a cosine.
double half_cosine(double high, double low, double t) {
    return low + (high - low) * (1 + std::cos(std::numbers::pi * t)) / 2;
}

double ratio(std::int64_t a, std::int64_t b) {
    return static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace

double Schedule::at(std::int64_t t, double base) const {
    check_count("schedule", "t", t, 0);
    return function_ ? function_(t, base) : base;
}

void Schedule::apply(Optimizer& optimizer, std::int64_t t) const {
    if (!function_) return;
    for (std::size_t g = 0; g < optimizer.group_count(); ++g)
        optimizer.set_learning_rate(at(t, optimizer.initial_learning_rate(g)), g);
}

Schedule lambda_lr(std::function<double(std::int64_t t)> factor) {
    if (!factor) fail(ErrorKind::kInvalidArgument, "lambda_lr: no function");
    return Schedule(
        [factor = std::move(factor)](std::int64_t t, double base) { return base * factor(t); });
}

Schedule step_lr(const StepLrOptions& o) {
    check_count("step_lr", "step_size", o.step_size);
    check_number("step_lr", "gamma", o.gamma, 0);
    return lambda_lr(
        [o](std::int64_t t) { return std::pow(o.gamma, static_cast<double>(t / o.step_size)); });
}

Schedule multi_step_lr(const MultiStepLrOptions& o) {
    if (o.milestones.empty()) fail(ErrorKind::kInvalidArgument, "multi_step_lr: no milestones");
    check_growing("multi_step_lr", o.milestones);
    check_number("multi_step_lr", "gamma", o.gamma, 0);
    return lambda_lr([o](std::int64_t t) {
        const auto passed =
            std::upper_bound(o.milestones.begin(), o.milestones.end(), t) - o.milestones.begin();
        return std::pow(o.gamma, static_cast<double>(passed));
    });
}

Schedule constant_lr(const ConstantLrOptions& o) {
    check_count("constant_lr", "total_iters", o.total_iters, 0);
    check_number("constant_lr", "factor", o.factor, 0, 1);
    return lambda_lr([o](std::int64_t t) { return t < o.total_iters ? o.factor : 1.0; });
}

Schedule linear_lr(const LinearLrOptions& o) {
    check_count("linear_lr", "total_iters", o.total_iters);
    check_number("linear_lr", "start_factor", o.start_factor, std::numeric_limits<double>::min(),
                 1);
    check_number("linear_lr", "end_factor", o.end_factor, 0, 1);
    return lambda_lr([o](std::int64_t t) {
        const double done = ratio(std::min(t, o.total_iters), o.total_iters);
        return o.start_factor + (o.end_factor - o.start_factor) * done;
    });
}

Schedule exponential_lr(double gamma) {
    check_number("exponential_lr", "gamma", gamma, 0);
    return lambda_lr([gamma](std::int64_t t) { return std::pow(gamma, static_cast<double>(t)); });
}

Schedule polynomial_lr(const PolynomialLrOptions& o) {
    check_count("polynomial_lr", "total_iters", o.total_iters);
    check_number("polynomial_lr", "power", o.power, 0);
    return lambda_lr([o](std::int64_t t) {
        return t < o.total_iters ? std::pow(1 - ratio(t, o.total_iters), o.power) : 0.0;
    });
}

Schedule cosine_annealing_lr(const CosineAnnealingLrOptions& o) {
    check_count("cosine_annealing_lr", "t_max", o.t_max);
    check_number("cosine_annealing_lr", "eta_min", o.eta_min, 0);
    return Schedule([o](std::int64_t t, double base) {
        return half_cosine(base, o.eta_min, ratio(t, o.t_max));
    });
}

Schedule cosine_annealing_warm_restarts(const CosineAnnealingWarmRestartsOptions& o) {
    check_count("cosine_annealing_warm_restarts", "t_0", o.t_0);
    check_count("cosine_annealing_warm_restarts", "t_mult", o.t_mult);
    check_number("cosine_annealing_warm_restarts", "eta_min", o.eta_min, 0);
    return Schedule([o](std::int64_t t, double base) {
        std::int64_t length = o.t_0;
        if (o.t_mult == 1) {
            t %= length;
        } else {
            for (; t >= length; length *= o.t_mult)
                t -= length;
        }
        return half_cosine(base, o.eta_min, ratio(t, length));
    });
}

Schedule one_cycle_lr(const OneCycleLrOptions& o) {
    check_count("one_cycle_lr", "total_steps", o.total_steps);
    check_number("one_cycle_lr", "pct_start", o.pct_start, 0, 1);
    if (o.three_phase && o.pct_start > 0.5) {
        fail(ErrorKind::kInvalidArgument,
             "one_cycle_lr: pct_start is {}, above 0.5, where three phases do not fit",
             o.pct_start);
    }
    check_number("one_cycle_lr", "max_lr", o.max_lr, 0);
    check_number("one_cycle_lr", "div_factor", o.div_factor, 1);
    check_number("one_cycle_lr", "final_div_factor", o.final_div_factor, 1);
    return Schedule([o](std::int64_t t, double base) {
        const double top = o.max_lr > 0 ? o.max_lr : base;
        const double first = top / o.div_factor;
        const double last = first / o.final_div_factor;
        const auto steps = static_cast<double>(o.total_steps);
        struct Phase {
            double end, from, to;
        };
        std::vector<Phase> phases{{o.pct_start * steps - 1, first, top}};
        if (o.three_phase) phases.push_back({2 * o.pct_start * steps - 2, top, first});
        phases.push_back({steps - 1, phases.back().to, last});
        const double now = std::min(static_cast<double>(t), steps - 1);
        double begin = 0;
        for (const Phase& phase : phases) {
            if (now <= phase.end || &phase == &phases.back()) {
                const double length = phase.end - begin;
                const double done = length > 0 ? (now - begin) / length : 1;
                return o.anneal_strategy == Anneal::kCosine
                           ? half_cosine(phase.from, phase.to, done)
                           : phase.from + (phase.to - phase.from) * done;
            }
            begin = phase.end;
        }
        return last;
    });
}

Schedule sequential_lr(std::vector<Schedule> schedules, std::vector<std::int64_t> milestones) {
    if (schedules.empty() || milestones.size() + 1 != schedules.size()) {
        fail(ErrorKind::kInvalidArgument,
             "sequential_lr: {} schedules take one milestone less, not {}", schedules.size(),
             milestones.size());
    }
    check_growing("sequential_lr", milestones);
    return Schedule([schedules = std::move(schedules), milestones = std::move(milestones)](
                        std::int64_t t, double base) {
        const auto passed = static_cast<std::size_t>(
            std::upper_bound(milestones.begin(), milestones.end(), t) - milestones.begin());
        const std::int64_t begin = passed == 0 ? 0 : milestones[passed - 1];
        return schedules[passed].at(t - begin, base);
    });
}

Schedule chained_lr(std::vector<Schedule> schedules) {
    if (schedules.empty()) fail(ErrorKind::kInvalidArgument, "chained_lr: no schedules");
    return lambda_lr([schedules = std::move(schedules)](std::int64_t t) {
        double factor = 1;
        for (const Schedule& schedule : schedules)
            factor *= schedule.at(t, 1);
        return factor;
    });
}

ReduceLrOnPlateau::ReduceLrOnPlateau(const ReduceLrOnPlateauOptions& o)
    : options_(o), best_(o.maximize ? -INFINITY : INFINITY) {
    if (!(o.factor >= 0 && o.factor < 1)) {
        fail(ErrorKind::kInvalidArgument, "reduce_lr_on_plateau: factor is {}, not in [0, 1)",
             o.factor);
    }
    check_count("reduce_lr_on_plateau", "patience", o.patience, 0);
    check_count("reduce_lr_on_plateau", "cooldown", o.cooldown, 0);
    check_number("reduce_lr_on_plateau", "threshold", o.threshold, 0);
    check_number("reduce_lr_on_plateau", "min_lr", o.min_lr, 0);
    check_number("reduce_lr_on_plateau", "epsilon", o.epsilon, 0);
}

bool ReduceLrOnPlateau::step(Optimizer& optimizer, double value) {
    const double sign = options_.maximize ? 1 : -1;
    const double margin = options_.relative ? options_.threshold * best_ : options_.threshold;
    if (std::isinf(best_) ? sign * value > sign * best_
                          : sign * value > sign * (best_ + sign * margin)) {
        best_ = value;
        bad_steps_ = 0;
    } else {
        ++bad_steps_;
    }
    if (cooldown_left_ > 0) {
        --cooldown_left_;
        bad_steps_ = 0;
    }
    if (bad_steps_ <= options_.patience) return false;
    cooldown_left_ = options_.cooldown;
    bad_steps_ = 0;
    bool reduced = false;
    for (std::size_t g = 0; g < optimizer.group_count(); ++g) {
        const double old = optimizer.learning_rate(g);
        const double next = std::max(old * options_.factor, options_.min_lr);
        if (old - next <= options_.epsilon) continue;
        optimizer.set_learning_rate(next, g);
        reduced = true;
    }
    return reduced;
}

std::map<std::string, std::string> ReduceLrOnPlateau::state() const {
    return {{"best", fmt::format("{:a}", best_)},
            {"bad_steps", fmt::format("{}", bad_steps_)},
            {"cooldown_left", fmt::format("{}", cooldown_left_)}};
}

void ReduceLrOnPlateau::load_state(const std::map<std::string, std::string>& state) {
    try {
        best_ = std::stod(state.at("best"));
        bad_steps_ = std::stoll(state.at("bad_steps"));
        cooldown_left_ = std::stoll(state.at("cooldown_left"));
    } catch (const std::exception&) {
        fail(ErrorKind::kInvalidArgument, "reduce_lr_on_plateau: this is not what state() gave");
    }
}

}  // namespace ingot::optim
