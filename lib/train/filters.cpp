// SPDX-License-Identifier: MIT
// First-layer weights as pictures.
#include <ingot/tensorboard.h>

#include <algorithm>
#include <cmath>

namespace ingot::train {
namespace {

// [channels, height, width] of one filter, or nothing where it is no picture.
Shape filter_shape(const Shape& weight, const Shape& sample) {
    const bool convolves = weight.rank() == 4;
    Shape shape;
    if (convolves) {
        shape = weight.without(0);
    } else if (weight.rank() == 2 && sample.rank() == 3 && weight[1] == sample.count()) {
        shape = sample;
    } else if (weight.rank() == 2 && sample.rank() == 2 && weight[1] == sample.count()) {
        shape = sample.inserted(0, 1);
    }
    const bool shows = shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3);
    return shows && shape[1] * shape[2] > 1 ? shape : Shape{};
}

Image picture_of(std::span<const float> weights, const Shape& shape) {
    const std::int64_t channels = shape[0], pixels = shape[1] * shape[2];
    float largest = 0;
    for (const float weight : weights) {
        if (std::isfinite(weight)) largest = std::max(largest, std::abs(weight));
    }
    Image image{shape[2], shape[1], channels, {}};
    for (std::int64_t i = 0; i < pixels; ++i) {
        for (std::int64_t c = 0; c < channels; ++c) {
            const float weight = weights[static_cast<std::size_t>(c * pixels + i)];
            const float share = std::isfinite(weight) && largest > 0 ? weight / largest : 0.0F;
            image.pixels.push_back(static_cast<std::uint8_t>(std::lround(127.5F + 127.5F * share)));
        }
    }
    return image;
}

}  // namespace

std::vector<Image> first_layer_filters(const nn::Module& net, const Shape& sample_shape,
                                       std::int64_t most) {
    for (const nn::NamedParameter& named : net.parameters()) {
        const Shape& weight = named.parameter.shape();
        if (weight.rank() < 2) continue;
        const Shape shape = filter_shape(weight, sample_shape);
        if (shape.rank() == 0) return {};
        const HostTensor contents = named.parameter.read();
        const auto values = contents.values<float>();
        const auto size = static_cast<std::size_t>(shape.count());
        std::vector<Image> filters;
        for (std::int64_t row = 0; row < std::min(most, weight[0]); ++row) {
            const auto at = static_cast<std::size_t>(row) * size;
            filters.push_back(picture_of(values.subspan(at, size), shape));
        }
        return filters;
    }
    return {};
}

}  // namespace ingot::train
