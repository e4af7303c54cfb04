// SPDX-License-Identifier: MIT
// Transforms that move whole pixels or choose some: crops, sizes, flips, erasing.
#include "data/augment.h"
#include "data/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

namespace ingot::augment {
namespace {

constexpr int kDraws = 10;  // of a part, until one fits in

// Halves to the even number, as Python and torchvision do.
std::int64_t rounded(double value) {
    return static_cast<std::int64_t>(std::nearbyint(value));
}

void resize_to(Picture& picture, std::int64_t height, std::int64_t width) {
    const auto planes = static_cast<std::size_t>(picture.channels);
    if (width != picture.width) {
        picture.values =
            data::resized_axis(picture.values, planes * static_cast<std::size_t>(picture.height),
                               picture.width, 1, width);
        picture.width = width;
    }
    if (height == picture.height) return;
    picture.values = data::resized_axis(picture.values, planes, picture.height,
                                        static_cast<std::size_t>(width), height);
    picture.height = height;
}

// Of the options' and of a picture's shape.
Size resized_size(const Size& size, const Shape& shape) {
    if (size.width != 0) return size;
    const std::int64_t height = shape[1], width = shape[2];
    const auto longer = [&](std::int64_t of, std::int64_t shorter) {
        return static_cast<std::int64_t>(static_cast<double>(size.height) *
                                         static_cast<double>(of) / static_cast<double>(shorter));
    };
    return width <= height ? Size(longer(height, width), size.height)
                           : Size(size.height, longer(width, height));
}

Transform flip(const char* name, bool horizontal, double probability) {
    Transform transform{name};
    transform.description = fmt::format("{}()", name);
    const Pixels pixels = [horizontal](Picture& picture, std::span<const double>) {
        const std::int64_t rows = picture.channels * picture.height;
        const auto row = [&](std::int64_t at) {
            return picture.values.begin() + static_cast<std::ptrdiff_t>(at * picture.width);
        };
        if (horizontal) {
            for (std::int64_t y = 0; y < rows; ++y)
                std::reverse(row(y), row(y + 1));
            return;
        }
        for (std::int64_t first = 0; first < rows; first += picture.height) {
            for (std::int64_t y = 0; y < picture.height / 2; ++y) {
                std::swap_ranges(row(first + y), row(first + y + 1),
                                 row(first + picture.height - 1 - y));
            }
        }
    };
    transform = in_one_step(
        std::move(transform), {.kind = horizontal ? StepKind::kMirrorX : StepKind::kMirrorY},
        [](const Shape&, Random&, std::span<double>) {}, pixels);
    return with_probability(probability, std::move(transform));
}

// Numbers of places are whole.
std::int64_t place(double number) {
    return static_cast<std::int64_t>(number);
}

void write(std::span<double> numbers, std::initializer_list<std::int64_t> places) {
    std::transform(places.begin(), places.end(), numbers.begin(),
                   [](std::int64_t at) { return static_cast<double>(at); });
}

// The window that the numbers say, in another size.
Transform resampling(Transform transform, Draw draw, std::function<Size(const Shape&)> size_of) {
    return in_one_step(
        std::move(transform), {.kind = StepKind::kResample, .numbers = 4}, std::move(draw),
        [size_of = std::move(size_of)](Picture& picture, std::span<const double> numbers) {
            const Size to = size_of(picture.shape());
            picture = cropped(picture, place(numbers[0]), place(numbers[1]), place(numbers[2]),
                              place(numbers[3]));
            resize_to(picture, to.height, to.width);
        });
}

}  // namespace

std::int64_t source_index(std::int64_t i, std::int64_t size, Padding mode) {
    if (i >= 0 && i < size) return i;
    if (mode == Padding::kConstant) return -1;
    if (mode == Padding::kEdge) return i < 0 ? 0 : size - 1;
    // Both mirrors repeat: there and back, with or without the two ends.
    const std::int64_t ends = mode == Padding::kSymmetric ? 0 : 1;
    const std::int64_t period = std::max<std::int64_t>(1, 2 * (size - ends));
    const std::int64_t at = (i % period + period) % period;
    return at < size ? at : period - at - (1 - ends);
}

Picture cropped(const Picture& picture, std::int64_t y, std::int64_t x, std::int64_t height,
                std::int64_t width) {
    Picture part{picture.channels, height, width, {}};
    part.values.reserve(static_cast<std::size_t>(part.shape().count()));
    for (std::int64_t channel = 0; channel < picture.channels; ++channel) {
        for (std::int64_t row = y; row < y + height; ++row) {
            const float* from = picture.values.data() + picture.index(channel, row, x);
            part.values.insert(part.values.end(), from, from + width);
        }
    }
    return part;
}

Sides drawn_sides(const Shape& shape, const Range& scale, const Range& ratio, Random& random) {
    const double area = static_cast<double>(shape[1]) * static_cast<double>(shape[2]) *
                        random.uniform(scale.low, scale.high);
    const double aspect = std::exp(random.uniform(std::log(ratio.low), std::log(ratio.high)));
    return {rounded(std::sqrt(area * aspect)), rounded(std::sqrt(area / aspect))};
}

void check_part(const char* name, const Range& scale, const Range& ratio) {
    check_range(name, "scale", scale, 1e-6, 1);
    check_range(name, "ratio", ratio, 1e-3, 1e3);
}

Transform random_crop(const RandomCropOptions& options) {
    static constexpr const char* kName = "random_crop";
    const Size size = checked_square(kName, options.size);
    const std::int64_t padding = options.padding;
    if (padding < 0 || padding >= std::int64_t{1} << 20) {
        fail(ErrorKind::kInvalidArgument, "{}: padding {}, takes 0 to {}", kName, padding,
             (1 << 20) - 1);
    }
    Transform transform{kName};
    transform.description =
        fmt::format("{}(size {}, padding {}, mode {}, fill {})", kName, text_of(size), padding,
                    static_cast<int>(options.mode), options.fill);
    transform.shape = [size, padding](const Shape& shape) {
        if (size.height > shape[1] + 2 * padding || size.width > shape[2] + 2 * padding) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: {} x {} of pictures {} with padding {} on each side, {} x {}", kName,
                 size.height, size.width, to_string(shape), padding, shape[1] + 2 * padding,
                 shape[2] + 2 * padding);
        }
        return Shape{shape[0], size.height, size.width};
    };
    const Draw draw = [size, padding](const Shape& shape, Random& random,
                                      std::span<double> numbers) {
        const std::int64_t top = random.below(shape[1] + 2 * padding - size.height + 1) - padding;
        const std::int64_t left = random.below(shape[2] + 2 * padding - size.width + 1) - padding;
        write(numbers, {top, left});
    };
    const Pixels pixels = [size, mode = options.mode, fill = options.fill](
                              Picture& picture, std::span<const double> numbers) {
        const std::int64_t top = place(numbers[0]), left = place(numbers[1]);
        Picture part{picture.channels, size.height, size.width, {}};
        part.values.reserve(static_cast<std::size_t>(part.shape().count()));
        for (std::int64_t channel = 0; channel < picture.channels; ++channel) {
            for (std::int64_t y = 0; y < size.height; ++y) {
                const std::int64_t from = source_index(top + y, picture.height, mode);
                for (std::int64_t x = 0; x < size.width; ++x) {
                    const std::int64_t at = source_index(left + x, picture.width, mode);
                    part.values.push_back(from < 0 || at < 0
                                              ? fill
                                              : picture.values[picture.index(channel, from, at)]);
                }
            }
        }
        picture = std::move(part);
    };
    transform = in_one_step(
        std::move(transform),
        {.kind = StepKind::kCrop, .numbers = 2, .padding = options.mode, .fill = options.fill},
        draw, pixels);
    return with_probability(options.probability, std::move(transform));
}

