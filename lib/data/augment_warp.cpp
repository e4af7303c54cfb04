// SPDX-License-Identifier: MIT
// Rotation and affine maps: each pixel of the result is looked up where the inverse map takes its
// centre, coordinates being counted from the middle of the picture. In double, and with exact
// sines of quarter turns, so that those only move pixels.
#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ingot::augment {
namespace {

double sine(double degrees) {
    const double turned = std::fmod(std::fmod(degrees, 360.0) + 360.0, 360.0);
    if (turned == 0 || turned == 180) return 0;
    if (turned == 90) return 1;
    if (turned == 270) return -1;
    return std::sin(turned * std::numbers::pi / 180.0);
}

double cosine(double degrees) {
    return sine(degrees + 90.0);
}

// Of the result's coordinates to the picture's, as StepKind::kWarp has it.
struct Map {
    double x_of_x = 1, x_of_y = 0, x_shift = 0;
    double y_of_x = 0, y_of_y = 1, y_shift = 0;

    void write_to(std::span<double> numbers) const {
        const double all[]{x_of_x, x_of_y, x_shift, y_of_x, y_of_y, y_shift};
        std::copy(std::begin(all), std::end(all), numbers.begin());
    }
};

// torchvision's order: shear, then turn clockwise, then scale, then translate; the determinant of
// turn and shear is 1, so the inverse needs no division but by the scale.
Map inverse(double degrees, double translate_x, double translate_y, double scale, double shear_x,
            double shear_y) {
    const double slope = sine(shear_x) / cosine(shear_x);
    const double a = cosine(degrees - shear_y) / cosine(shear_y);
    const double b = -a * slope - sine(degrees);
    const double c = sine(degrees - shear_y) / cosine(shear_y);
    const double d = -c * slope + cosine(degrees);
    Map map{d / scale, -b / scale, 0, -c / scale, a / scale, 0};
    map.x_shift = -map.x_of_x * translate_x - map.x_of_y * translate_y;
    map.y_shift = -map.y_of_x * translate_x - map.y_of_y * translate_y;
    return map;
}

void warp(Picture& picture, std::span<const double> n, Interpolation interpolation, float fill) {
    const Map map{n[0], n[1], n[2], n[3], n[4], n[5]};
    const Picture from = picture;
    const double middle_x = static_cast<double>(picture.width) / 2;
    const double middle_y = static_cast<double>(picture.height) / 2;
    const auto at = [&](std::int64_t channel, double y, double x) -> double {
        // Compared as numbers: far outside, they would not fit an integer.
        if (!(y >= 0 && x >= 0 && y < static_cast<double>(from.height) &&
              x < static_cast<double>(from.width))) {
            return fill;
        }
        return from.values[from.index(channel, static_cast<std::int64_t>(y),
                                      static_cast<std::int64_t>(x))];
    };
    const auto mixed = [](double first, double second, double share) {
        return share == 0 ? first : first + (second - first) * share;
    };
    for (std::int64_t row = 0; row < picture.height; ++row) {
        const double y = static_cast<double>(row) + 0.5 - middle_y;
        for (std::int64_t column = 0; column < picture.width; ++column) {
            const double x = static_cast<double>(column) + 0.5 - middle_x;
            const double from_x = map.x_of_x * x + map.x_of_y * y + map.x_shift + middle_x - 0.5;
            const double from_y = map.y_of_x * x + map.y_of_y * y + map.y_shift + middle_y - 0.5;
            const double left = std::floor(from_x), top = std::floor(from_y);
            for (std::int64_t channel = 0; channel < picture.channels; ++channel) {
                double value = 0;
                if (interpolation == Interpolation::kNearest) {
                    value = at(channel, std::nearbyint(from_y), std::nearbyint(from_x));
                } else {
                    const double share = from_x - left;
                    value = mixed(
                        mixed(at(channel, top, left), at(channel, top, left + 1), share),
                        mixed(at(channel, top + 1, left), at(channel, top + 1, left + 1), share),
                        from_y - top);
                }
                picture.values[picture.index(channel, row, column)] = static_cast<float>(value);
            }
        }
    }
}

Transform warping(Transform transform, Interpolation interpolation, float fill, Draw draw) {
    return in_one_step(
        std::move(transform),
        {.kind = StepKind::kWarp, .numbers = 6, .interpolation = interpolation, .fill = fill},
        std::move(draw), [interpolation, fill](Picture& picture, std::span<const double> numbers) {
            warp(picture, numbers, interpolation, fill);
        });
}

}  // namespace

Transform random_rotation(const RandomRotationOptions& options) {
    check_range("random_rotation", "degrees", options.degrees, -1e6, 1e6);
    Transform transform{"random_rotation"};
    transform.description =
        fmt::format("random_rotation(degrees {}, {}, fill {})", text_of(options.degrees),
                    text_of(options.interpolation), options.fill);
    transform =
        warping(std::move(transform), options.interpolation, options.fill,
                [range = options.degrees](const Shape&, Random& random, std::span<double> numbers) {
                    const double degrees = random.uniform(range.low, range.high);
                    inverse(-degrees, 0, 0, 1, 0, 0).write_to(numbers);
                });
    return with_probability(options.probability, std::move(transform));
}

Transform random_affine(const RandomAffineOptions& options) {
    static constexpr const char* kName = "random_affine";
    check_range(kName, "degrees", options.degrees, -1e6, 1e6);
    check_range(kName, "scale", options.scale, 1e-3, 1e3);
    check_range(kName, "shear_x", options.shear_x, -89, 89);
    check_range(kName, "shear_y", options.shear_y, -89, 89);
    for (const double share : {options.translate_x, options.translate_y}) {
        if (!(share >= 0 && share <= 1)) {
            fail(ErrorKind::kInvalidArgument, "{}: translation by {} is outside 0 to 1", kName,
                 share);
        }
    }
    Transform transform{kName};
    transform.description =
        fmt::format("{}(degrees {}, translate {} {}, scale {}, shear {} {}, {}, fill {})", kName,
                    text_of(options.degrees), options.translate_x, options.translate_y,
                    text_of(options.scale), text_of(options.shear_x), text_of(options.shear_y),
                    text_of(options.interpolation), options.fill);
    const Draw draw = [options](const Shape& shape, Random& random, std::span<double> numbers) {
        const auto moved = [&](double share, std::int64_t size) {
            const double most = share * static_cast<double>(size);
            return std::nearbyint(random.uniform(-most, most));
        };
        const double degrees = random.uniform(options.degrees.low, options.degrees.high);
        const double translate_x = moved(options.translate_x, shape[2]);
        const double translate_y = moved(options.translate_y, shape[1]);
        const double scale = random.uniform(options.scale.low, options.scale.high);
        const double shear_x = random.uniform(options.shear_x.low, options.shear_x.high);
        const double shear_y = random.uniform(options.shear_y.low, options.shear_y.high);
        inverse(degrees, translate_x, translate_y, scale, shear_x, shear_y).write_to(numbers);
    };
    transform = warping(std::move(transform), options.interpolation, options.fill, draw);
    return with_probability(options.probability, std::move(transform));
}

}  // namespace ingot::augment
