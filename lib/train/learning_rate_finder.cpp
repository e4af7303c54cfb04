// SPDX-License-Identifier: MIT
// Trainer::find_learning_rate: trains for a few steps with growing rates and puts everything back.
#include <ingot/learning_rate_finder.h>

#include "core/check.h"
#include "train/preparing.h"
#include "train/trainer.h"

#include <algorithm>
#include <cmath>

namespace ingot::train {
namespace {

// All that training changes.
class Snapshot {
public:
    explicit Snapshot(Trainer::Impl& trainer)
        : trainer_(trainer), weights_(trainer.net.state_dict()) {
        for (const Parameter& parameter : trainer.optimizer.state())
            state_.push_back(parameter.read());
        for (std::size_t g = 0; g < trainer.optimizer.group_count(); ++g)
            rates_.push_back(trainer.optimizer.learning_rate(g));
        for (const Generator& generator : trainer.net.generators())
            counters_.push_back(generator.counter());
    }

    void restore() const {
        trainer_.net.load_state_dict(weights_);
        std::vector<Parameter> state = trainer_.optimizer.state();
        for (std::size_t i = 0; i < state.size(); ++i)
            state[i].write(state_[i]);
        for (std::size_t g = 0; g < rates_.size(); ++g)
            trainer_.optimizer.set_learning_rate(rates_[g], g);
        std::vector<Generator> generators = trainer_.net.generators();
        for (std::size_t i = 0; i < generators.size(); ++i)
            generators[i].set_counter(counters_[i]);
    }

private:
    Trainer::Impl& trainer_;
    std::vector<HostTensor> weights_, state_;
    std::vector<double> rates_;
    std::vector<std::uint32_t> counters_;
};

class Finder {
public:
    Finder(Trainer::Impl& trainer, const data::Dataset& train,
           const LearningRateFinderOptions& options)
        : trainer_(trainer),
          options_(options),
          batches_(train, std::min(options.batch_size, std::max<std::int64_t>(train.size(), 1)),
                   {.shuffle = true,
                    .seed = options.seed,
                    .last = data::LastBatch::kDrop,
                    .weights = options.weights,
                    .augment = options.augment,
                    .mix = options.mix}),
          // The one that fit() uses, too.
          step_(trainer.program(Purpose::kTrain, SampleForm::of(batches_), batches_.batch_size())) {
        trainer.train_results.forget();
        trainer.train_counts.forget();
    }

    LearningRateCurve run() {
        const optim::Optimizer& optimizer = trainer_.optimizer;
        const double own = optimizer.initial_learning_rate();
        const double factor =
            std::pow(options_.end / options_.start, 1 / static_cast<double>(options_.steps - 1));
        curve_.span = std::max<std::size_t>(
            1, static_cast<std::size_t>(std::lround(1 / (1 - options_.smoothing))));
        double sum = 0, weight = 0, lowest = 0;
        for (std::int64_t i = 0; i < options_.steps; ++i) {
            const double rate = options_.start * std::pow(factor, static_cast<double>(i));
            for (std::size_t g = 0; g < optimizer.group_count(); ++g) {
                const double share = g == 0 ? 1 : optimizer.initial_learning_rate(g) / own;
                trainer_.optimizer.set_learning_rate(rate * share, g);
            }
            const double loss = update();
            if (!std::isfinite(loss)) {
                curve_.stopped = fmt::format("the loss is {} at a rate of {:.3g}", loss, rate);
                break;
            }
            sum = options_.smoothing * sum + (1 - options_.smoothing) * loss;
            weight = options_.smoothing * weight + (1 - options_.smoothing);
            const double smoothed = sum / weight;
            curve_.rates.push_back(rate);
            curve_.losses.push_back(loss);
            curve_.smoothed.push_back(smoothed);
            if (i == 0 || smoothed < lowest) lowest = smoothed;
            if (smoothed > options_.diverged * lowest) {
                curve_.stopped = fmt::format(
                    "at a rate of {:.3g} the smoothed loss is above {:g} times the "
                    "lowest, {:.4g}",
                    rate, options_.diverged, lowest);
                break;
            }
        }
        return std::move(curve_);
    }

private:
    // The mean loss of the batches that make one.
    double update() {
        double loss = 0;
        const std::int64_t runs = trainer_.optimizer.accumulate();
        for (std::int64_t i = 0; i < runs; ++i) {
            const data::Batch* batch = batches_.next();
            if (batch == nullptr) batch = batches_.next();
            trainer_.run(step_, *batch);
            trainer_.train_results.pushed();
            trainer_.wait();
            loss += static_cast<double>(trainer_.train_results.fetch().front().loss);
        }
        return loss / static_cast<double>(runs);
    }

