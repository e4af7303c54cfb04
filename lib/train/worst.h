// SPDX-License-Identifier: MIT
// What a net makes of a set: the samples it is most wrong about, and a classifier's confusion
// matrix.
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

// Of a set whose targets are as many numbers as the net gives, the samples it is furthest off, the
// furthest first, in the targets' own units; none of others.
std::vector<io::ResidualRecord> residuals_of(Trainer& trainer, const data::Dataset& data,
                                             std::int64_t most);

}  // namespace ingot::train
