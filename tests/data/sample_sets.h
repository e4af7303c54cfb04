// SPDX-License-Identifier: MIT
// Small datasets in which every sample can be told from its values.
#pragma once

#include <ingot/dataset.h>

#include <numeric>
#include <vector>

namespace ingot::testing {

// Sample i is [i, -i] with label i % classes.
inline data::Dataset numbered(std::int64_t count, std::int32_t classes = 3) {
    std::vector<float> inputs;
    std::vector<std::int32_t> labels;
    for (std::int64_t i = 0; i < count; ++i) {
        inputs.push_back(static_cast<float>(i));
        inputs.push_back(static_cast<float>(-i));
        labels.push_back(static_cast<std::int32_t>(i) % classes);
    }
    return {HostTensor::of("x", {count, 2}, inputs), HostTensor::of("y", {count}, labels)};
}

// The numbers of all samples of a numbered() set or of a view of it, in its order.
inline std::vector<int> numbers_of(const data::Dataset& dataset) {
    std::vector<std::uint32_t> all(static_cast<std::size_t>(dataset.size()));
    std::iota(all.begin(), all.end(), 0U);
    std::vector<float> inputs(2 * all.size());
    dataset.read_inputs(all, inputs);
    std::vector<int> numbers;
    for (std::size_t i = 0; i < all.size(); ++i)
        numbers.push_back(static_cast<int>(inputs[2 * i]));
    return numbers;
}

}  // namespace ingot::testing
