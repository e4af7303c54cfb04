// SPDX-License-Identifier: MIT
// What the transforms share: how one is made of a function, and how its options are refused.
#pragma once

#include <ingot/augment.h>

#include "core/check.h"
#include "core/random.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot::augment {

// The numbers of a sample in an epoch. `repeat` counts the earlier times that the epoch has drawn
// the sample, so that one drawn again is another picture.
RandomStream stream_of_sample(std::uint64_t seed, std::int64_t epoch, std::uint32_t sample,
                              std::uint32_t repeat = 0);
RandomStream stream_of_batch(std::uint64_t seed, std::int64_t epoch, std::int64_t batch);

// Refuses what the transform did not say that it would make: the next one relies on it.
void apply_checked(const Transform& transform, Picture& picture, Random& random);

// `apply` is called as often as the probability says; refuses one outside 0..1, and with one below
// 1, pictures whose shape would change.
Transform with_probability(double probability, Transform transform);

// Draws a step's numbers for a picture of this shape.
using Draw = std::function<void(const Shape&, Random&, std::span<double>)>;
// Does what they say.
using Pixels = std::function<void(Picture&, std::span<const double>)>;

constexpr std::int64_t kPerChannel = -1;

// Completes a transform that is one step, of which `numbers`, `kind` and its constants are given:
// its two halves one after the other on the host, the first alone for a device.
Transform in_one_step(Transform transform, Step step, Draw draw, Pixels pixels);
// A choice that leaves the picture as it is when none of them is taken.
std::function<std::shared_ptr<const Step>(const Shape&)> planned_choice(
    std::string name, std::vector<Transform> transforms, std::function<int(Random&)> choose);

void check_probability(const char* name, double probability);
// low <= high, both finite and within the limits.
void check_range(const char* name, const char* what, const Range& range, double least, double most);
// One number becomes a square.
Size checked_square(const char* name, const Size& size);
// Which of several: weights empty, or one for each. Refuses bad ones.
std::vector<double> checked_sums(const char* name, std::size_t count,
                                 const std::vector<double>& weights);
std::size_t drawn(const std::vector<double>& sums, Random& random);

// Parts of descriptions.
std::string text_of(const Range& range);  // "0.5..1.5"
std::string text_of(const Size& size);    // "32x32"; one number: "32"
std::string text_of(Interpolation interpolation);
// "one_of(a, b)", or "one_of(0.2 a, 0.8 b)" of what each to_string() gives.
template <typename T>
std::string text_of(const char* name, const std::vector<T>& parts,
                    const std::vector<double>& weights = {}) {
    std::string text = name;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        text += i == 0 ? "(" : ", ";
        if (!weights.empty()) text += fmt::format("{} ", weights[i]);
        text += to_string(parts[i]);
    }
    return text + (parts.empty() ? "()" : ")");
}

// Where pixel i of an axis comes from: 0..size - 1, or -1 for the fill of kConstant.
std::int64_t source_index(std::int64_t i, std::int64_t size, Padding mode);

// The part [height, width] whose upper left pixel is (y, x), which must lie within.
Picture cropped(const Picture& picture, std::int64_t y, std::int64_t x, std::int64_t height,
                std::int64_t width);

// The sides of a part with this share of an area: sqrt(area * ratio) and sqrt(area / ratio),
// rounded, where share is drawn evenly and ratio by its logarithm.
struct Sides {
    std::int64_t along = 0, across = 0;
};
Sides drawn_sides(const Shape& shape, const Range& scale, const Range& ratio, Random& random);
void check_part(const char* name, const Range& scale, const Range& ratio);

}  // namespace ingot::augment
