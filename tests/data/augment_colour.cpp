// SPDX-License-Identifier: MIT
// Colours, blur and noise, against the formulas written afresh; and which options are refused.
#include "pictures.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

using namespace ingot;
using namespace ingot::testing;
using augment::Picture;

namespace {

// In 64 bits, [pixel][channel].
using Pixels = std::vector<std::vector<double>>;

Pixels pixels_of(const Picture& picture) {
    const auto plane = static_cast<std::size_t>(picture.height * picture.width);
    Pixels pixels(plane);
    for (std::size_t i = 0; i < picture.values.size(); ++i)
        pixels[i % plane].push_back(picture.values[i]);
    return pixels;
}

void check_close(const Picture& picture, const Pixels& expected) {
    const Pixels pixels = pixels_of(picture);
    REQUIRE(pixels.size() == expected.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        REQUIRE(pixels[i].size() == expected[i].size());
        for (std::size_t c = 0; c < pixels[i].size(); ++c)
            REQUIRE(std::abs(pixels[i][c] - expected[i][c]) < 1e-6);
    }
}

double grey(const std::vector<double>& pixel) {
    if (pixel.size() == 1) return pixel[0];
    return 0.2989 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

double clamp(double value) {
    return std::min(1.0, std::max(0.0, value));
}

// The picture's pixels, each through `change`.
template <typename Change>
Pixels changed(const Picture& picture, Change change) {
    Pixels pixels = pixels_of(picture);
    for (auto& pixel : pixels)
        pixel = change(pixel);
    return pixels;
}

std::vector<double> blended(std::vector<double> pixel, double other, double factor) {
    for (double& value : pixel)
        value = clamp(other + (value - other) * factor);
    return pixel;
}

// Back from HSV by a formula without cases: channel n of v - v s max(0, min(k, 4 - k, 1)), where
// k = (n + 6 hue) mod 6 and n = 5, 3, 1.
std::vector<double> turned(const std::vector<double>& rgb, double turn) {
    const double most = *std::max_element(rgb.begin(), rgb.end());
    const double least = *std::min_element(rgb.begin(), rgb.end());
    if (rgb.size() == 1 || most == least) return rgb;
    // The angle in the plane of colours, piecewise: where the largest lies and what leads it.
    const auto at =
        static_cast<std::size_t>(std::max_element(rgb.begin(), rgb.end()) - rgb.begin());
    const double lead = (rgb[(at + 1) % 3] - rgb[(at + 2) % 3]) / (most - least);
    const double hue = 2.0 * static_cast<double>(at) + lead + 6.0 * turn;
    std::vector<double> result;
    for (const double n : {5.0, 3.0, 1.0}) {
        const double k = std::fmod(n + hue + 12.0, 6.0);
        result.push_back(most - (most - least) * std::max(0.0, std::min({k, 4.0 - k, 1.0})));
    }
    return result;
}

}  // namespace

TEST_CASE("augment: brightness, contrast and saturation blend with black, mean and grey") {
    for (const auto& [channels, height, width] : extents()) {
        const Picture picture = pattern(channels, height, width);
        double mean = 0;
        for (const auto& pixel : pixels_of(picture))
            mean += grey(pixel) / static_cast<double>(height * width);
        for (const double factor : {0.0, 0.3, 1.0, 1.7}) {
            CAPTURE(factor);
            const augment::FactorOptions options{.factor = {factor, factor}};
            check_close(made(augment::brightness(options), picture),
                        changed(picture, [&](auto pixel) { return blended(pixel, 0, factor); }));
            check_close(made(augment::contrast(options), picture),
                        changed(picture, [&](auto pixel) { return blended(pixel, mean, factor); }));
            check_close(made(augment::saturation(options), picture),
                        changed(picture, [&](auto pixel) {
                            return pixel.size() == 1 ? pixel : blended(pixel, grey(pixel), factor);
                        }));
        }
        for (const auto& nothing :
             {augment::brightness({}), augment::contrast({}), augment::saturation({}),
              augment::hue({}), augment::rgb_shift({.shift = {0, 0}, .probability = 1})}) {
            CHECK(made(nothing, picture) == picture);
        }
    }
    // Factors are drawn evenly.
    double sum = 0, squares = 0;
    const auto brighter = augment::brightness({.factor = {0.5, 1.5}});
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const double factor = made(brighter, constant(2, 1, 1, 0.5F), seed).values[0] / 0.5;
        CHECK(factor >= 0.5);
        CHECK(factor <= 1.5);
        sum += factor / 4000, squares += (factor - 1) * (factor - 1) / 4000;
    }
    CHECK(std::abs(sum - 1) < 0.023);           // five deviations of 0.2887 / sqrt(4000)
    CHECK(std::abs(squares * 12 - 1) < 0.075);  // of sqrt(0.8 / 4000)
}

