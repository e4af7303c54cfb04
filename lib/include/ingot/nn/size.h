// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace ingot::nn {

// Height and width; one number stands for both.
struct Size2 {
    std::int64_t height;
    std::int64_t width;
    Size2(std::int64_t both) : height(both), width(both) {}  // NOLINT: .kernel = 3
    Size2(std::int64_t h, std::int64_t w) : height(h), width(w) {}
    bool operator==(const Size2&) const = default;
};

}  // namespace ingot::nn
