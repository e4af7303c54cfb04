// SPDX-License-Identifier: MIT
// Pictures in other sizes.
#pragma once

#include <ingot/image.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ingot::data {

// Bilinear; where a picture becomes smaller, each pixel is a weighted mean of all those it covers
// (a triangle as wide as the step), so that nothing flickers.
Image resized(const Image& image, std::int64_t width, std::int64_t height);

// The same of one axis of any values: [outer, from, inner] to [outer, to, inner].
std::vector<float> resized_axis(const std::vector<float>& values, std::size_t outer,
                                std::int64_t from, std::size_t inner, std::int64_t to);

// A part whose upper left pixel is (x, y).
Image cropped(const Image& image, std::int64_t x, std::int64_t y, std::int64_t width,
              std::int64_t height);

}  // namespace ingot::data
