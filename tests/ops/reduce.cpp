// SPDX-License-Identifier: MIT
// Reductions over every kind of axis set, sizes around the lanes and rows of a group, two stages,
// pointwise prologues, integers; accuracy over ten million elements.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(reduce);

namespace {

enum class Kind { kSum, kMean, kMax, kMin, kProd };

Array reduced(Kind kind, const Array& x, std::vector<std::int64_t> axes, bool keep) {
    std::vector<bool> gone(x.shape.rank(), axes.empty());
    for (const std::int64_t axis : axes)
        gone[resolve_axis("reference", axis, x.shape)] = true;
    Shape with_ones = x.shape;
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (gone[i]) with_ones = with_ones.with(i, 1);
    }
    const double inf = std::numeric_limits<double>::infinity();
    Array y(with_ones, kind == Kind::kMax    ? -inf
                       : kind == Kind::kMin  ? inf
                       : kind == Kind::kProd ? 1.0
                                             : 0.0);
    const Strides strides = contiguous_strides(with_ones);
    for (std::int64_t i = 0; i < x.count(); ++i) {
        const Index index = index_of(x.shape, i);
        std::int64_t place = 0;
        for (std::size_t axis = 0; axis < index.size(); ++axis) {
            place += gone[axis] ? 0 : index[axis] * strides[axis];
        }
        const double to = y[place];
        y[place] = kind == Kind::kMax    ? (std::isnan(x[i]) || x[i] > to ? x[i] : to)
                   : kind == Kind::kMin  ? (std::isnan(x[i]) || x[i] < to ? x[i] : to)
                   : kind == Kind::kProd ? to * x[i]
                                         : to + x[i];
    }
    if (kind == Kind::kMean) {
        for (double& v : y.values)
            v *= static_cast<double>(y.count()) / static_cast<double>(x.count());
    }
    if (keep) return y;
    Shape shape;
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (!gone[i]) shape = shape.inserted(shape.rank(), x.shape[i]);
    }
    return with_shape(std::move(y), shape);
}

Tensor reduce(Kind kind, const Tensor& x, const ReduceOptions& options) {
    return kind == Kind::kSum    ? sum(x, options)
           : kind == Kind::kMean ? mean(x, options)
           : kind == Kind::kMax  ? max(x, options)
           : kind == Kind::kMin  ? min(x, options)
                                 : prod(x, options);
}

OpCase row(Kind kind, Shape shape, std::vector<std::int64_t> axes, bool keep = false) {
    const char* names[] = {"sum", "mean", "max", "min", "prod"};
    const bool picks = kind == Kind::kMax || kind == Kind::kMin;
    std::string name = names[static_cast<int>(kind)] + (" of " + to_string(shape)) + " over";
    for (const std::int64_t axis : axes)
        name += " " + std::to_string(axis);
    const double outputs = static_cast<double>(reduced(kind, Array(shape), axes, false).count());
    const double length = static_cast<double>(shape.count()) / outputs;
    return {.name = name + (keep ? ", axes kept" : ""),
            .inputs = {kind == Kind::kProd  // of factors around 1, so that products stay in range
                           ? OpInput{.shape = shape, .low = 0.9, .high = 1.1}
                           : OpInput{.shape = shape, .distinct = picks}},
            .build =
                [=](const Tensors& in) {
                    return reduce(kind, in[0], {axes, keep});
                },
            .reference = [=](const Arrays& in) { return reduced(kind, in[0], axes, keep); },
            // Rounding grows with the depth of the tree, the terms that cancel with the root.
            // Each factor of a product adds a rounding; they pile up as a random walk.
            .forward = {.units = picks ? 0.0 : 2.0,
                        .length = 1 + (kind == Kind::kProd ? std::sqrt(length) : std::log2(length)),
                        .scale = kind == Kind::kSum ? std::sqrt(length) : 1},
            .gradient = {.units = 16, .length = kind == Kind::kProd ? 1 + std::sqrt(length) : 1},
            .integers = kind == Kind::kMean   ? 0.0
                        : kind == Kind::kSum  ? 1e4
                        : kind == Kind::kProd ? 1.0
                                              : 2e9,
            .samples = 12,
            // The evenly spaced values of max must not change places.
            .step = std::min(1e-5, 0.1 / static_cast<double>(shape.count()))};
}

}  // namespace

