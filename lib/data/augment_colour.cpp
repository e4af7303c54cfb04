// SPDX-License-Identifier: MIT
// Transforms of each pixel's colour, and the two that look at neighbours or add noise. Sums are in
// double.
#include "data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace ingot::augment {
namespace {

float clamped(double value) {
    return static_cast<float>(std::clamp(value, 0.0, 1.0));
}

std::size_t plane_of(const Picture& picture) {
    return static_cast<std::size_t>(picture.height * picture.width);
}

double grey_of(const Picture& picture, std::size_t pixel) {
    if (picture.channels == 1) return picture.values[pixel];
    const std::size_t plane = plane_of(picture);
    return 0.2989 * picture.values[pixel] + 0.587 * picture.values[pixel + plane] +
           0.114 * picture.values[pixel + 2 * plane];
}

std::function<Shape(const Shape&)> colours(const char* name) {
    return [name](const Shape& shape) {
        if (shape[0] != 1 && shape[0] != 3) {
            fail(ErrorKind::kInvalidArgument, "{}: pictures {} have {} channels, not 1 or 3", name,
                 to_string(shape), shape[0]);
        }
        return shape;
    };
}

// factor * picture + (1 - factor) * other, where `other` makes a function of a pixel from a
// picture.
template <typename Other>
Transform blend(const char* name, const FactorOptions& options, Other other) {
    check_range(name, "factor", options.factor, 0, 1e6);
    Transform transform{name};
    transform.description = fmt::format("{}(factor {})", name, text_of(options.factor));
    transform.apply = [range = options.factor, other](Picture& picture, Random& random) {
        const double factor = random.uniform(range.low, range.high);
        if (factor == 1) return;
        const std::size_t plane = plane_of(picture);
        const auto of_pixel = other(picture);
        for (std::size_t pixel = 0; pixel < plane; ++pixel) {
            const double rest = (1 - factor) * of_pixel(pixel);
            for (std::size_t i = pixel; i < picture.values.size(); i += plane)
                picture.values[i] = clamped(factor * picture.values[i] + rest);
        }
    };
    return transform;
}

struct Hsv {
    double hue, saturation, value;
};

Hsv to_hsv(double red, double green, double blue) {
    const double most = std::max({red, green, blue});
    const double spread = most - std::min({red, green, blue});
    if (spread == 0) return {0, 0, most};
    const double sixth = most == red     ? (green - blue) / spread
                         : most == green ? 2 + (blue - red) / spread
                                         : 4 + (red - green) / spread;
    return {sixth / 6, spread / most, most};
}

std::array<double, 3> to_rgb(const Hsv& hsv) {
    const double turn = hsv.hue - std::floor(hsv.hue);
    const double sixth = std::floor(turn * 6);
    const double share = turn * 6 - sixth;
    const double v = hsv.value;
    const double p = v * (1 - hsv.saturation);
    const double q = v * (1 - hsv.saturation * share);
    const double t = v * (1 - hsv.saturation * (1 - share));
    switch (sixth < 6 ? static_cast<int>(sixth) : 0) {  // not of a NaN
        case 1: return {q, v, p};
        case 2: return {p, v, t};
        case 3: return {p, q, v};
        case 4: return {t, p, v};
        case 5: return {v, p, q};
        default: return {v, t, p};
    }
}

void convolve(Picture& picture, const std::vector<double>& kernel, bool along_rows) {
    const Picture from = picture;
    const std::int64_t half = std::ssize(kernel) / 2;
    for (std::int64_t channel = 0; channel < picture.channels; ++channel) {
        for (std::int64_t y = 0; y < picture.height; ++y) {
            for (std::int64_t x = 0; x < picture.width; ++x) {
                double sum = 0;
                for (std::int64_t k = -half; k <= half; ++k) {
                    const std::int64_t row =
                        along_rows ? y : source_index(y + k, from.height, Padding::kReflect);
                    const std::int64_t column =
                        along_rows ? source_index(x + k, from.width, Padding::kReflect) : x;
                    sum += kernel[static_cast<std::size_t>(k + half)] *
                           from.values[from.index(channel, row, column)];
                }
                picture.values[picture.index(channel, y, x)] = static_cast<float>(sum);
            }
        }
    }
}

}  // namespace

Transform brightness(const FactorOptions& options) {
    return with_probability(options.probability, blend("brightness", options, [](const Picture&) {
                                return [](std::size_t) { return 0.0; };
                            }));
}

Transform contrast(const FactorOptions& options) {
    Transform transform = blend("contrast", options, [](const Picture& picture) {
        double sum = 0;
        for (std::size_t pixel = 0; pixel < plane_of(picture); ++pixel)
            sum += grey_of(picture, pixel);
        return [mean = sum / static_cast<double>(plane_of(picture))](std::size_t) { return mean; };
    });
    transform.shape = colours("contrast");
    return with_probability(options.probability, std::move(transform));
}

Transform saturation(const FactorOptions& options) {
    Transform transform = blend("saturation", options, [](const Picture& picture) {
        return [&picture](std::size_t pixel) { return grey_of(picture, pixel); };
    });
    transform.shape = colours("saturation");
    transform.apply = [of_colours = std::move(transform.apply)](Picture& picture, Random& random) {
        if (picture.channels == 3) of_colours(picture, random);
    };
    return with_probability(options.probability, std::move(transform));
}

