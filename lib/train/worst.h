// SPDX-License-Identifier: MIT
// What a classifier makes of a set: its confusion matrix, and the samples it is most wrong about.
#pragma once

#include <ingot/report.h>
#include <ingot/train.h>

#include <vector>

namespace ingot::train {

struct Predictions {
    metrics::ConfusionMatrix confusion{};       // of no classes where the data has no such labels
    std::vector<io::PredictionRecord> worst{};  // by their loss, the largest first
};

Predictions predictions_of(Trainer& trainer, const data::Dataset& data, std::int64_t most);

}  // namespace ingot::train
