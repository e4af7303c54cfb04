// SPDX-License-Identifier: MIT
// Pictures to be segmented, drawn for the purpose: discs and squares on a noisy ground.
#pragma once

#include <ingot/dataset.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <utility>

namespace pictures {

inline constexpr int kShapeKinds = 2;  // discs and squares

// Pictures [N, 1, size, size] with two shapes of each kind, and masks [N, 2, size, size] of 0
// and 1.
inline ingot::data::Dataset shapes(std::int64_t count, std::int64_t size, unsigned seed) {
    auto pictures = ingot::HostTensor::zeros("pictures", {count, 1, size, size});
    auto masks = ingot::HostTensor::zeros("masks", {count, kShapeKinds, size, size});
    std::mt19937 random(seed);
    const auto uniform = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random() % 65536) / 65536;
    };
    const auto pixels = size * size;
    for (std::int64_t n = 0; n < count; ++n) {
        float* picture = pictures.values<float>().data() + n * pixels;
        for (std::int64_t i = 0; i < pixels; ++i)
            picture[i] = static_cast<float>(uniform(0, 0.5));
        for (int shape = 0; shape < 2 * kShapeKinds; ++shape) {
            const int kind = shape % kShapeKinds;
            float* mask = masks.values<float>().data() + (n * kShapeKinds + kind) * pixels;
            const double radius = uniform(0.06, 0.16) * static_cast<double>(size);
            const double x = uniform(0, 1) * static_cast<double>(size);
            const double y = uniform(0, 1) * static_cast<double>(size);
            const auto shade = static_cast<float>(uniform(0.3, 0.5));
            for (std::int64_t i = 0; i < pixels; ++i) {
                const double dx = std::abs(static_cast<double>(i % size) - x);
                const double dy = std::abs(static_cast<double>(i / size) - y);
                const bool inside =
                    kind == 0 ? std::hypot(dx, dy) <= radius : std::max(dx, dy) <= radius;
                if (!inside || mask[i] == 1) continue;
                mask[i] = 1;
                picture[i] += shade;
            }
        }
    }
    return {std::move(pictures), std::move(masks)};
}

}  // namespace pictures