Transform random_resized_crop(const RandomResizedCropOptions& options) {
    static constexpr const char* kName = "random_resized_crop";
    const Size size = checked_square(kName, options.size);
    check_part(kName, options.scale, options.ratio);
    Transform transform{kName};
    transform.description = fmt::format("{}(size {}, scale {}, ratio {})", kName, text_of(size),
                                        text_of(options.scale), text_of(options.ratio));
    transform.shape = [size](const Shape& shape) {
        return Shape{shape[0], size.height, size.width};
    };
    const Draw draw = [scale = options.scale, ratio = options.ratio](
                          const Shape& shape, Random& random, std::span<double> numbers) {
        std::int64_t height = shape[1], width = shape[2];
        for (int attempt = 0; attempt < kDraws; ++attempt) {
            const auto [along, across] = drawn_sides(shape, scale, ratio, random);
            if (along < 1 || across < 1 || along > width || across > height) continue;
            const std::int64_t top = random.below(height - across + 1);
            const std::int64_t left = random.below(width - along + 1);
            write(numbers, {top, left, across, along});
            return;
        }
        const double there = static_cast<double>(width) / static_cast<double>(height);
        if (there < ratio.low) {
            height = std::max<std::int64_t>(1, rounded(static_cast<double>(width) / ratio.low));
        } else if (there > ratio.high) {
            width = std::max<std::int64_t>(1, rounded(static_cast<double>(height) * ratio.high));
        }
        write(numbers, {(shape[1] - height) / 2, (shape[2] - width) / 2, height, width});
    };
    transform = resampling(std::move(transform), draw, [size](const Shape&) { return size; });
    return with_probability(options.probability, std::move(transform));
}

