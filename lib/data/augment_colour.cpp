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

// factor * picture + (1 - factor) * other, which is the mean of the grey, the grey or black.
void blend(Picture& picture, std::span<const double> numbers) {
    const double factor = numbers[0];
    if (factor == 1) return;
    const std::size_t plane = plane_of(picture);
    double mean = 0;
    for (std::size_t pixel = 0; pixel < plane && numbers[1] != 0; ++pixel)
        mean += grey_of(picture, pixel);
    mean = numbers[1] * (mean / static_cast<double>(plane));
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
        const double other = numbers[2] != 0 ? numbers[2] * grey_of(picture, pixel) : mean;
        const double rest = (1 - factor) * other;
        for (std::size_t i = pixel; i < picture.values.size(); i += plane)
            picture.values[i] = clamped(factor * picture.values[i] + rest);
    }
}

// Where there are no colours the plan is empty: it draws, and no number travels.
Transform of_colours(Transform transform) {
    transform.plan = [plan = transform.plan](const Shape& shape) {
        auto step = plan(shape);
        if (shape[0] != 1) return step;
        Step none{.name = step->name, .from = shape, .to = shape};
        none.draw = [step](Random& random, std::span<double>) {
            std::vector<double> unused(static_cast<std::size_t>(step->numbers));
            step->draw(random, unused);
        };
        return std::make_shared<const Step>(std::move(none));
    };
    return transform;
}

Transform blending(const char* name, const FactorOptions& options, double mean, double grey) {
    check_range(name, "factor", options.factor, 0, 1e6);
    Transform transform{name};
    if (mean + grey > 0) transform.shape = colours(name);
    transform.description = fmt::format("{}(factor {})", name, text_of(options.factor));
    const Draw draw = [range = options.factor, mean, grey](const Shape& shape, Random& random,
                                                           std::span<double> numbers) {
        const bool is_grey = grey > 0 && shape[0] == 1;
        numbers[0] = is_grey ? 1 : random.uniform(range.low, range.high);
        numbers[1] = mean;
        numbers[2] = grey;
    };
    transform = in_one_step(
        std::move(transform),
        {.kind = StepKind::kBlend, .numbers = 3, .of_mean = mean > 0, .of_grey = grey > 0}, draw,
        blend);
    if (grey > 0) transform = of_colours(std::move(transform));
    return with_probability(options.probability, std::move(transform));
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

void convolve(Picture& picture, std::span<const double> kernel, bool along_rows) {
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

// For a device, which has no order to choose: at each of four places a blend, of whichever kind,
// and a turn of the hue, all but one of which change nothing.
template <typename DrawnOrder>
std::shared_ptr<const Step> jitter_plan(const std::vector<Transform>& parts, DrawnOrder drawn_order,
                                        bool turns, const Shape& shape) {
    turns = turns && shape[0] != 1;
    constexpr std::size_t kHuePart = 3, kBlendNumbers = 3;
    std::vector<std::shared_ptr<const Step>> plans;
    for (const Transform& part : parts)
        plans.push_back(part.plan(shape));
    Step any_blend = *plans[0];
    any_blend.of_mean = any_blend.of_grey = true;
    const auto blend_plan = std::make_shared<const Step>(std::move(any_blend));
    Step step{.kind = StepKind::kSequence, .name = "color_jitter", .from = shape, .to = shape};
    for (std::size_t place = 0; place < plans.size(); ++place) {
        step.parts.push_back(blend_plan);
        if (turns) step.parts.push_back(plans[kHuePart]);
    }
    for (const auto& part : step.parts)
        step.numbers += part->numbers;
    step.draw = [plans, drawn_order, turns](Random& random, std::span<double> numbers) {
        for (const std::size_t part : drawn_order(random)) {
            std::array<double, kBlendNumbers + 1> here{1, 0, 0, 0};  // no change
            const auto all = std::span<double>(here);
            plans[part]->draw(random, part == kHuePart ? all.last(1) : all.first(kBlendNumbers));
            const std::size_t count = kBlendNumbers + (turns ? 1 : 0);
            std::copy_n(here.begin(), count, numbers.begin());
            numbers = numbers.subspan(count);
        }
    };
    return std::make_shared<const Step>(std::move(step));
}

}  // namespace

Transform brightness(const FactorOptions& options) {
    return blending("brightness", options, 0, 0);
}

Transform contrast(const FactorOptions& options) {
    return blending("contrast", options, 1, 0);
}

Transform saturation(const FactorOptions& options) {
    return blending("saturation", options, 0, 1);
}

Transform hue(const HueOptions& options) {
    check_range("hue", "shift", options.shift, -0.5, 0.5);
    Transform transform{"hue", colours("hue")};
    transform.description = fmt::format("hue(shift {})", text_of(options.shift));
    const Draw draw = [range = options.shift](const Shape& shape, Random& random,
                                              std::span<double> numbers) {
        const double shift = random.uniform(range.low, range.high);
        numbers[0] = shape[0] == 1 ? 0 : shift;
    };
    const Pixels turn = [](Picture& picture, std::span<const double> numbers) {
        const double shift = numbers[0];
        if (shift == 0) return;
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
    transform =
        in_one_step(std::move(transform), {.kind = StepKind::kHue, .numbers = 1}, draw, turn);
    transform = of_colours(std::move(transform));
    return with_probability(options.probability, std::move(transform));
}

Transform color_jitter(const ColorJitterOptions& options) {
    const std::vector<Transform> parts{
        brightness({.factor = options.brightness}), contrast({.factor = options.contrast}),
        saturation({.factor = options.saturation}), hue({.shift = options.hue})};
    Transform transform{"color_jitter", colours("color_jitter")};
    transform.description = text_of("color_jitter", parts);
    const auto drawn_order = [](Random& random) {
        std::array<std::size_t, 4> order{0, 1, 2, 3};
        for (std::size_t left = order.size(); left > 1; --left)
            std::swap(
                order[left - 1],
                order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(left)))]);
        return order;
    };
    const bool turns = options.hue.low != 0 || options.hue.high != 0;
    transform.plan = [parts, drawn_order, turns](const Shape& shape) {
        return jitter_plan(parts, drawn_order, turns, shape);
    };
    transform.apply = [parts, drawn_order](Picture& picture, Random& random) {
        for (const std::size_t part : drawn_order(random))
            parts[part].apply(picture, random);
    };
    return with_probability(options.probability, std::move(transform));
}

