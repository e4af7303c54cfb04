// SPDX-License-Identifier: MIT
// One run of Trainer::evaluate.
#pragma once

#include "train/trainer.h"

#include <vector>

namespace ingot::train {

class Evaluating {
public:
    Evaluating(Trainer::Impl& trainer, const data::Dataset& data, const EvaluateOptions& options);
    Evaluation run();

private:
    void take(const data::Batch& batch);
    void fetch();
    void keep_outputs(StepProgram& step, const data::Batch& batch);
    double loss_error() const;

    Trainer::Impl& trainer_;
    data::Dataset data_;
    const EvaluateOptions& options_;
    Measure measure_;
    data::Batches batches_;
    metrics::Measured measured_;
    Confusions confusions_;
    double loss_sum_ = 0;
    double correct_ = 0;
    std::vector<std::int64_t> counts_;  // of the batches whose results were not fetched yet
    struct BatchLoss {
        double loss, samples;
    };
    std::vector<BatchLoss> losses_;
};

}  // namespace ingot::train
