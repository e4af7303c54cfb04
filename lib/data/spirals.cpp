// SPDX-License-Identifier: MIT
// Each class is one arm: radius t, angle 2 pi c / classes + 4 t + noise, for t from 0 to 1.
#include "core/check.h"
#include "core/random.h"

#include <ingot/data.h>

#include <cmath>
#include <numbers>

namespace ingot::data {
namespace {

constexpr double kTurn = 4.0;  // radians from the centre to the end of an arm
constexpr int kMaxClasses = 1000;
constexpr int kMaxPerClass = 10'000'000;

Dataset points(const SpiralOptions& options, std::uint64_t part) {
    RandomStream random(options.seed, stream_of(RandomPurpose::kSample, part));
    const std::int64_t size = std::int64_t{options.classes} * options.per_class;
    HostTensor inputs = HostTensor::zeros("points", {size, 2});
    HostTensor labels = HostTensor::zeros("labels", {size}, i32);
    const std::span<float> xy = inputs.values<float>();
    const std::span<std::int32_t> classes = labels.values<std::int32_t>();
    std::vector<std::string> names;
    for (int c = 0; c < options.classes; ++c)
        names.push_back("arm " + std::to_string(c));
    std::size_t row = 0;
    // Classes take turns, so that the first samples already hold all of them.
    for (int i = 0; i < options.per_class; ++i) {
        for (int c = 0; c < options.classes; ++c, ++row) {
            const double radius = (i + 0.5) / options.per_class;
            const double angle = 2.0 * std::numbers::pi * c / options.classes + kTurn * radius +
                                 options.noise * random.normal();
            xy[2 * row] = static_cast<float>(radius * std::cos(angle));
            xy[2 * row + 1] = static_cast<float>(radius * std::sin(angle));
            classes[row] = c;
        }
    }
    return Dataset(std::move(inputs), std::move(labels), std::move(names));
}

}  // namespace

TrainTest spirals(const SpiralOptions& options) {
    if (options.classes < 1 || options.classes > kMaxClasses || options.per_class < 1 ||
        options.per_class > kMaxPerClass || !(options.noise >= 0) ||
        !std::isfinite(options.noise)) {
        fail(
            ErrorKind::kInvalidArgument,
            "spirals: {} classes of {} samples with noise {}; possible are 1 to {} classes of 1 to "
            "{} samples, noise 0 or more",
            options.classes, options.per_class, options.noise, kMaxClasses, kMaxPerClass);
    }
    return {points(options, 0), points(options, 1)};
}

}  // namespace ingot::data
