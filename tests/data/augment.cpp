// SPDX-License-Identifier: MIT
// Transforms that move or choose pixels, against explicit results and references written afresh;
// what they draw, over many draws.
#include "pictures.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>
#include <set>

using namespace ingot;
using namespace ingot::testing;
using augment::Picture;

namespace {

Picture row(std::vector<float> values) {
    const auto width = static_cast<std::int64_t>(values.size());
    return {1, 1, width, std::move(values)};
}

float pixel(const Picture& picture, std::int64_t channel, std::int64_t y, std::int64_t x) {
    return picture.values[picture.index(channel, y, x)];
}

// Of a pixel whose neighbours outside the picture are `fill`.
double bilinear(const Picture& picture, std::int64_t channel, double y, double x, double fill) {
    double sum = 0;
    for (std::int64_t row = -1; row <= picture.height; ++row) {
        for (std::int64_t column = -1; column <= picture.width; ++column) {
            const double weight = std::max(0.0, 1 - std::abs(y - static_cast<double>(row))) *
                                  std::max(0.0, 1 - std::abs(x - static_cast<double>(column)));
            const bool inside =
                row >= 0 && column >= 0 && row < picture.height && column < picture.width;
            sum += weight * (inside ? pixel(picture, channel, row, column) : fill);
        }
    }
    const bool far = y <= -1 || x <= -1 || y >= static_cast<double>(picture.height) ||
                     x >= static_cast<double>(picture.width);
    return far ? fill : sum;
}

struct Matrix {
    double a, b, c, d;
    Matrix operator*(const Matrix& m) const {
        return {a * m.a + b * m.c, a * m.b + b * m.d, c * m.a + d * m.c, c * m.b + d * m.d};
    }
};

double radians(double degrees) {
    return degrees * std::numbers::pi / 180;
}

}  // namespace

TEST_CASE("augment: flips move pixels, and twice is none") {
    const auto horizontal = augment::random_horizontal_flip({.probability = 1});
    const auto vertical = augment::random_vertical_flip({.probability = 1});
    for (const auto& [channels, height, width] : extents()) {
        CAPTURE(height);
        CAPTURE(width);
        const Picture picture = pattern(channels, height, width);
        const Picture across = made(horizontal, picture), down = made(vertical, picture);
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t y = 0; y < height; ++y) {
                for (std::int64_t x = 0; x < width; ++x) {
                    REQUIRE(pixel(across, c, y, x) == pixel(picture, c, y, width - 1 - x));
                    REQUIRE(pixel(down, c, y, x) == pixel(picture, c, height - 1 - y, x));
                }
            }
        }
        CHECK(made(horizontal, across) == picture);
        CHECK(made(vertical, down) == picture);
    }
}

TEST_CASE("augment: padding of every kind") {
    using augment::Padding;
    // The crop is as large as the padded picture, so there is one place for it.
    const auto padded = [](std::vector<float> values, std::int64_t padding, Padding mode) {
        const auto width = static_cast<std::int64_t>(values.size()) + 2 * padding;
        const Picture result = made(
            augment::random_crop(
                {.size = {1 + 2 * padding, width}, .padding = padding, .mode = mode, .fill = 0.5F}),
            row(std::move(values)));
        const auto middle = result.values.begin() + static_cast<std::ptrdiff_t>(padding * width);
        return std::vector<float>(middle, middle + static_cast<std::ptrdiff_t>(width));
    };
    using Values = std::vector<float>;
    CHECK(padded({1, 2, 3}, 2, Padding::kConstant) == Values{.5F, .5F, 1, 2, 3, .5F, .5F});
    CHECK(padded({1, 2, 3}, 2, Padding::kEdge) == Values{1, 1, 1, 2, 3, 3, 3});
    CHECK(padded({1, 2, 3}, 2, Padding::kReflect) == Values{3, 2, 1, 2, 3, 2, 1});
    CHECK(padded({1, 2, 3}, 2, Padding::kSymmetric) == Values{2, 1, 1, 2, 3, 3, 2});
    CHECK(padded({1, 2}, 3, Padding::kReflect) == Values{2, 1, 2, 1, 2, 1, 2, 1});
    CHECK(padded({1, 2}, 3, Padding::kSymmetric) == Values{2, 2, 1, 1, 2, 2, 1, 1});
    CHECK(padded({7}, 2, Padding::kReflect) == Values{7, 7, 7, 7, 7});
    CHECK(padded({7}, 2, Padding::kSymmetric) == Values{7, 7, 7, 7, 7});
}

