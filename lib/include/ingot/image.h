// SPDX-License-Identifier: MIT
// An 8-bit picture in host memory: what PNG files and reports take and what a dataset shows.
#pragma once

#include <cstdint>
#include <vector>

namespace ingot {

struct Image {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::int64_t channels = 1;         // 1 grey, 3 RGB
    std::vector<std::uint8_t> pixels;  // [height, width, channels]

    bool operator==(const Image&) const = default;
};

}  // namespace ingot