Transform resize(const ResizeOptions& options) {
    static_cast<void>(checked_square("resize", options.size));
    Transform transform{"resize"};
    transform.description = fmt::format("resize(size {})", text_of(options.size));
    transform.shape = [size = options.size](const Shape& shape) {
        const Size to = resized_size(size, shape);
        return Shape{shape[0], to.height, to.width};
    };
    const Draw draw = [](const Shape& shape, Random&, std::span<double> numbers) {
        write(numbers, {0, 0, shape[1], shape[2]});
    };
    transform = resampling(std::move(transform), draw, [size = options.size](const Shape& shape) {
        return resized_size(size, shape);
    });
    return with_probability(options.probability, std::move(transform));
}

Transform center_crop(const CenterCropOptions& options) {
    static constexpr const char* kName = "center_crop";
    const Size size = checked_square(kName, options.size);
    Transform transform{kName};
    transform.description = fmt::format("{}(size {})", kName, text_of(size));
    transform.shape = [size](const Shape& shape) {
        if (size.height > shape[1] || size.width > shape[2]) {
            fail(ErrorKind::kInvalidArgument, "{}: {} x {} of pictures {}", kName, size.height,
                 size.width, to_string(shape));
        }
        return Shape{shape[0], size.height, size.width};
    };
    const Draw draw = [size](const Shape& shape, Random&, std::span<double> numbers) {
        const auto middle = [](std::int64_t all, std::int64_t part) {
            return rounded(static_cast<double>(all - part) / 2);
        };
        write(numbers, {middle(shape[1], size.height), middle(shape[2], size.width)});
    };
    const Pixels pixels = [size](Picture& picture, std::span<const double> numbers) {
        picture = cropped(picture, place(numbers[0]), place(numbers[1]), size.height, size.width);
    };
    transform =
        in_one_step(std::move(transform), {.kind = StepKind::kCrop, .numbers = 2}, draw, pixels);
    return with_probability(options.probability, std::move(transform));
}

Transform random_horizontal_flip(const FlipOptions& options) {
    return flip("random_horizontal_flip", true, options.probability);
}

Transform random_vertical_flip(const FlipOptions& options) {
    return flip("random_vertical_flip", false, options.probability);
}

Transform random_erasing(const RandomErasingOptions& options) {
    static constexpr const char* kName = "random_erasing";
    check_part(kName, options.scale, options.ratio);
    Transform transform{kName};
    transform.description = fmt::format(
        "{}(scale {}, ratio {}, value {})", kName, text_of(options.scale), text_of(options.ratio),
        options.random_values ? "random" : fmt::format("{}", options.value));
    const Draw draw = [options](const Shape& shape, Random& random, std::span<double> numbers) {
        write(numbers, {0, 0, 0, 0});
        for (int attempt = 0; attempt < kDraws; ++attempt) {
            const auto [height, width] = drawn_sides(shape, options.scale, options.ratio, random);
            if (height >= shape[1] || width >= shape[2]) continue;
            const std::int64_t top = random.below(shape[1] - height + 1);
            const std::int64_t left = random.below(shape[2] - width + 1);
            write(numbers, {top, left, height, width});
            return;
        }
    };
    const auto erase = [](Picture& picture, std::span<const double> numbers, auto value) {
        const std::int64_t top = place(numbers[0]), left = place(numbers[1]);
        for (std::int64_t channel = 0; channel < picture.channels; ++channel) {
            for (std::int64_t y = top; y < top + place(numbers[2]); ++y) {
                for (std::int64_t x = left; x < left + place(numbers[3]); ++x)
                    picture.values[picture.index(channel, y, x)] = value();
            }
        }
    };
    if (options.random_values) {  // a number for each pixel: no plan
        transform.apply = [draw, erase](Picture& picture, Random& random) {
            std::array<double, 4> numbers{};
            draw(picture.shape(), random, numbers);
            erase(picture, numbers, [&] { return static_cast<float>(random.uniform()); });
        };
    } else {
        transform = in_one_step(
            std::move(transform), {.kind = StepKind::kErase, .numbers = 4, .fill = options.value},
            draw,
            [erase, value = options.value](Picture& picture, std::span<const double> numbers) {
                erase(picture, numbers, [value] { return value; });
            });
    }
    return with_probability(options.probability, std::move(transform));
}

}  // namespace ingot::augment