TEST_CASE("augment: hue turns the circle of colours") {
    for (const auto& [channels, height, width] : extents()) {
        const Picture picture = pattern(channels, height, width);
        for (const double turn : {-0.5, -0.21, 0.001, 1.0 / 3, 0.5}) {
            CAPTURE(turn);
            check_close(made(augment::hue({.shift = {turn, turn}}), picture),
                        changed(picture, [&](auto pixel) { return turned(pixel, turn); }));
        }
    }
    const Picture red{3, 1, 1, {1, 0, 0}};
    const Picture green = made(augment::hue({.shift = {1.0 / 3, 1.0 / 3}}), red);
    check_close(green, {{0, 1, 0}});
    CHECK(made(augment::hue({.shift = {0.2, 0.2}}), constant(3, 2, 2, 0.4F)) ==
          constant(3, 2, 2, 0.4F));
    // What is no number must not become an index.
    const float nan = std::nanf("");
    const Picture none =
        made(augment::hue({.shift = {0.2, 0.2}}), {3, 1, 2, {nan, 1, nan, nan, 0, 0}});
    CHECK(none.shape() == Shape{3, 1, 2});
    const auto half = augment::hue({.shift = {0.5, 0.5}});
    check_close(made(half, made(half, pattern(3, 7, 5))), pixels_of(pattern(3, 7, 5)));
}

TEST_CASE("augment: colour jitter takes its four parts in every order") {
    const Picture picture = pattern(3, 5, 4);
    const std::vector<augment::Transform> parts{
        augment::brightness({.factor = {1.3, 1.3}}), augment::contrast({.factor = {0.6, 0.6}}),
        augment::saturation({.factor = {1.8, 1.8}}), augment::hue({.shift = {0.1, 0.1}})};
    std::vector<Picture> expected;
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    do {
        expected.push_back(augment::applied(
            augment::compose({parts[order[0]], parts[order[1]], parts[order[2]], parts[order[3]]}),
            picture));
    } while (std::next_permutation(order.begin(), order.end()));

    const auto jitter = augment::color_jitter({.brightness = {1.3, 1.3},
                                               .contrast = {0.6, 0.6},
                                               .saturation = {1.8, 1.8},
                                               .hue = {0.1, 0.1}});
    std::vector<int> times(expected.size());
    for (std::int64_t sample = 0; sample < 2400; ++sample) {
        const Picture result = augment::applied(jitter, picture, 1, 0, sample);
        const auto found = std::find(expected.begin(), expected.end(), result);
        REQUIRE(found != expected.end());
        ++times[static_cast<std::size_t>(found - expected.begin())];
    }
    // Orders that give the same bits are counted together, at the first of them. 100 +- 10 each.
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto same = std::count(expected.begin(), expected.end(), expected[i]);
        const bool is_first = std::find(expected.begin(), expected.end(), expected[i]) ==
                              expected.begin() + static_cast<std::ptrdiff_t>(i);
        if (is_first) CHECK(std::abs(times[i] - 100 * same) < 50 * std::sqrt(same));
    }
    CHECK(expected.front() != expected.back());
    CHECK(augment::applied(augment::color_jitter({}), picture) == picture);
    CHECK(to_string(jitter) ==
          "color_jitter(brightness(factor 1.3..1.3), contrast(factor 0.6..0.6), saturation(factor "
          "1.8..1.8), hue(shift 0.1..0.1))");
    CHECK_THROWS_AS(augment::color_jitter({.brightness = {-1, 1}}), Error);
    CHECK_THROWS_AS(augment::color_jitter({.hue = {0, 0.6}}), Error);
    CHECK_THROWS_AS(augment::shape_after(jitter, {2, 4, 4}), Error);
}