TEST_CASE("augment: a crop is a window, at every place equally often") {
    for (const auto& [channels, height, width] : extents()) {
        const Picture picture = pattern(channels, height, width);
        CHECK(made(augment::random_crop({.size = {height, width}}), picture) == picture);
        CHECK(made(augment::center_crop({.size = {height, width}}), picture) == picture);
    }
    Picture numbered{1, 4, 5, {}};
    for (int i = 0; i < 20; ++i)
        numbered.values.push_back(static_cast<float>(i));
    const auto crop = augment::random_crop({.size = {3, 3}});  // 2 x 3 places
    std::map<float, int> places;
    constexpr int kDraws = 6000;
    for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        const Picture part = made(crop, numbered, seed);
        REQUIRE(part.shape() == Shape{1, 3, 3});
        for (std::int64_t i = 0; i < 9; ++i)
            REQUIRE(part.values[static_cast<std::size_t>(i)] ==
                    part.values[0] + static_cast<float>(5 * (i / 3) + i % 3));
        ++places[part.values[0]];
    }
    REQUIRE(places.size() == 6);
    for (const auto& [place, count] : places)
        CHECK(std::abs(count - 1000) < 145);  // five deviations of sqrt(6000 / 6 * 5 / 6)

    CHECK(made(augment::center_crop({.size = {2, 2}}), numbered).values ==
          std::vector<float>{7, 8, 12, 13});  // left is 1.5, which halves to the even 2
    CHECK(made(augment::center_crop({.size = 3}), numbered).values[0] == 1);  // top 0.5 to 0
}

TEST_CASE("augment: resizing is bilinear, by weighted means where it shrinks") {
    const auto wide = [](std::int64_t width) { return augment::resize({.size = {1, width}}); };
    const Picture up = made(wide(4), row({0, 1}));
    CHECK(up.values == std::vector<float>{0, 0.25F, 0.75F, 1});
    const Picture down = made(wide(2), row({1, 2, 3, 4}));  // triangles 3 : 3 : 1 over 7
    CHECK(down.values[0] == doctest::Approx((3 * 1 + 3 * 2 + 1 * 3) / 7.0));
    CHECK(down.values[1] == doctest::Approx((1 * 2 + 3 * 3 + 3 * 4) / 7.0));
    for (const auto& [channels, height, width] : extents()) {
        const Picture picture = pattern(channels, height, width);
        CHECK(made(augment::resize({.size = {height, width}}), picture) == picture);
        const Picture other =
            made(augment::resize({.size = {7, 3}}), constant(channels, height, width, 0.25F));
        CHECK(other.shape() == Shape{channels, 7, 3});
        for (const float value : other.values)
            CHECK(value == doctest::Approx(0.25));
        // Channels and axes apart: turning first and resizing then is the same.
        Picture turned{channels, width, height, {}};
        for (std::int64_t i = 0; i < std::ssize(picture.values); ++i)
            turned.values.push_back(
                pixel(picture, i / (height * width), i % height, i / height % width));
        const Picture a = made(augment::resize({.size = {7, 3}}), picture);
        const Picture b = made(augment::resize({.size = {3, 7}}), turned);
        for (std::int64_t y = 0; y < 7; ++y) {
            for (std::int64_t x = 0; x < 3; ++x)
                CHECK(pixel(a, channels - 1, y, x) ==
                      doctest::Approx(pixel(b, channels - 1, x, y)).epsilon(1e-5));
        }
    }
    // One number is the shorter side.
    CHECK(augment::shape_after(augment::resize({.size = 8}), {3, 16, 21}) == Shape{3, 8, 10});
    CHECK(augment::shape_after(augment::resize({.size = 8}), {3, 21, 16}) == Shape{3, 10, 8});
    CHECK(augment::shape_after(augment::resize({.size = 8}), {1, 5, 5}) == Shape{1, 8, 8});
}

