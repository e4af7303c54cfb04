// SPDX-License-Identifier: MIT
// What ImageOptions ask for, whatever file the pictures came from.
#pragma once

#include <ingot/data.h>

namespace ingot::data {

// Measured before flattening: one mean for a channel, not one for each pixel.
inline Dataset prepared(Dataset dataset, const Normalization& normalization,
                        const ImageOptions& options) {
    if (options.normalize) dataset = dataset.normalized(normalization);
    return options.flat ? dataset.flattened() : dataset;
}

inline Dataset prepared(const Dataset& dataset, const ImageOptions& options) {
    return prepared(dataset, options.normalize ? dataset.measure() : Normalization{}, options);
}

inline TrainTest prepared(const Dataset& train, const Dataset& test, const ImageOptions& options) {
    const Normalization measured = options.normalize ? train.measure() : Normalization{};
    return {prepared(train, measured, options), prepared(test, measured, options)};
}

}  // namespace ingot::data
