// SPDX-License-Identifier: MIT
// var, std, logsumexp and norm over every kind of axis set: far from zero, constant, infinite,
// zero.
#include "ops/ten_million.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"
#include "support/tolerance.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(statistics);

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// function(values of one result) for every result.
template <typename Function>
Array statistic_of(const Array& x, const std::vector<std::int64_t>& axes, bool keep,
                   Function&& function) {
    std::vector<bool> gone(x.shape.rank(), axes.empty());
    for (const std::int64_t axis : axes)
        gone[resolve_axis("reference", axis, x.shape)] = true;
    Shape ones = x.shape, left;
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (gone[i]) ones = ones.with(i, 1);
        if (!gone[i]) left = left.inserted(left.rank(), x.shape[i]);
    }
    std::vector<std::vector<double>> values(static_cast<std::size_t>(ones.count()));
    const Strides strides = contiguous_strides(ones);
    for (std::int64_t i = 0; i < x.count(); ++i) {
        const Index index = index_of(x.shape, i);
        std::int64_t place = 0;
        for (std::size_t axis = 0; axis < index.size(); ++axis)
            place += gone[axis] ? 0 : index[axis] * strides[axis];
        values[static_cast<std::size_t>(place)].push_back(x[i]);
    }
    Array y(keep ? ones : left);
    for (std::size_t i = 0; i < values.size(); ++i)
        y.values[i] = function(values[i]);
    return y;
}

double variance_of(const std::vector<double>& v, double correction) {
    double mean = 0, squares = 0;
    for (const double x : v)
        mean += x / static_cast<double>(v.size());
    for (const double x : v)
        squares += (x - mean) * (x - mean);
    return squares / (static_cast<double>(v.size()) - correction);
}

double logsumexp_of(const std::vector<double>& v) {
    double largest = -kInf, total = 0;
    for (const double x : v)
        largest = std::max(largest, x);
    if (std::isinf(largest)) return largest;
    for (const double x : v)
        total += std::exp(x - largest);
    return largest + std::log(total);
}

double norm_of(const std::vector<double>& v, double p) {
    double total = p == -kInf ? kInf : 0.0;
    for (const double x : v) {
        if (p == kInf) total = std::max(total, std::abs(x));
        if (p == -kInf) total = std::min(total, std::abs(x));
        if (p == 0) total += x != 0;
        if (p != 0 && std::isfinite(p)) total += std::pow(std::abs(x), p);
    }
    return p == 0 || std::isinf(p) ? total : std::pow(total, 1 / p);
}

std::vector<double> doubles(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

struct Over {
    Shape shape;
    std::vector<std::int64_t> axes = {};
    bool keep = false;
    std::string text() const {
        std::string text = to_string(shape) + " over";
        for (const std::int64_t axis : axes)
            text += " " + std::to_string(axis);
        return text + (keep ? ", axes kept" : "");
    }
};

double values_each(const Over& over) {
    const Array counts = statistic_of(Array(over.shape), over.axes, false,
                                      [](const auto& v) { return static_cast<double>(v.size()); });
    return counts[0];
}

// `spread`: rounding of x beside its deviation.
OpCase var_row(bool root, Over over, double correction = 1, double center = 0) {
    const double spread = 1 + std::abs(center);
    return {.name = fmt::format("{} of {} less {} at {}", root ? "std" : "var", over.text(),
                                correction, center),
            .inputs = {{.shape = over.shape, .low = center - 2, .high = center + 2}},
            .build =
                [=](const Tensors& in) {
                    const VarOptions options{over.axes, correction, over.keep};
                    return root ? ingot::std(in[0], options) : var(in[0], options);
                },
            .reference =
                [=](const Arrays& in) {
                    return statistic_of(in[0], over.axes, over.keep, [=](const auto& v) {
                        const double variance = variance_of(v, correction);
                        return root ? std::sqrt(variance) : variance;
                    });
                },
            // Squares are all positive: their sum rounds as its tree is deep. The mean's rounding
            // enters squared.
            .forward = {.units = 4, .length = 1 + std::log2(values_each(over))},
            .gradient = {.units = 16, .length = spread},
            .samples = 8};
}

OpCase logsumexp_row(Over over, double reach = 3) {
    return {.name = fmt::format("logsumexp of {} up to {}", over.text(), reach),
            .inputs = {{.shape = over.shape, .low = -reach, .high = reach}},
            .build =
                [=](const Tensors& in) {
                    return logsumexp(in[0], {over.axes, over.keep});
                },
            .reference =
                [=](const Arrays& in) {
                    return statistic_of(in[0], over.axes, over.keep, logsumexp_of);
                },
            .forward = {.units = 4, .length = 1 + std::log2(values_each(over))},
            // exp(x - y): 3 + 2 |x - y| units, and the rounding of y itself.
            .gradient = {.units = 32, .length = 1 + reach},
            .samples = 8};
}

OpCase norm_row(double p, Over over) {
    return {.name = fmt::format("norm of {} with p {}", over.text(), p),
            .inputs = {{.shape = over.shape,
                        .low = -2,
                        .high = 2,
                        .away_from = {0},
                        .distinct = std::isinf(p)}},
            .build =
                [=](const Tensors& in) {
                    return norm(in[0], {static_cast<float>(p), over.axes, over.keep});
                },
            .reference =
                [=](const Arrays& in) {
                    return statistic_of(in[0], over.axes, over.keep,
                                        [=](const auto& v) { return norm_of(v, p); });
                },
            // pow is good to 16 units and more in Vulkan, and taken twice.
            .forward = {.units = p == 2 || p == 1 ? 4.0 : 48.0,
                        .length = 1 + std::log2(values_each(over))},
            .gradient = {.units = p == 2 || p == 1 ? 16.0 : 200.0},
            .samples = 8,
            .step = 1e-6};
}

const std::vector<Over>& overs() {
    static const std::vector<Over> list{{{5, 7}},
                                        {{5, 7}, {0}},
                                        {{5, 7}, {-1}, true},
                                        {{2, 3, 4, 5}, {0, 2}},
                                        {{2, 3, 4, 5}, {3, 1}, true},
                                        {{3, 1031}, {1}},
                                        {{257, 9}, {0}},
                                        {{40009}}};
    return list;
}

}  // namespace

