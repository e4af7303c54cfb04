// SPDX-License-Identifier: MIT
// Resizing in one, two and three axes, up and down, against weights computed afresh; places at the
// rounding of f32, in which the modes are defined.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(interpolate);

namespace {

struct Weights {
    std::int64_t low, high;
    double weight;  // of the high one
};

Weights weights_of(std::int64_t i, std::int64_t size, std::int64_t resized, double factor,
                   const InterpolateOptions& options) {
    float scale = factor > 0 ? static_cast<float>(1 / factor)
                             : static_cast<float>(size) / static_cast<float>(resized);
    float source = static_cast<float>(i) * scale;
    if (options.mode == InterpolateMode::kNearestExact) {
        source = (static_cast<float>(i) + 0.5F) * scale;
    }
    if (options.mode == InterpolateMode::kLinear) {
        source = std::max((static_cast<float>(i) + 0.5F) * scale - 0.5F, 0.0F);
        if (options.align_corners) {
            scale =
                resized > 1 ? static_cast<float>(size - 1) / static_cast<float>(resized - 1) : 0.0F;
            source = static_cast<float>(i) * scale;
        }
    }
    const std::int64_t low = std::min(static_cast<std::int64_t>(source), size - 1);
    if (options.mode != InterpolateMode::kLinear) return {low, low, 0};
    return {low, std::min(low + 1, size - 1),
            std::clamp(static_cast<double>(source) - static_cast<double>(low), 0.0, 1.0)};
}

Array resized(const Array& x, const InterpolateOptions& options) {
    Array y = x;
    for (std::size_t axis = 2; axis < x.shape.rank(); ++axis) {
        const bool sized = !options.size.empty();
        const std::size_t count = sized ? options.size.size() : options.scale.size();
        const std::size_t at_option = count == 1 ? 0 : axis - 2;
        const std::int64_t size = x.shape[axis];
        const double factor = sized ? 0 : options.scale[at_option];
        const std::int64_t to =
            sized ? options.size[at_option]
                  : static_cast<std::int64_t>(std::floor(static_cast<double>(size) * factor));
        y = make_array(y.shape.with(axis, to), [&](Index i) {
            const Weights w = weights_of(i[axis], size, to, factor, options);
            i[axis] = w.low;
            const double low = at(y, i);
            i[axis] = w.high;
            return (1 - w.weight) * low + w.weight * at(y, i);
        });
    }
    return y;
}

OpCase row(Shape shape, InterpolateOptions options) {
    const char* modes[] = {"nearest", "nearest exact", "linear"};
    std::string name = to_string(shape) + " " + modes[static_cast<int>(options.mode)];
    if (options.align_corners) name += ", corners aligned";
    for (const std::int64_t size : options.size)
        name += ", size " + std::to_string(size);
    for (const double scale : options.scale)
        name += ", scale " + std::to_string(scale);
    double most = 1;
    for (const std::int64_t size : options.size)
        most = std::max(most, static_cast<double>(size));
    return {.name = name,
            .inputs = {{.shape = shape}},
            .build = [=](const Tensors& in) { return interpolate(in[0], options); },
            .reference = [=](const Arrays& in) { return resized(in[0], options); },
            .forward = {.units = options.mode == InterpolateMode::kLinear ? 8.0 : 0.0},
            .gradient = {.units = 16, .length = 1 + most / 16, .scale = 4},
            .samples = 24};
}

}  // namespace

TEST_SUITE("interpolate") {
    TEST_CASE("interpolate: modes, up and down") {
        std::vector<OpCase> cases;
        for (const InterpolateMode mode :
             {InterpolateMode::kNearest, InterpolateMode::kNearestExact,
              InterpolateMode::kLinear}) {
            for (const bool corners : {false, true}) {
                if (corners && mode != InterpolateMode::kLinear) continue;
                const auto add = [&](Shape shape, std::vector<std::int64_t> size,
                                     std::vector<double> scale) {
                    cases.push_back(row(shape, {.size = std::move(size),
                                                .scale = std::move(scale),
                                                .mode = mode,
                                                .align_corners = corners}));
                };
                add({1, 1, 1}, {5}, {});
                add({1, 2, 5}, {1}, {});
                add({2, 3, 5}, {5}, {});
                add({2, 3, 7}, {17}, {});
                add({2, 3, 67}, {13}, {});
                add({1, 1, 2}, {1000}, {});
                add({1, 2, 1009}, {300}, {});
                add({2, 3, 4, 5}, {8, 10}, {});
                add({2, 3, 9, 7}, {3, 13}, {});
                add({1, 3, 1, 6}, {4, 3}, {});
                add({2, 2, 5, 5}, {}, {2});
                add({1, 2, 6, 7}, {}, {1.7, 0.6});
                add({2, 2, 3, 4, 5}, {5, 2, 7}, {});
                add({1, 1, 3, 3, 3}, {}, {1.5});
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("interpolate: twice as large, by hand") {
        const Tensor x = input({1, 1, 2, 2});
        const std::vector<float> values{1, 2, 3, 4};
        const auto of = [&](InterpolateMode mode, bool corners) {
            const Tensor y = interpolate(x, {.size = {4}, .mode = mode, .align_corners = corners});
            return compute({slice(y, {.axis = 2, .end = 1})}, std::array{Feed{x, values}})[0];
        };
        CHECK(of(InterpolateMode::kNearest, false) == std::vector<float>{1, 1, 2, 2});
        CHECK(of(InterpolateMode::kLinear, false) == std::vector<float>{1, 1.25F, 1.75F, 2});
        const auto corners = of(InterpolateMode::kLinear, true);
        CHECK(corners[1] == doctest::Approx(4.0 / 3));
        CHECK(corners[3] == doctest::Approx(2));
    }

    TEST_CASE("interpolate: errors name the sizes") {
        const Tensor x = input({1, 2, 4, 6});
        const auto message = [&](const InterpolateOptions& options) {
            return thrown_message([&] { interpolate(x, options); });
        };
        const auto contains = [](const std::string& text, const char* part) {
            CHECK_MESSAGE(text.find(part) != std::string::npos, text);
        };
        contains(message({}), "invalid argument: interpolate: needs size or scale");
        contains(message({.size = {2, 2, 2}}), "1 or 2 numbers, not 3 sizes and 0 scales");
        contains(message({.size = {2}, .scale = {2}}), "1 sizes and 1 scales");
        contains(message({.size = {0}}), "axis 2 of [1, 2, 4, 6] would be 0 long");
        contains(message({.size = {4, -1}}), "axis 3 of [1, 2, 4, 6] would be -1 long");
        contains(message({.scale = {0.1}}), "would be 0 long");
        contains(message({.scale = {-1}}), "interpolate: axis 2");
        contains(message({.scale = {std::nan("")}}), "interpolate: axis 2");
        contains(message({.size = {8}, .align_corners = true}), "align_corners");
        contains(message({.size = {1'000'000}}), "more than 16384 times");
        contains(thrown_message([] {
                     interpolate(input({4, 6}), {.size = {2}});
                 }),
                 "interpolate: takes f32 [B, C, W]");
        contains(thrown_message([] {
                     interpolate(input({1, 2, 6}, i32), {.size = {2}});
                 }),
                 "not i32[1, 2, 6]");
    }
}
