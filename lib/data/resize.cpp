// SPDX-License-Identifier: MIT
// One axis after the other. Pixel i of n covers i/n to (i + 1)/n of the picture, on either side.
#include "data/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ingot::data {
namespace {

// What one pixel of the result is made of: `weights` of the pixels from `first` on, of sum 1.
struct Mix {
    std::int64_t first = 0;
    std::vector<float> weights;
};

std::vector<Mix> mixes(std::int64_t from, std::int64_t to) {
    const double step = static_cast<double>(from) / static_cast<double>(to);
    const double reach = std::max(1.0, step);
    std::vector<Mix> all(static_cast<std::size_t>(to));
    for (std::int64_t i = 0; i < to; ++i) {
        const double centre = (static_cast<double>(i) + 0.5) * step;
        const auto first =
            std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - reach + 0.5)));
        const auto last =
            std::min(from, static_cast<std::int64_t>(std::floor(centre + reach + 0.5)));
        Mix& mix = all[static_cast<std::size_t>(i)];
        mix.first = first;
        double sum = 0;
        std::vector<double> weights;
        for (std::int64_t j = first; j < last; ++j) {
            const double away = std::abs(static_cast<double>(j) + 0.5 - centre) / reach;
            weights.push_back(std::max(0.0, 1.0 - away));
            sum += weights.back();
        }
        for (const double weight : weights)
            mix.weights.push_back(static_cast<float>(weight / sum));
    }
    return all;
}

}  // namespace

std::vector<float> resized_axis(const std::vector<float>& values, std::size_t outer,
                                std::int64_t from, std::size_t inner, std::int64_t to) {
    const std::vector<Mix> all = mixes(from, to);
    std::vector<float> result(outer * static_cast<std::size_t>(to) * inner);
    float* out = result.data();
    for (std::size_t o = 0; o < outer; ++o) {
        for (const Mix& mix : all) {
            const float* in =
                values.data() +
                (o * static_cast<std::size_t>(from) + static_cast<std::size_t>(mix.first)) * inner;
            for (const float weight : mix.weights) {
                for (std::size_t i = 0; i < inner; ++i)
                    out[i] += weight * *in++;
            }
            out += inner;
        }
    }
    return result;
}

Image resized(const Image& image, std::int64_t width, std::int64_t height) {
    if (width == image.width && height == image.height) return image;
    const auto channels = static_cast<std::size_t>(image.channels);
    std::vector<float> values(image.pixels.begin(), image.pixels.end());
    values =
        resized_axis(values, static_cast<std::size_t>(image.height), image.width, channels, width);
    values =
        resized_axis(values, 1, image.height, static_cast<std::size_t>(width) * channels, height);
    Image result{width, height, image.channels, {}};
    result.pixels.reserve(values.size());
    for (const float value : values)
        result.pixels.push_back(
            static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L)));
    return result;
}

Image cropped(const Image& image, std::int64_t x, std::int64_t y, std::int64_t width,
              std::int64_t height) {
    Image result{width, height, image.channels, {}};
    const auto row_bytes = static_cast<std::ptrdiff_t>(width * image.channels);
    result.pixels.reserve(static_cast<std::size_t>(row_bytes * height));
    for (std::int64_t row = y; row < y + height; ++row) {
        const auto from = image.pixels.begin() + (row * image.width + x) * image.channels;
        result.pixels.insert(result.pixels.end(), from, from + row_bytes);
    }
    return result;
}

}  // namespace ingot::data
