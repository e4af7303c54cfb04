// SPDX-License-Identifier: MIT
// Small float pictures, and the transforms of them over many seeds.
#pragma once

#include <ingot/augment.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace ingot::testing {

// Values of 0..1 in no order, multiples of 1 / 255.
inline augment::Picture pattern(std::int64_t channels, std::int64_t height, std::int64_t width) {
    augment::Picture picture{channels, height, width, {}};
    std::uint32_t state = 12345;
    for (std::int64_t i = 0; i < channels * height * width; ++i) {
        state = state * 1664525U + 1013904223U;
        picture.values.push_back(static_cast<float>(state >> 24) / 255.0F);
    }
    return picture;
}

inline augment::Picture constant(std::int64_t channels, std::int64_t height, std::int64_t width,
                                 float value) {
    return {channels, height, width,
            std::vector<float>(static_cast<std::size_t>(channels * height * width), value)};
}

struct Extent {
    std::int64_t channels, height, width;
};

// One pixel, one row, one column, primes, even and square; grey and colour.
inline const std::vector<Extent>& extents() {
    static const std::vector<Extent> kAll = {{1, 1, 1},   {3, 1, 7},   {1, 13, 1}, {3, 5, 11},
                                             {1, 31, 17}, {3, 32, 32}, {3, 9, 9},  {1, 2, 2}};
    return kAll;
}

// What a transform that draws nothing of interest makes.
inline augment::Picture made(const augment::Transform& transform, augment::Picture picture,
                             std::uint64_t seed = 0) {
    return augment::applied(transform, std::move(picture), seed);
}

}  // namespace ingot::testing
