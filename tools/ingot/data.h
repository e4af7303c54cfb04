// SPDX-License-Identifier: MIT
// Data as the command line names it.
#pragma once

#include <ingot/data.h>

#include <string>

namespace ingot::cli {

struct NamedData {
    std::string name;  // "fashion-mnist", "spirals" or a path: what was asked for, `auto` resolved
    data::TrainTest samples;

    bool has_pictures() const { return samples.train.sample_shape().rank() >= 2; }
};

// `auto` is Fashion-MNIST, and spirals where that is not installed, which is said.
NamedData load_data(const std::string& name);

}  // namespace ingot::cli