TEST_SUITE("reduce") {
    TEST_CASE("reduce: axis sets") {
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kSum, Kind::kMean, Kind::kMax, Kind::kMin, Kind::kProd}) {
            cases.push_back(row(kind, {5, 7}, {}));
            cases.push_back(row(kind, {5, 7}, {0}));
            cases.push_back(row(kind, {5, 7}, {-1}, true));
            cases.push_back(row(kind, {2, 3, 4, 5}, {0, 2, 3}));
            cases.push_back(row(kind, {2, 3, 4, 5}, {1}, true));
            cases.push_back(row(kind, {2, 3, 4, 5}, {0, 2}));
            cases.push_back(row(kind, {2, 3, 4, 5}, {1, 3}));
            cases.push_back(row(kind, {2, 3, 2, 3, 2}, {0, 2, 4}));
            // Its gradient is spread over six axes of which every second repeats.
            cases.push_back(row(kind, {2, 3, 2, 3, 2, 3}, {0, 2, 4}));
            cases.push_back(row(kind, {2, 3, 2, 3, 2, 3, 2, 2}, {1, 3, 5, 7}));
            cases.push_back(row(kind, {2, 3, 2, 3, 2}, {1, 3}));
            cases.push_back(row(kind, {4, 1, 3}, {1}));
            cases.push_back(row(kind, {1}, {}));
            cases.push_back(row(kind, {}, {}));
        }
        run_op_cases(cases);
    }

    TEST_CASE("reduce: sizes around lanes, rows and stages") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {2, 3, 7, 63, 64, 65, 127, 255, 257, 1009, 4097, 20011}) {
            cases.push_back(row(Kind::kSum, {n}, {0}));
            cases.push_back(row(Kind::kMax, {n}, {0}));
            cases.push_back(row(Kind::kProd, {n}, {0}));
        }
        for (const std::int64_t n : {1, 3, 31, 32, 33, 65, 257}) {
            cases.push_back(row(Kind::kSum, {64, n}, {0}));
            cases.push_back(row(Kind::kSum, {n, 64}, {1}));
            cases.push_back(row(Kind::kMax, {n, 129}, {0}));
            cases.push_back(row(Kind::kMean, {3, n, 65}, {0, 2}));
        }
        cases.push_back(row(Kind::kSum, {20011, 3}, {0}));
        cases.push_back(row(Kind::kSum, {3, 20011}, {1}));
        cases.push_back(row(Kind::kMean, {64, 5, 401}, {0, 2}));
        run_op_cases(cases);
    }

    TEST_CASE("reduce: pointwise operations and views before it") {
        run_op_cases({
            {.name = "sum of squares of differences",
             .inputs = {{.shape = {67, 33}}, {.shape = {33}}},
             .build = [](const Tensors& in) { return sum(square(in[0] - in[1]), {.axes = {1}}); },
             .reference =
                 [](const Arrays& in) {
                     return reduced(
                         Kind::kSum,
                         map(in[0], in[1], [](double a, double b) { return (a - b) * (a - b); }),
                         {1}, false);
                 },
             .forward = {.units = 4, .length = 6, .scale = 10},
             .gradient = {.units = 16, .length = 8},
             .samples = 8},
            {.name = "max of a transpose",
             .inputs = {{.shape = {9, 31}, .distinct = true}},
             .build = [](const Tensors& in) { return max(transpose(in[0]), {.axes = {0}}); },
             .reference = [](const Arrays& in) { return reduced(Kind::kMax, in[0], {1}, false); },
             .forward = {.units = 0}},
            {.name = "sum of a constant",
             .inputs = {{.shape = {3}}},
             .build =
                 [](const Tensors& in) {
                     return in[0] * sum(constant(0.5F, {4, 3}), {.axes = {0}});
                 },
             .reference =
                 [](const Arrays& in) { return map(in[0], [](double v) { return 2 * v; }); },
             .narrow = false},  // the constant is f32
            {.name = "mean of bytes",
             .inputs = {{.shape = {5, 67}, .dtype = u8, .low = 0, .high = 255}},
             .build =
                 [](const Tensors& in) {
                     return mean(cast(in[0], f32) * (1.0F / 255), {.axes = {1}});
                 },
             .reference =
                 [](const Arrays& in) {
                     return reduced(Kind::kMean, map(in[0], [](double v) { return v / 255; }), {1},
                                    false);
                 },
             .forward = {.units = 4, .length = 4}},
        });
    }

    TEST_CASE("reduce: equal maxima share the gradient, NaN passes through max") {
        const Tensor x = input({2, 4});
        const std::vector<float> ties{3, 1, 3, 2, -1, -1, -1, -1};
        const Feed feeds[] = {{x, ties}};
        const Tensor y = max(x, {.axes = {1}});
        const auto results = compute({y, gradients(sum(y), std::array{x})[0]}, feeds);
        CHECK(results[0] == std::vector<float>{3, -1});
        CHECK(results[1] == std::vector<float>{0.5F, 0, 0.5F, 0, 0.25F, 0.25F, 0.25F, 0.25F});

        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double inf = std::numeric_limits<double>::infinity();
        OpCase with_nan = row(Kind::kMax, {3, 4}, {1});
        with_nan.inputs[0] = {.shape = {3, 4},
                              .values = {1, nan, 3, 4, nan, 2, 3, inf, -inf, -inf, -inf, -inf}};
        with_nan.reference = [=](const Arrays&) { return Array({3}, {nan, nan, -inf}); };
        with_nan.has_gradient = false;
        with_nan.integers = 0;
        run_op_cases({with_nan});
    }

    TEST_CASE("reduce: ten million elements") {
        const std::int64_t count = 10'000'000;
        std::vector<float> values(static_cast<std::size_t>(count));
        double exact = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = 0.1F + static_cast<float>(i % 1000) * 1e-4F;
            exact += static_cast<double>(values[i]);
        }
        const Tensor flat = input({count});
        const Tensor columns = input({count / 100, 100});
        const Feed feeds[] = {{flat, values}, {columns, values}};
        const auto results = compute({sum(flat), mean(flat), sum(columns, {.axes = {0}})}, feeds);
        // Measured 1e-7 or below; a running sum in f32 would be off by 1e-2.
        CHECK(results[0][0] == doctest::Approx(exact).epsilon(5e-7));
        CHECK(results[1][0] == doctest::Approx(exact / static_cast<double>(count)).epsilon(5e-7));
        double of_columns = 0;
        for (const float column : results[2])
            of_columns += static_cast<double>(column);
        CHECK(of_columns == doctest::Approx(exact).epsilon(5e-7));
        MESSAGE("relative error of the sum of 1e7: " << std::abs(results[0][0] - exact) / exact);
    }

    TEST_CASE("reduce: ten million elements far from zero, and sums that cancel") {
        const std::int64_t count = 10'000'000;
        std::vector<float> far(static_cast<std::size_t>(count)), cancelling(far);
        double sum_far = 0, sum_cancelling = 0;
        for (std::size_t i = 0; i < far.size(); ++i) {
            far[i] = 10000.0F + static_cast<float>(i % 4096) / 1024.0F;
            sum_far += static_cast<double>(far[i]);
            cancelling[i] = i % 2 == 0 ? far[i] : -far[i - 1] + 0.0078125F;  // 2^-7
            sum_cancelling += static_cast<double>(cancelling[i]);
        }
        const Tensor x = input({count}), z = input({count}), wide = input({1000, count / 1000});
        const Feed feeds[] = {{x, far}, {z, cancelling}, {wide, far}};
        const auto results = compute({sum(x), mean(x), sum(z), mean(wide, {.axes = {0}})}, feeds);
        const double mean_far = sum_far / static_cast<double>(count);
        CHECK(results[0][0] == doctest::Approx(sum_far).epsilon(5e-7));
        CHECK(results[1][0] == doctest::Approx(mean_far).epsilon(5e-7));
        // The terms come to 1e11 before they cancel, and each addition rounds to 2^-24 of that.
        CHECK(std::abs(results[2][0] - sum_cancelling) < 2e-8 * sum_far);
        double columns = 0;
        for (const float column : results[3])
            columns += static_cast<double>(column) / static_cast<double>(results[3].size());
        CHECK(columns == doctest::Approx(mean_far).epsilon(5e-7));
        MESSAGE("relative errors, 1e7 elements of 1e4: sum "
                << std::abs(results[0][0] - sum_far) / sum_far << ", sum that cancels "
                << std::abs(results[2][0] - sum_cancelling) / sum_cancelling);
    }

    TEST_CASE("reduce: zeros in a product") {
        const Tensor x = input({3, 3});
        const std::vector<float> values{2, 3, 4, 2, 0, 4, 0, 3, 0};
        const Feed feeds[] = {{x, values}};
        const Tensor y = prod(x, {.axes = {1}});
        const auto results = compute({y, gradients(sum(y), std::array{x})[0]}, feeds);
        CHECK(results[0] == std::vector<float>{24, 0, 0});
        CHECK(results[1] == std::vector<float>{12, 8, 6, 0, 8, 0, 0, 0, 0});
    }

    TEST_CASE("reduce: a pointwise prologue, the scale and both methods are one dispatch") {
        const Tensor x = input({64, 256});
        for (const Tensor& y : {mean(square(x), {.axes = {0}}), max(x * 2.0F, {.axes = {1}})}) {
            CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
        }
        // Channels of images, without a transposed copy.
        const Tensor images = input({8, 3, 16, 16});
        const Tensor channels = sum(images, {.axes = {0, 2, 3}});
        CHECK(test_device().compile({.outputs = {channels}}).stats().dispatches == 1);
    }

    TEST_CASE("reduce: errors name the axes") {
        const Tensor x = input({4, 6});
        CHECK(thrown_message([&] { sum(x, {.axes = {2}}); }).find("sum: ") != std::string::npos);
        CHECK(thrown_message([&] {
                  max(x, {.axes = {0, -2}});
              }) == "invalid argument: max: axes [0, -2] of [4, 6] name one axis twice");
        CHECK(thrown_message([&] { min(x, {.axes = {5}}); }).find("min: ") != std::string::npos);
        CHECK(thrown_message([&] {
                  prod(x, {.axes = {1, 1}});
              }) == "invalid argument: prod: axes [1, 1] of [4, 6] name one axis twice");
        CHECK(thrown_message([&] { all(x, {.axes = {2}}); }).find("all: ") != std::string::npos);
        CHECK(thrown_message([&] { any(x, {.axes = {2}}); }).find("any: ") != std::string::npos);
        CHECK(thrown_message([&] { mean(input({3}, i32)); }) ==
              "invalid argument: mean: takes f32, not i32[3]");
    }

    TEST_CASE("reduce: any and all") {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        std::vector<OpCase> cases;
        for (const bool is_any : {false, true}) {
            for (const Shape& shape : {Shape{1}, Shape{65, 3}, Shape{3, 67, 2}, Shape{5, 1009}}) {
                const std::vector<std::int64_t> axes{shape.rank() > 1 ? 1 : 0};
                OpInput x{.shape = shape};
                for (std::int64_t i = 0; i < shape.count(); ++i) {
                    const bool odd_row = is_any == (i / shape[shape.rank() - 1] % 2 == 0);
                    const bool odd_one = i % shape[shape.rank() - 1] == shape[shape.rank() - 1] / 2;
                    x.values.push_back(odd_row && odd_one ? (is_any ? nan : 0) : is_any ? 0 : -0.5);
                }
                cases.push_back(
                    {.name = (is_any ? "any of " : "all of ") + to_string(shape),
                     .inputs = {x},
                     .build =
                         [=](const Tensors& in) {
                             return is_any ? any(in[0], {.axes = axes})
                                           : all(in[0], {.axes = axes});
                         },
                     .reference =
                         [=](const Arrays& in) {
                             const Array set = map(in[0], [](double v) { return v != 0 ? 1 : 0; });
                             return reduced(is_any ? Kind::kMax : Kind::kMin, set, axes, false);
                         },
                     .forward = {.units = 0},
                     .has_gradient = false,
                     .integers = 1});
            }
        }
        run_op_cases(cases);
        CHECK(all(input({4, 3}, u8)).dtype() == boolean);
        CHECK(any(input({})).dtype() == boolean);
    }

    TEST_CASE("reduce: sums and products of integers wrap, and are i32") {
        const auto wrapping = [](Kind kind, Shape shape, DType dtype) {
            OpCase c = row(kind, shape, {1});
            c.name += " of " + std::string(to_string(dtype));
            c.inputs[0] = {.shape = shape, .dtype = dtype, .low = -2e9, .high = 2e9};
            if (dtype == u8) c.inputs[0].low = 1, c.inputs[0].high = 255;
            if (kind == Kind::kProd) {  // of odd numbers, or it would soon be 0
                c.inputs[0].values = values_for(c.inputs[0], 1);
                for (double& v : c.inputs[0].values)
                    v += std::fmod(v, 2) == 0 ? 1 : 0;
            }
            c.reference = [=](const Arrays& in) {
                return make_array({shape[0]}, [&](const Index& i) {
                    std::uint32_t total = kind == Kind::kSum ? 0 : 1;
                    for (std::int64_t k = 0; k < shape[1]; ++k) {
                        const auto v = static_cast<std::uint32_t>(
                            static_cast<std::int32_t>(at(in[0], {i[0], k})));
                        total = kind == Kind::kSum ? total + v : total * v;
                    }
                    return static_cast<double>(static_cast<std::int32_t>(total));
                });
            };
            c.forward = {.units = 0};
            return c;
        };
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kSum, Kind::kProd}) {
            cases.push_back(wrapping(kind, {3, 7}, i32));
            cases.push_back(wrapping(kind, {3, 65}, i32));
            cases.push_back(wrapping(kind, {2, 20011}, i32));
            cases.push_back(wrapping(kind, {3, 5}, u8));
        }
        run_op_cases(cases);
        for (const DType dtype : {i32, u8, boolean}) {
            const Tensor x = input({2, 3}, dtype), one = input({1}, dtype);
            for (const Tensor& y : {sum(x), prod(x), sum(one), prod(one)})
                CHECK(y.dtype() == i32);
            for (const Tensor& y : {max(x), min(x), max(one), min(one)})
                CHECK(y.dtype() == dtype);
        }
    }

    TEST_CASE("reduce: the ends of i32") {
        constexpr double kLeast = -2147483648.0, kMost = 2147483647;
        std::vector<OpCase> cases;
        for (const Kind kind : {Kind::kMax, Kind::kMin}) {
            cases.push_back(row(kind, {3, 2}, {1}));
            cases.back().inputs[0] = {.shape = {3, 2},
                                      .dtype = i32,
                                      .values = {kLeast, kLeast, kMost, kMost, kLeast, kMost}};
        }
        run_op_cases(cases);
    }

    TEST_CASE("reduce: integers cost one dispatch, a count of equal elements, too") {
        const Tensor x = input({64, 256}, i32), bytes = input({64, 256}, u8);
        for (const Tensor& y : {sum(x, {.axes = {1}}), max(x * 2.0F, {.axes = {0}}),
                                sum(equal(x, 3.0F), {.axes = {1}}), sum(bytes, {.axes = {0}})}) {
            CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
        }
    }
}