Transform hue(const HueOptions& options) {
    check_range("hue", "shift", options.shift, -0.5, 0.5);
    Transform transform{"hue", colours("hue")};
    transform.description = fmt::format("hue(shift {})", text_of(options.shift));
    transform.apply = [range = options.shift](Picture& picture, Random& random) {
        const double shift = random.uniform(range.low, range.high);
        if (shift == 0 || picture.channels == 1) return;
        const std::size_t plane = plane_of(picture);
        float* const red = picture.values.data();
        float* const green = red + plane;
        float* const blue = green + plane;
        for (std::size_t i = 0; i < plane; ++i) {
            Hsv hsv = to_hsv(red[i], green[i], blue[i]);
            hsv.hue += shift;
            const std::array<double, 3> rgb = to_rgb(hsv);
            red[i] = clamped(rgb[0]), green[i] = clamped(rgb[1]), blue[i] = clamped(rgb[2]);
        }
    };
    return with_probability(options.probability, std::move(transform));
}

Transform color_jitter(const ColorJitterOptions& options) {
    const std::vector<Transform> parts{
        brightness({.factor = options.brightness}), contrast({.factor = options.contrast}),
        saturation({.factor = options.saturation}), hue({.shift = options.hue})};
    Transform transform{"color_jitter", colours("color_jitter")};
    transform.description = text_of("color_jitter", parts);
    transform.apply = [parts](Picture& picture, Random& random) {
        std::array<std::size_t, 4> order{0, 1, 2, 3};
        for (std::size_t left = order.size(); left > 1; --left)
            std::swap(
                order[left - 1],
                order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(left)))]);
        for (const std::size_t part : order)
            parts[part].apply(picture, random);
    };
    return with_probability(options.probability, std::move(transform));
}

Transform rgb_shift(const RgbShiftOptions& options) {
    check_range("rgb_shift", "shift", options.shift, -1, 1);
    Transform transform{"rgb_shift"};
    transform.description = fmt::format("rgb_shift(shift {})", text_of(options.shift));
    transform.apply = [range = options.shift](Picture& picture, Random& random) {
        const std::size_t plane = plane_of(picture);
        double shift = 0;
        for (std::size_t i = 0; i < picture.values.size(); ++i) {
            if (i % plane == 0) shift = random.uniform(range.low, range.high);
            picture.values[i] = clamped(picture.values[i] + shift);
        }
    };
    return with_probability(options.probability, std::move(transform));
}

Transform random_grayscale(const RandomGrayscaleOptions& options) {
    Transform transform{"random_grayscale", colours("random_grayscale")};
    transform.description = "random_grayscale()";
    transform.apply = [](Picture& picture, Random&) {
        const std::size_t plane = plane_of(picture);
        for (std::size_t pixel = 0; pixel < plane; ++pixel) {
            const auto grey = static_cast<float>(grey_of(picture, pixel));
            for (std::size_t i = pixel; i < picture.values.size(); i += plane)
                picture.values[i] = grey;
        }
    };
    return with_probability(options.probability, std::move(transform));
}

Transform gaussian_blur(const GaussianBlurOptions& options) {
    static constexpr const char* kName = "gaussian_blur";
    const std::int64_t size = options.kernel_size;
    if (size < 1 || size % 2 == 0 || size > 1001) {
        fail(ErrorKind::kInvalidArgument, "{}: kernel size {}, takes an odd one of 1 to 1001",
             kName, size);
    }
    check_range(kName, "sigma", options.sigma, 1e-3, 1e6);
    Transform transform{kName};
    transform.description =
        fmt::format("{}(kernel_size {}, sigma {})", kName, size, text_of(options.sigma));
    transform.apply = [size, range = options.sigma](Picture& picture, Random& random) {
        const double sigma = random.uniform(range.low, range.high);
        std::vector<double> kernel;
        double sum = 0;
        for (std::int64_t i = 0; i < size; ++i) {
            const double away = static_cast<double>(i - size / 2) / sigma;
            kernel.push_back(std::exp(-0.5 * away * away));
            sum += kernel.back();
        }
        for (double& weight : kernel)
            weight /= sum;
        convolve(picture, kernel, true);
        convolve(picture, kernel, false);
    };
    return with_probability(options.probability, std::move(transform));
}

Transform gaussian_noise(const GaussianNoiseOptions& options) {
    check_range("gaussian_noise", "mean", {options.mean, options.mean}, -1e6, 1e6);
    check_range("gaussian_noise", "sigma", {options.sigma, options.sigma}, 0, 1e6);
    Transform transform{"gaussian_noise"};
    transform.description = fmt::format("gaussian_noise(mean {}, sigma {}, clip {})", options.mean,
                                        options.sigma, options.clip);
    transform.apply = [options](Picture& picture, Random& random) {
        for (float& value : picture.values) {
            const double noisy = value + options.mean + options.sigma * random.normal();
            value = options.clip ? clamped(noisy) : static_cast<float>(noisy);
        }
    };
    return with_probability(options.probability, std::move(transform));
}

}  // namespace ingot::augment
