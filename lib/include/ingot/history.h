// SPDX-License-Identifier: MIT
// What a training run was like: plain data, filled by Trainer::fit.
#pragma once

#include <ingot/export.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace ingot::train {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

struct EpochResult {
    double train_loss = kNotMeasured;      // mean over the samples, as they were trained on
    double train_accuracy = kNotMeasured;  // 0..1; with labels only
    double validation_loss = kNotMeasured;
    double validation_accuracy = kNotMeasured;
    // By their names; NaN where not measured. With a loss scaler, "loss_scale" at the end of the
    // epoch and "skipped_steps" of all that were before it, too.
    std::map<std::string, double> train_metrics{};
    std::map<std::string, double> validation_metrics{};
    double time_s = 0;         // of the training steps, without validation
    double samples_per_s = 0;  // of the training steps
    // Of time_s, until batches were there: preparing them, or waiting for the threads that do.
    // What the device had to do meanwhile went on.
    double data_s = 0;

    bool operator==(const EpochResult&) const = default;
};

struct History {
    std::vector<float> step_losses;   // one a step, across epochs
    std::vector<EpochResult> epochs;  // complete ones
    double time_s = 0;                // of all training steps
    std::string stopped;              // why training ended before its last epoch; empty: it did not
};

INGOT_API std::string to_json(const History& history);
// "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,time_s,samples_per_s,
// data_s" and train_NAME and validation_NAME of each metric, one line an epoch; what was not
// measured is left empty.
INGOT_API std::string to_csv(const History& history);

// What to_json() or to_csv() wrote: a file .json or .csv, or a run folder with history.json or
// history.csv in it, the first of them. A table has no losses of steps. Throws kFile naming the
// file and the place.
INGOT_API History read_history(const std::filesystem::path& path);

}  // namespace ingot::train