TEST_CASE("augment: a shift for each channel, and grey") {
    std::set<float> shifts;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const Picture shifted =
            made(augment::rgb_shift({.probability = 1}), constant(3, 3, 5, 0.5F), seed);
        for (std::size_t i = 0; i < 45; ++i) {
            REQUIRE(shifted.values[i] == shifted.values[i / 15 * 15]);
            REQUIRE(std::abs(shifted.values[i] - 0.5F) < 20.5 / 255);
            shifts.insert(shifted.values[i]);
        }
    }
    CHECK(shifts.size() > 590);
    CHECK(*shifts.begin() < 0.5F - 19.0F / 255);
    CHECK(*shifts.rbegin() > 0.5F + 19.0F / 255);
    CHECK(made(augment::rgb_shift({.shift = {0.5, 0.5}, .probability = 1}),
               constant(3, 1, 1, 0.75F)) == constant(3, 1, 1, 1));

    const auto always = augment::random_grayscale({.probability = 1});
    for (const auto& [channels, height, width] : extents()) {
        const Picture picture = pattern(channels, height, width);
        check_close(made(always, picture), changed(picture, [](auto pixel) {
                        return std::vector<double>(pixel.size(), grey(pixel));
                    }));
    }
    int count = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed)
        count += made(augment::random_grayscale(), pattern(3, 1, 1), seed) != pattern(3, 1, 1);
    CHECK(std::abs(count - 400) < 95);  // five deviations of sqrt(4000 * 0.1 * 0.9)
}

TEST_CASE("augment: blur is a convolution with a Gauss kernel, mirrored at the border") {
    // There and back between the first and the last pixel, one step at a time.
    const auto mirrored = [](std::int64_t i, std::int64_t size) {
        if (size == 1) return std::int64_t{0};
        while (i < 0 || i >= size)
            i = i < 0 ? -i : 2 * (size - 1) - i;
        return i;
    };
    for (const auto& [channels, height, width] : extents()) {
        for (const std::int64_t size : {1, 3, 7}) {
            CAPTURE(height);
            CAPTURE(width);
            CAPTURE(size);
            const double sigma = 1.1;
            const Picture picture = pattern(channels, height, width);
            const Picture blurred = made(
                augment::gaussian_blur({.kernel_size = size, .sigma = {sigma, sigma}}), picture);
            const std::int64_t half = size / 2;
            for (std::int64_t c = 0; c < channels; ++c) {
                for (std::int64_t y = 0; y < height; ++y) {
                    for (std::int64_t x = 0; x < width; ++x) {
                        double sum = 0, weights = 0;
                        for (std::int64_t j = -half; j <= half; ++j) {
                            for (std::int64_t i = -half; i <= half; ++i) {
                                const double weight = std::exp(-static_cast<double>(i * i + j * j) /
                                                               (2 * sigma * sigma));
                                weights += weight;
                                sum += weight *
                                       picture.values[picture.index(c, mirrored(y + j, height),
                                                                    mirrored(x + i, width))];
                            }
                        }
                        REQUIRE(std::abs(blurred.values[picture.index(c, y, x)] - sum / weights) <
                                1e-6);
                    }
                }
            }
        }
    }
}

TEST_CASE("augment: noise has the mean and deviation that it is given") {
    const Picture noisy = made(augment::gaussian_noise({.mean = 0.25, .sigma = 2, .clip = false}),
                               constant(3, 100, 100, 0.5F));
    double mean = 0, square = 0;
    for (const float value : noisy.values)
        mean += value / 30000.0;
    for (const float value : noisy.values)
        square += (value - mean) * (value - mean) / 30000.0;
    CHECK(std::abs(mean - 0.75) < 0.058);  // five deviations of 2 / sqrt(30000)
    CHECK(std::sqrt(square) == doctest::Approx(2).epsilon(0.03));
    const Picture clipped = made(augment::gaussian_noise({.sigma = 2}), constant(1, 20, 20, 0.5F));
    CHECK(std::set<float>(clipped.values.begin(), clipped.values.end()).count(0) == 1);
    for (const float value : clipped.values)
        CHECK((value >= 0 && value <= 1));
    CHECK(made(augment::gaussian_noise({.sigma = 0}), pattern(3, 5, 7)) == pattern(3, 5, 7));
}

