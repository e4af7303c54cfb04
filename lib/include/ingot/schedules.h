// SPDX-License-Identifier: MIT
// Learning-rate schedules: functions from the number of updates (or epochs) done so far and the
// optimizer's own rate to the rate to use now. Formulas, names and defaults are those of
// torch.optim.lr_scheduler, in closed form: a schedule keeps nothing, so a resumed run finds itself
// at the right place. (ReduceLROnPlateau, which watches a value, keeps three numbers.)
//
//     auto schedule = ingot::optim::sequential_lr(
//         {ingot::optim::linear_lr({.start_factor = 0.01, .total_iters = 500}),
//          ingot::optim::cosine_annealing_lr({.t_max = 9500})}, {500});
//     for (int t = 0; t < 10000; ++t) {
//         schedule.apply(optimizer, t);
//         step.run(...);
//     }
//
// A trainer takes one as FitOptions::schedule.
#pragma once

#include <ingot/export.h>
#include <ingot/optim.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace ingot::optim {

class INGOT_API Schedule {
public:
    using Function = std::function<double(std::int64_t t, double base)>;

    Schedule() = default;  // leaves the rate alone
    // Any other: `function` gives the rate from t and the optimizer's own rate.
    Schedule(Function function) : function_(std::move(function)) {}  // NOLINT

    explicit operator bool() const { return function_ != nullptr; }
    // The rate after t steps, from 0; throws for a negative t.
    double at(std::int64_t t, double base = 1) const;
    // Sets the rate of each of the optimizer's groups from the group's own.
    void apply(Optimizer& optimizer, std::int64_t t) const;

private:
    Function function_;
};

// base times factor(t).
INGOT_API Schedule lambda_lr(std::function<double(std::int64_t t)> factor);

struct StepLrOptions {
    std::int64_t step_size;  // at least 1
    double gamma = 0.1;      // the factor every step_size steps
};
INGOT_API Schedule step_lr(const StepLrOptions& options);

struct MultiStepLrOptions {
    std::vector<std::int64_t> milestones;  // at least one; growing; equal ones count twice
    double gamma = 0.1;                    // the factor at each
};
INGOT_API Schedule multi_step_lr(const MultiStepLrOptions& options);

struct ConstantLrOptions {
    double factor = 1.0 / 3;  // of the rate, before total_iters
    std::int64_t total_iters = 5;
};
INGOT_API Schedule constant_lr(const ConstantLrOptions& options = {});

struct LinearLrOptions {
    double start_factor = 1.0 / 3;  // in (0, 1]
    double end_factor = 1;          // in [0, 1]; from total_iters on
    std::int64_t total_iters = 5;
};
// A warm-up, as it stands.
INGOT_API Schedule linear_lr(const LinearLrOptions& options = {});

// base gamma^t
INGOT_API Schedule exponential_lr(double gamma);

struct PolynomialLrOptions {
    std::int64_t total_iters = 5;
    double power = 1;
};
// base (1 - t / total_iters)^power, and 0 from total_iters on.
INGOT_API Schedule polynomial_lr(const PolynomialLrOptions& options = {});

struct CosineAnnealingLrOptions {
    std::int64_t t_max;  // half a period; at least 1
    double eta_min = 0;  // the rate at its end
};
// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, without
// the restarts: eta_min + (base - eta_min) (1 + cos(pi t / t_max)) / 2.
INGOT_API Schedule cosine_annealing_lr(const CosineAnnealingLrOptions& options);

struct CosineAnnealingWarmRestartsOptions {
    std::int64_t t_0;         // length of the first cycle; at least 1
    std::int64_t t_mult = 1;  // each is so many times the one before; at least 1
    double eta_min = 0;
};
INGOT_API Schedule
cosine_annealing_warm_restarts(const CosineAnnealingWarmRestartsOptions& options);

enum class Anneal { kCosine, kLinear };

struct OneCycleLrOptions {
    double max_lr = 0;             // 0: the optimizer's own rate (PyTorch's has no default)
    std::int64_t total_steps = 0;  // at least 1
    double pct_start = 0.3;        // of the steps, while the rate grows
    Anneal anneal_strategy = Anneal::kCosine;
    double div_factor = 25;         // the first rate is max_lr / div_factor
    double final_div_factor = 1e4;  // the last is the first / final_div_factor
    // Back to the first rate in as many steps (pct_start is at most 0.5), then down; else down at
    // once.
    bool three_phase = false;
};
// Smith and Topin, "Super-convergence", 2018; the rate only, momentum stays as it is.
INGOT_API Schedule one_cycle_lr(const OneCycleLrOptions& options);

// One schedule after the other: the i-th from milestones[i - 1] on, where its own t is 0.
INGOT_API Schedule sequential_lr(std::vector<Schedule> schedules,
                                 std::vector<std::int64_t> milestones);
// The factors of all of them multiplied (PyTorch's ChainedScheduler, for schedules whose rates are
// a multiple of the base).
INGOT_API Schedule chained_lr(std::vector<Schedule> schedules);

struct ReduceLrOnPlateauOptions {
    bool maximize = false;       // the watched value should grow
    double factor = 0.1;         // in [0, 1)
    std::int64_t patience = 10;  // steps without improvement that are allowed
    double threshold = 1e-4;     // of an improvement that counts
    bool relative = true;        // ... as a share of the best value; else absolute
    std::int64_t cooldown = 0;   // steps after a reduction in which none is counted
    double min_lr = 0;
    double epsilon = 1e-8;  // a smaller change of the rate is not made
};
class INGOT_API ReduceLrOnPlateau {
public:
    explicit ReduceLrOnPlateau(const ReduceLrOnPlateauOptions& options = {});
    // Looks at the value, once an epoch, say; reduces the rates of all groups when it is time, and
    // says whether it did.
    bool step(Optimizer& optimizer, double value);

    // Best value, steps since, steps of cooldown left: what a checkpoint keeps.
    std::map<std::string, std::string> state() const;
    void load_state(const std::map<std::string, std::string>& state);

private:
    ReduceLrOnPlateauOptions options_;
    double best_;
    std::int64_t bad_steps_ = 0;
    std::int64_t cooldown_left_ = 0;
};

}  // namespace ingot::optim