    Trainer::Impl& trainer_;
    const LearningRateFinderOptions& options_;
    data::Batches batches_;
    StepProgram& step_;
    LearningRateCurve curve_;
};

void check(const LearningRateFinderOptions& options, const optim::Optimizer& optimizer) {
    if (!(options.start > 0) || !(options.end > options.start) || !std::isfinite(options.end)) {
        fail(
            ErrorKind::kInvalidArgument,
            "find_learning_rate: rates go from {} to {}; both are above 0 and the second is larger",
            options.start, options.end);
    }
    if (options.steps < 2) {
        fail(ErrorKind::kInvalidArgument, "find_learning_rate: {} steps, at least 2 are needed",
             options.steps);
    }
    if (!(options.smoothing >= 0 && options.smoothing < 1) || !(options.diverged > 1)) {
        fail(ErrorKind::kInvalidArgument,
             "find_learning_rate: smoothing is {} and diverged {}; they are in [0, 1) and above 1",
             options.smoothing, options.diverged);
    }
    if (optimizer.group_count() > 1 && !(optimizer.initial_learning_rate() > 0)) {
        fail(ErrorKind::kInvalidArgument,
             "find_learning_rate: the rates of the groups keep their proportions, and that of "
             "group 0 is 0");
    }
}

}  // namespace

LearningRateCurve Trainer::find_learning_rate(const data::Dataset& train,
                                              const LearningRateFinderOptions& options) {
    check(options, impl_->optimizer);
    impl_->follow_net();
    Finder finder(*impl_, prepared_to_train(impl_->net, train), options);
    const Snapshot snapshot(*impl_);
    try {
        LearningRateCurve curve = finder.run();
        snapshot.restore();
        return curve;
    } catch (...) {
        impl_->train_results.forget();
        snapshot.restore();
        throw;
    }
}

double LearningRateCurve::steepest() const {
    const auto lowest = static_cast<std::size_t>(
        std::min_element(smoothed.begin(), smoothed.end()) - smoothed.begin());
    double best = kNotMeasured, steepest = 0;
    for (std::size_t i = span; i < smoothed.size() && i <= lowest; ++i) {
        const double slope =
            (smoothed[i] - smoothed[i - span]) / std::log(rates[i] / rates[i - span]);
        if (slope < steepest) {
            steepest = slope;
            best = std::sqrt(rates[i] * rates[i - span]);
        }
    }
    return best;
}

double LearningRateCurve::tenth_of_lowest() const {
    if (std::isnan(steepest())) return kNotMeasured;
    return 0.1 * rates[static_cast<std::size_t>(std::min_element(smoothed.begin(), smoothed.end()) -
                                                smoothed.begin())];
}

std::string to_text(const LearningRateCurve& curve) {
    if (curve.rates.empty()) return fmt::format("no learning rate was tried: {}\n", curve.stopped);
    std::string text = fmt::format("{} learning rates from {:.3g} to {:.3g}", curve.rates.size(),
                                   curve.rates.front(), curve.rates.back());
    if (!curve.stopped.empty()) text += ": " + curve.stopped;
    if (std::isnan(curve.steepest())) return text + "\nthe loss never fell\n";
    const double lowest = *std::min_element(curve.smoothed.begin(), curve.smoothed.end());
    return text + fmt::format(
                      "\nsmoothed loss {:.4g} at first, {:.4g} at its lowest, with a rate of "
                      "{:.3g}\nit falls fastest at {:.2e}; a tenth of the lowest is {:.2e}\n",
                      curve.smoothed.front(), lowest, 10 * curve.tenth_of_lowest(),
                      curve.steepest(), curve.tenth_of_lowest());
}

io::Plot plot_of(const LearningRateCurve& curve) {
    io::Plot plot{.title = "Loss by learning rate",
                  .x_label = "learning rate",
                  .y_label = "loss",
                  .log_x = true};
    // A spike at the end must not flatten the rest.
    std::vector<double> losses = curve.losses;
    if (!curve.smoothed.empty()) {
        const auto [low, high] = std::minmax_element(curve.smoothed.begin(), curve.smoothed.end());
        for (double& loss : losses)
            loss = std::clamp(loss, *low - (*high - *low), *high + (*high - *low));
    }
    plot.series = {{.name = "smoothed", .x = curve.rates, .y = curve.smoothed},
                   {.name = "of each batch",
                    .x = curve.rates,
                    .y = std::move(losses),
                    .line = false,
                    .marks = true}};
    if (!std::isnan(curve.steepest())) {
        plot.marks = {{curve.steepest(), "steepest"},
                      {curve.tenth_of_lowest(), "a tenth of the lowest"}};
    }
    return plot;
}

}  // namespace ingot::train
