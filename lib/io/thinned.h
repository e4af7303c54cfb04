// SPDX-License-Identifier: MIT
// Long series as a page needs them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ingot::io {

struct StepValue {
    std::int64_t step = 0;  // from 1
    double value = 0;       // NaN: a gap
};

// At most `most` points and one; of each stretch the lowest and the highest.
std::vector<StepValue> thinned(std::span<const float> values, std::size_t most);

// At most `most` points: of each stretch the mean of its finite values, in its middle.
std::vector<StepValue> stretch_means(std::span<const float> values, std::size_t most);

}  // namespace ingot::io
