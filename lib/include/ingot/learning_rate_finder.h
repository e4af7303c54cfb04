// SPDX-License-Identifier: MIT
// What Trainer::find_learning_rate takes and gives: the loss as the learning rate grows from very
// small to far too large, a range test (Smith, "Cyclical learning rates for training neural
// networks", WACV 2017).
//
//     auto found = trainer.find_learning_rate(train, {.batch_size = 64});
//     std::fputs(to_text(found).c_str(), stdout);
//     trainer.optimizer().set_learning_rate(found.tenth_of_lowest());
#pragma once

#include <ingot/augment.h>
#include <ingot/export.h>
#include <ingot/plot.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::train {

struct LearningRateFinderOptions {
    double start = 1e-7;           // the first rate, above 0
    double end = 10;               // the last, above `start`
    std::int64_t steps = 100;      // updates, at least 2; rates grow by an equal factor
    std::int64_t batch_size = 64;  // or all samples if there are fewer
    // In [0, 1): of the smoothed loss before in the next one. 0.9 trails by ten updates.
    double smoothing = 0.9;
    // Above 1: ends where the smoothed loss is so many times the lowest before.
    double diverged = 4;
    std::uint64_t seed = 0;  // of the order of the samples and of augmentation
    // As in FitOptions.
    augment::Transform augment{};
    augment::Mix mix{};
    std::vector<double> weights{};
};

struct LearningRateCurve {
    std::vector<double> rates;     // growing; of the optimizer's group 0
    std::vector<double> losses;    // of the batch that was then trained on with this rate
    std::vector<double> smoothed;  // running mean of the losses before and with it
    std::string stopped;           // why before the last rate; empty: it was not
    // Updates over which a fall is measured: 1 / (1 - smoothing), what the running mean looks back.
    // Over fewer it is the noise of the batches.
    std::size_t span = 1;

    // Where the smoothed loss falls fastest for a growth of the rate by a factor, before it is
    // lowest: among the useful rates. NaN: the loss never fell.
    INGOT_API double steepest() const;
    // A tenth of the rate at which the smoothed loss is lowest: a common choice to begin with.
    INGOT_API double tenth_of_lowest() const;
};

INGOT_API std::string to_text(const LearningRateCurve& curve);  // a few lines
INGOT_API io::Plot plot_of(const LearningRateCurve& curve);

}  // namespace ingot::train
