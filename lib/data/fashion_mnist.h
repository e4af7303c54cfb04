// SPDX-License-Identifier: MIT
// The search behind fashion_mnist(), with the places to look in as an argument.
#pragma once

#include <ingot/data.h>

#include <filesystem>
#include <span>

namespace ingot::data {

// From the first place that holds the training pictures. Throws naming all places when none does.
TrainTest fashion_mnist_in(std::span<const std::filesystem::path> places,
                           const ImageOptions& options);

}  // namespace ingot::data