TEST_CASE("augment: each transform is applied as often as its probability says") {
    const Picture picture = pattern(3, 7, 7);
    const double p = 0.3;
    const augment::Range turn{40, 50}, factor{0.2, 0.4};
    const std::vector<augment::Transform> all = {
        augment::random_crop({.size = 7, .padding = 7, .fill = 3, .probability = p}),
        augment::random_resized_crop({.size = 7, .scale = {0.2, 0.3}, .probability = p}),
        augment::random_horizontal_flip({.probability = p}),
        augment::random_vertical_flip({.probability = p}),
        augment::random_rotation({.degrees = turn, .probability = p}),
        augment::random_affine({.degrees = turn, .probability = p}),
        augment::brightness({.factor = factor, .probability = p}),
        augment::contrast({.factor = factor, .probability = p}),
        augment::saturation({.factor = factor, .probability = p}),
        augment::hue({.shift = factor, .probability = p}),
        augment::rgb_shift({.shift = factor, .probability = p}),
        augment::random_grayscale({.probability = p}),
        augment::gaussian_blur({.kernel_size = 3, .probability = p}),
        augment::gaussian_noise({.probability = p}),
        augment::random_erasing({.scale = {0.2, 0.3}, .value = 2, .probability = p})};
    for (const augment::Transform& transform : all) {
        CAPTURE(transform.name);
        int count = 0;
        constexpr int kDraws = 2000;
        for (std::uint64_t seed = 0; seed < kDraws; ++seed)
            count += made(transform, picture, seed) != picture;
        // Five deviations; the crop with padding leaves one picture in 225 as it was.
        CHECK(std::abs(count - p * kDraws) < 103);
    }
}

