// SPDX-License-Identifier: MIT
// Models as the command line names them.
#pragma once

#include <ingot/data.h>
#include <ingot/nn.h>

#include <string>

namespace ingot::cli {

// mlp: samples - 256 - classes with ReLU, on samples of any shape. cnn: two convolutions of 3 x 3
// with 32 and 64 channels, each with ReLU and pooling, then 128 and the classes; on pictures. Or a
// JSON file.
nn::Module make_model(const std::string& name, const data::Dataset& data);

// Throws, naming the model, unless it takes these samples and gives one number a class.
void check_model(const nn::Module& model, const std::string& name, const data::Dataset& data);

}  // namespace ingot::cli
