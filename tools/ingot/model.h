// SPDX-License-Identifier: MIT
// Models as the command line names them.
#pragma once

#include "commands.h"

#include <ingot/data.h>
#include <ingot/losses.h>
#include <ingot/metrics.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <string>
#include <vector>

namespace ingot::cli {

// mlp: samples - 256 - outputs with ReLU, on samples of any shape; tokens become vectors of 32
// first. cnn: two convolutions of 3 x 3 with 32 and 64 channels, each with ReLU and pooling, then
// 128 and the outputs; on pictures. Or a JSON file. Outputs are the classes, or the targets.
nn::Module make_model(const std::string& name, const data::Dataset& data);

// Of the labels or of the numbers that the data has.
losses::Loss loss_of(const data::Dataset& data);
std::vector<metrics::Metric> metrics_of(const data::Dataset& data);

// Throws, naming the model, unless it takes these samples and gives one number a class or target.
void check_model(const nn::Module& model, const std::string& name, const data::Dataset& data);

// By its name, filling in what was not given.
optim::Optimizer make_optimizer(TrainSettings& settings);

}  // namespace ingot::cli