TEST_CASE("augment: bad options are refused by name, rule and numbers") {
    using namespace augment;
    const auto said = [](auto action) { return thrown_message(action); };
    const std::string start = "invalid argument: ";
    CHECK(said([] { random_horizontal_flip({.probability = 1.5}); }) ==
          start + "random_horizontal_flip: probability 1.5 is outside 0 to 1");
    CHECK(said([] { random_vertical_flip({.probability = -0.1}); }) ==
          start + "random_vertical_flip: probability -0.1 is outside 0 to 1");
    CHECK(said([] { random_erasing({.probability = std::nan("")}); }) ==
          start + "random_erasing: probability nan is outside 0 to 1");
    CHECK(said([] { random_crop({}); }) ==
          start + "random_crop: size 0 x 0, each side takes 1 to 1048576");
    CHECK(said([] {
              center_crop({.size = {3, -1}});
          }) == start + "center_crop: size 3 x -1, each side takes 1 to 1048576");
    CHECK(said([] { resize({.size = -4}); }) ==
          start + "resize: size -4 x -4, each side takes 1 to 1048576");
    CHECK(said([] { random_crop({.size = 3, .padding = -1}); }) ==
          start + "random_crop: padding -1, takes 0 to 1048575");
    CHECK(said([] {
              shape_after(random_crop({.size = {40, 41}, .padding = 4}), {3, 32, 32});
          }) == start +
                    "random_crop: 40 x 41 of pictures [3, 32, 32] with padding 4 on each side, "
                    "40 x 40");
    CHECK(said([] {
              shape_after(center_crop({.size = 33}), {3, 32, 40});
          }) == start + "center_crop: 33 x 33 of pictures [3, 32, 40]");
    CHECK(said([] {
              shape_after(random_crop({.size = 24, .probability = 0.5}), {3, 32, 32});
          }) == start +
                    "random_crop: with probability 0.5, pictures would have the shape "
                    "[3, 24, 24] or [3, 32, 32]");
    CHECK(said([] {
              shape_after(one_of({resize({.size = 8}), hue({})}), {3, 4, 4});
          }) ==
          start + "one_of: of pictures [3, 4, 4], resize makes [3, 8, 8] and hue makes [3, 4, 4]");
    CHECK(said([] { shape_after(random_horizontal_flip(), {784}); }) ==
          start + "random_horizontal_flip: samples [784] are no pictures [C, H, W]");
    CHECK(said([] {
              shape_after(compose({}), {3, 0, 4});
          }) == start + "compose: samples [3, 0, 4] are no pictures [C, H, W]");
    CHECK(said([] {
              shape_after(contrast({}), {2, 4, 4});
          }) == start + "contrast: pictures [2, 4, 4] have 2 channels, not 1 or 3");
    CHECK(said([] {
              random_resized_crop({.size = 3, .scale = {0.5, 1.5}});
          }) == start + "random_resized_crop: scale from 0.5 to 1.5 is no range within 1e-06 to 1");
    CHECK(said([] {
              random_erasing({.ratio = {3, 0.3}});
          }) == start + "random_erasing: ratio from 3 to 0.3 is no range within 0.001 to 1000");
    CHECK(said([] {
              hue({.shift = {-0.6, 0}});
          }) == start + "hue: shift from -0.6 to 0 is no range within -0.5 to 0.5");
    CHECK(said([] { random_affine({.translate_y = 1.25}); }) ==
          start + "random_affine: translation by 1.25 is outside 0 to 1");
    CHECK(said([] { gaussian_blur({.kernel_size = 4}); }) ==
          start + "gaussian_blur: kernel size 4, takes an odd one of 1 to 1001");
    CHECK(said([] { one_of(std::vector<Transform>{}); }) == start + "one_of: of nothing");
    CHECK(said([] { one_of({hue({}), hue({})}, {1}); }) == start + "one_of: 1 weights of 2");
    CHECK(said([] {
              one_of({hue({}), hue({})}, {1, -1});
          }) == start + "one_of: weight 1 is -1, each takes 0 or more");
    CHECK(said([] { one_of({hue({})}, {0}); }) == start + "one_of: the weights have the sum 0");
    CHECK(said([] { random_apply({}, 0.5); }) == start + "random_apply: of no transform");
    CHECK(said([] {
              applied(compose({}), {3, 2, 2, {1, 2}});
          }) == start + "augment: 2 values of a picture [3, 2, 2]");
    CHECK(said([] { applied(compose({}), pattern(1, 1, 1), 0, -1); }) ==
          start + "augment: sample 0 in epoch -1");
    CHECK(said([] { mixup({.alpha = 0}); }) == start + "mixup: alpha 0 is outside 0.001 to 1e6");
    CHECK(said([] { cutmix({.probability = 2}); }) ==
          start + "cutmix: probability 2 is outside 0 to 1");
    const double infinite = std::numeric_limits<double>::infinity(), nan = std::nan("");
    CHECK_THROWS_AS(brightness({.factor = {-0.1, 1}}), Error);
    CHECK_THROWS_AS(contrast({.factor = {0, infinite}}), Error);
    CHECK_THROWS_AS(saturation({.factor = {nan, 1}}), Error);
    CHECK_THROWS_AS(rgb_shift({.shift = {0.2, 0.1}}), Error);
    CHECK_THROWS_AS(random_rotation({.degrees = {nan, nan}}), Error);
    CHECK_THROWS_AS(random_affine({.scale = {0, 1}}), Error);
    CHECK_THROWS_AS(random_affine({.shear_x = {0, 90}}), Error);
    CHECK_THROWS_AS(gaussian_blur({.kernel_size = 3, .sigma = {0, 1}}), Error);
    CHECK_THROWS_AS(gaussian_noise({.sigma = -1}), Error);
    CHECK_THROWS_AS(random_crop({.size = 3, .probability = 2}), Error);
    CHECK_THROWS_AS(random_grayscale({.probability = 2}), Error);
}