TEST_CASE("augment: a random part, resized") {
    const Picture square = pattern(3, 9, 9);
    CHECK(made(augment::random_resized_crop({.size = 9, .scale = {1, 1}, .ratio = {1, 1}}),
               square) == square);
    // No part of such a picture has an allowed ratio, so it is the middle of the nearest one.
    Picture line{1, 1, 9, {}};
    for (int i = 0; i < 9; ++i)
        line.values.push_back(static_cast<float>(i));
    CHECK(made(augment::random_resized_crop({.size = 1, .scale = {1, 1}}), line).values ==
          std::vector<float>{4});
    // A ramp in each axis says where the part lay and how large it was.
    Picture ramp{2, 40, 40, {}};
    for (int i = 0; i < 2 * 1600; ++i)
        ramp.values.push_back(static_cast<float>(i < 1600 ? i % 40 : i / 40 % 40));
    const augment::RandomResizedCropOptions options{.size = 80};  // larger than any part
    double middle = 0, share = 0, least = 1, most = 0;
    constexpr int kDraws = 500;
    for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        const Picture part = made(augment::random_resized_crop(options), ramp, seed);
        const double width = pixel(part, 0, 0, 79) - pixel(part, 0, 0, 0) + 1;
        const double height = pixel(part, 1, 79, 0) - pixel(part, 1, 0, 0) + 1;
        middle += (pixel(part, 0, 0, 79) + pixel(part, 0, 0, 0)) / 2 / kDraws;
        const double area = width * height / 1600;
        least = std::min(least, area), most = std::max(most, area), share += area / kDraws;
        CHECK(width / height > 0.75 - 0.1);  // sides are whole pixels, 10 or more
        CHECK(width / height < 1.34 + 0.1);
    }
    CHECK(std::abs(middle - 19.5) < 1.5);
    CHECK(least > 0.07);
    CHECK(most > 0.9);
    // Large parts are drawn again when they stick out, so a little below the 0.54 of the range.
    CHECK(share > 0.42);
    CHECK(share < 0.56);
}

TEST_CASE("augment: turns by quarters only move pixels") {
    using augment::Interpolation;
    for (const Interpolation interpolation : {Interpolation::kNearest, Interpolation::kBilinear}) {
        const auto turn = [&](double degrees) {
            return augment::random_rotation(
                {.degrees = {degrees, degrees}, .interpolation = interpolation});
        };
        for (const auto& [channels, height, width] : extents()) {
            CAPTURE(height);
            CAPTURE(width);
            const Picture picture = pattern(channels, height, width);
            CHECK(made(turn(0), picture) == picture);
            CHECK(made(turn(360), picture) == picture);
            const Picture flipped =
                made(augment::compose({augment::random_horizontal_flip({.probability = 1}),
                                       augment::random_vertical_flip({.probability = 1})}),
                     picture);
            CHECK(made(turn(180), picture) == flipped);
            CHECK(made(turn(-180), picture) == flipped);
            if (height != width) continue;
            const Picture left = made(turn(90), picture);  // counter-clockwise
            for (std::int64_t c = 0; c < channels; ++c) {
                for (std::int64_t y = 0; y < height; ++y) {
                    for (std::int64_t x = 0; x < width; ++x)
                        REQUIRE(pixel(left, c, y, x) == pixel(picture, c, x, width - 1 - y));
                }
            }
            CHECK(made(turn(-90), left) == picture);
            CHECK(made(turn(270), left) == picture);
        }
    }
}

TEST_CASE("augment: a turn by any angle") {
    for (const auto& [channels, height, width] : extents()) {
        for (const double degrees : {-133.0, -7.5, 1.0, 30.0, 45.0}) {
            CAPTURE(height);
            CAPTURE(width);
            CAPTURE(degrees);
            const Picture picture = pattern(channels, height, width);
            const Picture turned =
                made(augment::random_rotation({.degrees = {degrees, degrees},
                                               .interpolation = augment::Interpolation::kBilinear,
                                               .fill = 0.25F}),
                     picture);
            // y points down, so the way back of a turn to the left is one by +degrees.
            const auto back = std::polar(1.0, radians(degrees));
            const double half_width = 0.5 * static_cast<double>(width - 1);
            const double half_height = 0.5 * static_cast<double>(height - 1);
            for (std::int64_t y = 0; y < height; ++y) {
                for (std::int64_t x = 0; x < width; ++x) {
                    const auto at = back * std::complex(static_cast<double>(x) - half_width,
                                                        static_cast<double>(y) - half_height);
                    const double expected = bilinear(picture, channels - 1, at.imag() + half_height,
                                                     at.real() + half_width, 0.25);
                    REQUIRE(pixel(turned, channels - 1, y, x) ==
                            doctest::Approx(expected).epsilon(1e-6));
                }
            }
        }
    }
}

