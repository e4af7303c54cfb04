// SPDX-License-Identifier: MIT
// Ten million numbers around 1e4, where a sum in f32 has lost the deviations before it has seen a
// tenth of them: all fractions of 2^-10, so that f32 holds them exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingot::testing {

inline constexpr std::int64_t kTenMillion = 10'000'000;

inline std::vector<float> far_from_zero() {
    std::vector<float> values(static_cast<std::size_t>(kTenMillion));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = 10000.0F + static_cast<float>(i % 4096) / 1024.0F;
    return values;
}

}  // namespace ingot::testing
