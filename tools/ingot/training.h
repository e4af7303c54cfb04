// SPDX-License-Identifier: MIT
// What the commands that train have in common: samples cut and prepared, and how a trainer is made
// of settings.
#pragma once

#include "data.h"
#include "model.h"

#include <ingot/train.h>

#include <cstdint>

namespace ingot::cli {

struct TrainingData {
    NamedData all;
    data::Dataset training;    // prepared
    data::Dataset validation;  // as it is: a trainer prepares it
};

// Settles s.split_seed.
TrainingData training_data(TrainSettings& s);

DType precision_of(const TrainSettings& s);

// By the size of the data, unless they were given.
std::int64_t epochs_of(const TrainSettings& s, const data::Dataset& training);

// What fit() takes of the settings, with the data's metrics; no data, no checkpoints.
train::FitOptions fit_options(const TrainSettings& s, const data::Dataset& training);

}  // namespace ingot::cli
