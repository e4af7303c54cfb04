// SPDX-License-Identifier: MIT
// The preparation of the training data as a note of the net, and its use.
#pragma once

#include <ingot/data.h>
#include <ingot/nn.h>

#include <optional>

namespace ingot::train {

// What the net has noted, if anything.
std::optional<data::Preparation> noted_preparation(const nn::Module& net);

// As the net's note says; without one, as it is.
data::Dataset prepared_for(const nn::Module& net, const data::Dataset& data);

// The samples to train on: as they are if they were prepared, else as the net's note says.
data::Dataset prepared_to_train(const nn::Module& net, const data::Dataset& train);

// Likewise; notes what they have gone through.
data::Dataset prepared_and_noted(const nn::Module& net, const data::Dataset& train);

}  // namespace ingot::train