TEST_CASE("augment: an affine map is turn, shears and scale, then a translation") {
    const Picture picture = pattern(3, 13, 11);
    const double degrees = 25, scale = 1.3, shear_x = 10, shear_y = -15;
    const Picture mapped =
        made(augment::random_affine({.degrees = {degrees, degrees},
                                     .scale = {scale, scale},
                                     .shear_x = {shear_x, shear_x},
                                     .shear_y = {shear_y, shear_y},
                                     .interpolation = augment::Interpolation::kBilinear}),
             picture);
    const Matrix turn{std::cos(radians(degrees)), -std::sin(radians(degrees)),
                      std::sin(radians(degrees)), std::cos(radians(degrees))};
    const Matrix m = turn * Matrix{scale, 0, 0, scale} *
                     Matrix{1, 0, -std::tan(radians(shear_y)), 1} *
                     Matrix{1, -std::tan(radians(shear_x)), 0, 1};
    const double determinant = m.a * m.d - m.b * m.c;
    for (std::int64_t y = 0; y < 13; ++y) {
        for (std::int64_t x = 0; x < 11; ++x) {
            const double dx = static_cast<double>(x) - 5, dy = static_cast<double>(y) - 6;
            const double expected = bilinear(picture, 1, (m.a * dy - m.c * dx) / determinant + 6,
                                             (m.d * dx - m.b * dy) / determinant + 5, 0);
            REQUIRE(pixel(mapped, 1, y, x) == doctest::Approx(expected).epsilon(1e-6));
        }
    }
    CHECK(made(augment::random_affine({}), picture) == picture);

    // Whole pixels, at most that share of the size, to both sides.
    Picture dot = constant(1, 9, 21, 0);
    dot.values[dot.index(0, 4, 10)] = 1;
    std::set<std::pair<std::int64_t, std::int64_t>> places;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        const Picture moved =
            made(augment::random_affine({.translate_x = 0.1, .translate_y = 0.25}), dot, seed);
        const auto found = std::max_element(moved.values.begin(), moved.values.end());
        REQUIRE(*found == 1);
        const std::int64_t at = found - moved.values.begin();
        places.insert({at / 21 - 4, at % 21 - 10});
    }
    CHECK(places.size() == 25);  // -2..2 each: 2.25 and 2.1 rounded
    CHECK(*places.begin() == std::pair<std::int64_t, std::int64_t>{-2, -2});
    CHECK(*places.rbegin() == std::pair<std::int64_t, std::int64_t>{2, 2});
}

