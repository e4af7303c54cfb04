// SPDX-License-Identifier: MIT
// Pictures in other sizes.
#pragma once

#include <ingot/image.h>

namespace ingot::data {

// Bilinear; where a picture becomes smaller, each pixel is a weighted mean of all those it covers
// (a triangle as wide as the step), so that nothing flickers.
Image resized(const Image& image, std::int64_t width, std::int64_t height);

// A part whose upper left pixel is (x, y).
Image cropped(const Image& image, std::int64_t x, std::int64_t y, std::int64_t width,
              std::int64_t height);

}  // namespace ingot::data
