// SPDX-License-Identifier: MIT
// What stands behind a Trainer: its programs, each compiled when it is first needed. fit.cpp holds
// the loop over epochs.
#pragma once

#include "train/class_counts.h"
#include "train/results.h"

#include <ingot/train.h>

#include <map>
#include <string>

namespace ingot::train {

enum class Purpose { kTrain, kEvaluate, kPredict };

struct StepProgram {
    Tensor x;       // f32 [B, sample...]
    Tensor target;  // i32 [B] or f32 [B, target...]; empty for kPredict
    Tensor output;  // of kPredict, and where outputs are measured
    Program program;
};

class Trainer::Impl {
public:
    Impl(const Device& on, nn::Module model, losses::Loss measure, optim::Optimizer mover)
        : device(on.context()),
          net(std::move(model)),
          loss(std::move(measure)),
          optimizer(std::move(mover)) {}

    // For batches of `count` samples of this dataset.
    StepProgram& program(Purpose purpose, const data::Dataset& data, std::int64_t count,
                         const Measure& measure = {});
    void run(StepProgram& step, const data::Batch& batch);
    void wait();  // for all that was run; throws what the device found
    Evaluation evaluate(const data::Dataset& data, const EvaluateOptions& options);

    Device device;
    nn::Module net;
    losses::Loss loss;
    optim::Optimizer optimizer;
    Results train_results{"train.results"};
    Results evaluate_results{"evaluate.results"};
    ClassCounts train_counts{"train.counts"};
    ClassCounts evaluate_counts{"evaluate.counts"};
    std::map<std::string, StepProgram> programs;
    const StepProgram* full_step = nullptr;  // the latest fit's, for full batches

private:
    std::vector<StepProgram*> running_;  // since the last wait()

    StepProgram compile(Purpose purpose, const data::Dataset& data, std::int64_t count,
                        const Measure& measure);
};

// The values of the metrics by their names. NaN: `measured` lacks what a metric wants.
std::map<std::string, double> values_of(std::span<const metrics::Metric> metrics,
                                        metrics::Measured& measured, const Confusions& confusions,
                                        bool has_outputs);

History fit(Trainer::Impl& trainer, const data::Dataset& train, const FitOptions& options);

}  // namespace ingot::train