TEST_CASE("augment: erasing cuts a rectangle of the size that was asked for") {
    constexpr int kDraws = 2000;
    int erased = 0;
    double share = 0;
    for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        const Picture cut =
            made(augment::random_erasing({.value = 0.5F}), constant(3, 40, 30, 1), seed);
        std::int64_t count = 0, top = 40, bottom = -1, left = 30, right = -1;
        for (std::int64_t y = 0; y < 40; ++y) {
            for (std::int64_t x = 0; x < 30; ++x) {
                const float value = pixel(cut, 0, y, x);
                REQUIRE(pixel(cut, 2, y, x) == value);
                if (value == 1) continue;
                REQUIRE(value == 0.5F);
                ++count;
                top = std::min(top, y), bottom = std::max(bottom, y);
                left = std::min(left, x), right = std::max(right, x);
            }
        }
        if (count == 0) continue;
        ++erased;
        share += static_cast<double>(count) / 1200;
        REQUIRE(count == (bottom - top + 1) * (right - left + 1));
        const double most_rounding = static_cast<double>(bottom - top + right - left + 3) / 2;
        CHECK(static_cast<double>(count) < 0.33 * 1200 + most_rounding);
        CHECK(static_cast<double>(count) > 0.02 * 1200 - most_rounding);
    }
    CHECK(std::abs(erased - kDraws / 2) < 112);  // five deviations
    // Wide ones are drawn again when they do not fit, so a little below the 0.175 of the range.
    CHECK(share / erased > 0.15);
    CHECK(share / erased < 0.18);

    const Picture noisy = made(
        augment::random_erasing({.scale = {0.3, 0.3}, .random_values = true, .probability = 1}),
        constant(1, 50, 50, 2));
    double sum = 0;
    int count = 0;
    for (const float value : noisy.values) {
        if (value != 2) sum += value, ++count;
        CHECK((value == 2 || (value >= 0 && value < 1)));
    }
    CHECK(count == doctest::Approx(750).epsilon(0.05));
    CHECK(std::abs(sum / count - 0.5) < 0.055);  // five deviations of 0.2887 / sqrt(700)
    // Most draws of large ones do not fit, one of ten does.
    int large = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        large += made(augment::random_erasing({.scale = {0.5, 1}, .probability = 1}),
                      constant(1, 40, 30, 1), seed) != constant(1, 40, 30, 1);
    }
    CHECK(large > 160);
    // Nothing fits into one pixel.
    CHECK(made(augment::random_erasing({.probability = 1}), pattern(1, 1, 1)) == pattern(1, 1, 1));
}

TEST_CASE("augment: transforms of transforms") {
    const Picture picture = pattern(3, 5, 7);
    const auto number = [](float value) {
        return augment::Transform{.name = "number", .apply = [value](Picture& p, augment::Random&) {
                                      p.values.assign(p.values.size(), value);
                                  }};
    };
    CHECK(made(augment::compose({}), picture) == picture);
    CHECK(made(augment::compose({number(1), number(2)}), picture).values[0] == 2);
    CHECK(augment::shape_after(augment::compose({augment::random_crop({.size = 8, .padding = 2}),
                                                 augment::center_crop({.size = {3, 4}})}),
                               {3, 5, 7}) == Shape{3, 3, 4});
    std::map<float, int> counts;
    constexpr int kDraws = 4000;
    const auto weighted = augment::one_of({number(0), number(1), number(2)}, {1, 0, 3});
    const auto even = augment::one_of({number(3), number(4)});
    const auto sometimes = augment::random_apply(number(5), 0.3);
    for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        for (const auto& transform : {weighted, even, sometimes})
            ++counts[made(transform, constant(1, 1, 1, 9), seed).values[0]];
    }
    const double deviation = std::sqrt(kDraws * 0.25);  // at most
    CHECK(std::abs(counts[0] - kDraws * 0.25) < 5 * deviation);
    CHECK(counts[1] == 0);
    CHECK(std::abs(counts[2] - kDraws * 0.75) < 5 * deviation);
    CHECK(std::abs(counts[3] - kDraws * 0.5) < 5 * deviation);
    CHECK(counts[3] + counts[4] == kDraws);
    CHECK(std::abs(counts[5] - kDraws * 0.3) < 5 * deviation);
    CHECK(counts[5] + counts[9] == kDraws);
    CHECK(made(augment::random_apply(number(5), 0), picture) == picture);
    CHECK(made(augment::random_apply(number(5), 1), picture).values[0] == 5);
}

TEST_CASE("augment: what is drawn is a function of seed, epoch and sample") {
    const auto noise = augment::gaussian_noise();
    const Picture grey = constant(1, 3, 3, 0.5F);
    std::set<std::vector<float>> all;
    for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 40}) {
        for (const std::int64_t epoch : {0LL, 1LL, 1LL << 40}) {
            for (const std::int64_t sample : {0LL, 1LL, (1LL << 32) - 1}) {
                const Picture once = augment::applied(noise, grey, seed, epoch, sample);
                CHECK(augment::applied(noise, grey, seed, epoch, sample) == once);
                all.insert(once.values);
            }
        }
    }
    CHECK(all.size() == 27);
}
