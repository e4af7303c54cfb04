// SPDX-License-Identifier: MIT
// Data as the command line names it.
#pragma once

#include "commands.h"

#include <ingot/data.h>
#include <ingot/nn.h>

#include <optional>
#include <string>

namespace ingot::cli {

struct NamedData {
    std::string name;  // "fashion-mnist", "spirals" or a path: what was asked for, `auto` resolved
    data::TrainTest samples;
    bool is_table = false;  // of columns, for a preparation to fill and to scale

    const data::Dataset& any() const {
        return samples.train.empty() ? samples.test : samples.train;
    }
    bool has_pictures() const {
        return any().input_dtype() == f32 && any().sample_shape().rank() >= 2;
    }
};

// `auto` is Fashion-MNIST, and spirals where that is not installed, which is said. `test`: the
// share of the samples to test on, where they come as one part; 1: all.
NamedData load_data(const DataSettings& settings, double test = 0.2);

// What training samples go through: tables always, others where it was asked for.
std::optional<data::Preparation> learn_preparation(const NamedData& data,
                                                   const data::Dataset& training,
                                                   const DataSettings& settings);

// Of the training samples: what is trained on, prepared, and what is validated on.
struct TrainingParts {
    data::Dataset training, validation;
};
TrainingParts training_parts(const NamedData& data, const TrainSettings& settings);

// What the net notes that its training data went through, if anything.
std::optional<data::Preparation> preparation_noted(const nn::Module& net);

// As the net notes that its training data was; it takes samples of this shape.
data::Dataset as_the_net_takes(const nn::Module& net, const data::Dataset& data);

// The same for samples whose targets are none of the net's.
data::Dataset inputs_as_the_net_takes(const nn::Module& net, const data::Dataset& data);

}  // namespace ingot::cli