TEST_SUITE("statistics") {
    TEST_CASE("statistics: var and std") {
        std::vector<OpCase> cases;
        for (const Over& over : overs()) {
            cases.push_back(var_row(false, over));
            cases.push_back(var_row(true, over));
        }
        cases.push_back(var_row(false, {{7, 33}, {1}}, 0));
        cases.push_back(var_row(true, {{7, 33}, {1}}, 0));
        cases.push_back(var_row(false, {{7, 33}, {1}}, 2.5));
        cases.push_back(var_row(false, {{1, 3}, {0}}, 0));
        cases.push_back(var_row(false, {{}, {}}, 0));
        cases.push_back(var_row(true, {{4, 5000}, {1}}, 1, 1e4));
        cases.push_back(var_row(false, {{4, 5000}, {1}}, 1, 1e4));
        cases.push_back(var_row(false, {{300'007}}, 1, 1e4));
        cases.back().samples = 2;
        run_op_cases(cases);
    }

    TEST_CASE("statistics: ten million elements far from zero") {
        const std::vector<float> values = far_from_zero();
        const auto count = static_cast<double>(kTenMillion);
        double mean = 0, squares = 0, deviations = 0;
        for (const float v : values) {
            mean += static_cast<double>(v) / count;
            squares += static_cast<double>(v) * static_cast<double>(v);
        }
        for (const float v : values)
            deviations += (v - mean) * (v - mean);
        const Tensor x = input({kTenMillion});
        const Tensor variance = var(x), length = norm(x);
        const auto some = [&](const Tensor& y) {
            return slice(gradients(y, std::array{x})[0], {.begin = 0, .end = 4096});
        };
        const Feed feeds[] = {{x, values}};
        const auto out = compute({variance, some(variance), length, some(length)}, feeds);
        // Sums of positive numbers along a tree: a rounding a level of it, most of which cancel.
        const Tolerance sums{.units = 4, .scale = 0};
        check_close("var", {out[0][0]}, {deviations / (count - 1)}, sums);
        check_close("norm", {out[2][0]}, {std::sqrt(squares)}, sums);
        std::vector<double> d_var, d_norm;
        for (std::size_t i = 0; i < 4096; ++i) {
            d_var.push_back(2 * (values[i] - mean) / (count - 1));
            d_norm.push_back(values[i] / std::sqrt(squares));
        }
        // x - mean is off by half a unit of the mean, 2^-11 beside deviations of up to 2.
        const double mean_error = 2 * 0x1p-11 / (count - 1);
        check_close("d var", doubles(out[1]), d_var, {.scale = 0, .absolute = mean_error});
        check_close("d norm", doubles(out[3]), d_norm, {.scale = 0});
    }

    TEST_CASE("statistics: constant values have no deviation, nor a gradient") {
        const Tensor x = input({2, 5});
        const std::vector<float> values{3, 3, 3, 3, 3, 0, 0, 0, 0, 0};
        const Feed feeds[] = {{x, values}};
        const Tensor s = ingot::std(x, {.axes = {1}}), n = norm(x * 0.0F, {.axes = {1}});
        const auto results = compute(
            {s, gradients(sum(s), std::array{x})[0], n, gradients(sum(n), std::array{x})[0]},
            feeds);
        for (const auto& result : results) {
            for (const float value : result)
                CHECK(value == 0);
        }
        const VarMean both = var_mean(x, {.axes = {1}});
        const auto pair = compute({both.var, both.mean}, feeds);
        CHECK(pair[0] == std::vector<float>{0, 0});
        CHECK(pair[1] == std::vector<float>{3, 0});
    }

    TEST_CASE("statistics: logsumexp") {
        std::vector<OpCase> cases;
        for (const Over& over : overs())
            cases.push_back(logsumexp_row(over));
        cases.push_back(logsumexp_row({{1}}));
        cases.push_back(logsumexp_row({{3, 1}, {1}}));
        for (const double sign : {-1.0, 1.0}) {
            OpCase far = logsumexp_row({{4, 65}, {1}}, 1e4);
            far.name += sign > 0 ? " above 0" : " below 0";
            for (std::int64_t i = 0; i < 4 * 65; ++i) {  // whole numbers: x - max is exact
                far.inputs[0].values.push_back(sign * static_cast<double>(10000 - i * 7919 % 131));
            }
            far.step = 1e-4;
            far.gradient.absolute = 1e-5;  // of central differences at values of 1e4
            cases.push_back(far);
        }
        OpCase infinite = logsumexp_row({{3, 3}, {1}});
        infinite.name = "logsumexp of infinities";
        infinite.inputs[0].values = {-kInf, -kInf, -kInf, -kInf, 1, -kInf, 0, kInf, -kInf};
        infinite.has_gradient = false;
        cases.push_back(infinite);
        run_op_cases(cases);

        const Tensor x = input({2, 3});
        const auto inf = std::numeric_limits<float>::infinity();
        const std::vector<float> values{-inf, -inf, -inf, -inf, 2, -inf};
        const Feed feeds[] = {{x, values}};
        const Tensor y = logsumexp(x, {.axes = {1}});
        const auto results = compute({gradients(sum(y), std::array{x})[0]}, feeds);
        CHECK(results[0] == std::vector<float>{0, 0, 0, 0, 1, 0});
    }

    TEST_CASE("statistics: norm") {
        std::vector<OpCase> cases;
        for (const double p : {1.0, 2.0, kInf, -kInf, 3.0, 0.5, -1.0}) {
            for (const Over& over : {Over{{5, 7}}, Over{{5, 7}, {-1}, true},
                                     Over{{2, 3, 4, 5}, {0, 2}}, Over{{33, 65}, {0}}}) {
                cases.push_back(norm_row(p, over));
            }
        }
        cases.push_back(norm_row(2, {{40009}}));
        cases.push_back(norm_row(2, {{}, {}}));
        cases.push_back(norm_row(3, {{}, {}}));
        OpCase count = norm_row(0, {{2, 3}, {1}});
        count.inputs[0].values = {0, -1, 2, 0, 0, 3};
        count.has_gradient = false;
        cases.push_back(count);
        run_op_cases(cases);
    }

    TEST_CASE("statistics: errors") {
        const Tensor x = input({4, 6});
        CHECK(thrown_message([&] { var(x, {.axes = {2}}); }).find("var: ") != std::string::npos);
        CHECK(thrown_message([&] {
                  ingot::std(x, {.axes = {1, -1}});
              }) == "invalid argument: std: axes [1, -1] of [4, 6] name one axis twice");
        CHECK(
            thrown_message([&] {
                var(input({3, 1}), {.axes = {1}});
            }) ==
            "invalid argument: var: 1 values with a correction of 1: the sum of squares is divided "
            "by their difference");
        CHECK(thrown_message([&] { var_mean(input({3}, i32)); }) ==
              "invalid argument: var_mean: takes f32, not i32[3]");
        CHECK(thrown_message([&] {
                  logsumexp(x, {.axes = {0, 0}});
              }).find("logsumexp: axes") != std::string::npos);
        CHECK(thrown_message([&] { norm(x, {.p = std::numeric_limits<float>::quiet_NaN()}); }) ==
              "invalid argument: norm: p is nan");
        CHECK(thrown_message([&] { norm(x, {.axes = {-3}}); }).find("norm: ") != std::string::npos);
    }
}