Transform rgb_shift(const RgbShiftOptions& options) {
    check_range("rgb_shift", "shift", options.shift, -1, 1);
    Transform transform{"rgb_shift"};
    transform.description = fmt::format("rgb_shift(shift {})", text_of(options.shift));
    const Draw draw = [range = options.shift](const Shape&, Random& random,
                                              std::span<double> numbers) {
        for (double& shift : numbers)
            shift = random.uniform(range.low, range.high);
    };
    const Pixels pixels = [](Picture& picture, std::span<const double> numbers) {
        const std::size_t plane = plane_of(picture);
        for (std::size_t i = 0; i < picture.values.size(); ++i)
            picture.values[i] = clamped(picture.values[i] + numbers[i / plane]);
    };
    transform = in_one_step(std::move(transform),
                            {.kind = StepKind::kShift, .numbers = kPerChannel}, draw, pixels);
    return with_probability(options.probability, std::move(transform));
}

Transform random_grayscale(const RandomGrayscaleOptions& options) {
    Transform transform{"random_grayscale", colours("random_grayscale")};
    transform.description = "random_grayscale()";
    const Pixels pixels = [](Picture& picture, std::span<const double>) {
        const std::size_t plane = plane_of(picture);
        for (std::size_t pixel = 0; pixel < plane; ++pixel) {
            const auto grey = static_cast<float>(grey_of(picture, pixel));
            for (std::size_t i = pixel; i < picture.values.size(); i += plane)
                picture.values[i] = grey;
        }
    };
    transform = in_one_step(
        std::move(transform), {.kind = StepKind::kGrayscale},
        [](const Shape&, Random&, std::span<double>) {}, pixels);
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
    const Draw draw = [range = options.sigma](const Shape&, Random& random,
                                              std::span<double> kernel) {
        const double sigma = random.uniform(range.low, range.high);
        double sum = 0;
        for (std::size_t i = 0; i < kernel.size(); ++i) {
            const double away =
                (static_cast<double>(i) - static_cast<double>(kernel.size() / 2)) / sigma;
            sum += kernel[i] = std::exp(-0.5 * away * away);
        }
        for (double& weight : kernel)
            weight /= sum;
    };
    const Pixels pixels = [](Picture& picture, std::span<const double> kernel) {
        convolve(picture, kernel, true);
        convolve(picture, kernel, false);
    };
    transform =
        in_one_step(std::move(transform), {.kind = StepKind::kBlur, .numbers = size}, draw, pixels);
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
