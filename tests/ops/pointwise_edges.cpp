// SPDX-License-Identifier: MIT
// Pointwise functions where they are hard: broadcasting in every form, large arguments, infinities
// and NaN, long programs that must be split, errors.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

OpCase unary(const std::string& name, Tensor (*function)(const Tensor&),
             const std::vector<double>& values, const std::vector<double>& results,
             Tolerance tolerance = {.units = 0}) {
    const Shape shape{static_cast<std::int64_t>(values.size())};
    return {.name = name,
            .inputs = {{.shape = shape, .values = values}},
            .build = [=](const Tensors& in) { return function(in[0]); },
            .reference = [=](const Arrays&) { return Array(shape, results); },
            .forward = tolerance,
            .has_gradient = false};
}

Tensor gelu_erf(const Tensor& x) {
    return gelu(x, GeluForm::kErf);
}
Tensor gelu_tanh(const Tensor& x) {
    return gelu(x, GeluForm::kTanh);
}

}  // namespace

TEST_SUITE("pointwise") {
    TEST_CASE("pointwise: broadcasting") {
        struct Pair {
            const char* name;
            Shape a, b;
        };
        const Pair pairs[] = {
            {"scalar", {4, 5}, {}},
            {"scalar first", {}, {4, 5}},
            {"one element", {4, 5}, {1}},
            {"two scalars", {}, {}},
            {"row", {4, 5}, {5}},
            {"row first", {5}, {4, 5}},
            {"column", {4, 5}, {4, 1}},
            {"channel", {2, 3, 4, 5}, {3, 1, 1}},
            {"batch", {2, 3, 4, 5}, {2, 1, 1, 1}},
            {"block of axes", {2, 3, 4, 5}, {3, 4, 1}},
            {"both", {4, 1}, {1, 5}},
            {"both, five axes", {2, 1, 3, 1, 2}, {1, 4, 1, 5, 1}},
            {"every second axis", {2, 3, 4, 5}, {3, 1, 5}},
            {"large row", {67, 129}, {129}},
            {"large column", {129, 67}, {129, 1}},
            // In fours: one element for all of them, or the next four.
            {"four columns", {3, 5, 4}, {5, 1}},
            {"channel of twelve pixels", {2, 5, 3, 4}, {5, 1, 1}},
            {"row of four", {7, 4}, {4}},
            {"row of twelve", {12}, {7, 12}},
            {"block of eight", {3, 2, 4, 8}, {2, 4, 1}},
            {"large channel", {3, 37, 16, 20}, {37, 1, 1}},
            {"large row of fours", {67, 132}, {132}},
        };
        std::vector<OpCase> cases;
        for (const Pair& pair : pairs) {
            cases.push_back({.name = std::string("a * b + a, ") + pair.name,
                             .inputs = {{.shape = pair.a}, {.shape = pair.b}},
                             .build = [](const Tensors& in) { return in[0] * in[1] + in[0]; },
                             .reference =
                                 [](const Arrays& in) {
                                     return map(in[0], in[1],
                                                [](double a, double b) { return a * b + a; });
                                 },
                             .gradient = {.units = 16, .length = 32}});
        }
        // Several inputs broadcast differently in one program, a transposed one among them.
        cases.push_back(
            {.name = "row, column, transposed",
             .inputs = {{.shape = {6, 7}}, {.shape = {7}}, {.shape = {6, 1}}, {.shape = {7, 6}}},
             .build = [](const Tensors& in) { return (in[0] + in[1]) * in[2] - transpose(in[3]); },
             .reference =
                 [](const Arrays& in) {
                     return make_array({6, 7}, [&](const Index& i) {
                         return (at(in[0], i) + at(in[1], i)) * at(in[2], i) -
                                at(in[3], {i[1], i[0]});
                     });
                 },
             .gradient = {.units = 16, .length = 8}});
        run_op_cases(cases);
    }

    TEST_CASE("pointwise: large arguments") {
        const std::vector<double> x{-1e4, -100, 100, 1e4};
        const Tolerance tiny{.units = 2};
        run_op_cases({
            unary("tanh", tanh, x, {-1, -1, 1, 1}, tiny),
            unary("sigmoid", sigmoid, x, {0, 0, 1, 1}, tiny),
            unary("erf", erf, x, {-1, -1, 1, 1}, tiny),
            unary("exp", exp, x, {0, 0, kInf, kInf}, {.units = 0, .absolute = 1e-37}),
            unary("gelu erf", gelu_erf, x, {0, 0, 100, 1e4}, tiny),
            unary("gelu tanh", gelu_tanh, x, {0, 0, 100, 1e4}, tiny),
            unary("relu", relu, x, {0, 0, 100, 1e4}),
        });
    }

    TEST_CASE("pointwise: gradients at large arguments stay finite") {
        const Tensor x = input({4});
        const std::vector<float> values{-1e4F, -100, 100, 1e4F};
        const Feed feeds[] = {{x, values}};
        using Function = Tensor (*)(const Tensor&);
        const std::pair<Function, float> rows[] = {
            // and the gradient on the far right
            {tanh, 0}, {sigmoid, 0}, {erf, 0}, {gelu_erf, 1}, {gelu_tanh, 1}, {relu, 1}};
        for (const auto& [function, right] : rows) {
            const Tensor d = gradients(sum(function(x)), std::array{x})[0];
            const auto result = compute({d}, feeds)[0];
            CHECK(result[0] == doctest::Approx(0));
            CHECK(result[3] == doctest::Approx(right));
        }
    }

    TEST_CASE("pointwise: NaN and infinity") {
        const std::vector<double> a{kNan, 1, kNan, kInf, -kInf, 1};
        const std::vector<double> b{1, kNan, kNan, 1, 1, -kInf};
        const auto binary = [&](const std::string& name, auto build, std::vector<double> results) {
            return OpCase{.name = name,
                          .inputs = {{.shape = {6}, .values = a}, {.shape = {6}, .values = b}},
                          .build = build,
                          .reference = [=](const Arrays&) { return Array({6}, results); },
                          .forward = {.units = 0},
                          .has_gradient = false};
        };
        run_op_cases({
            binary("maximum", [](const Tensors& in) { return maximum(in[0], in[1]); },
                   {kNan, kNan, kNan, kInf, 1, 1}),
            binary("minimum", [](const Tensors& in) { return minimum(in[0], in[1]); },
                   {kNan, kNan, kNan, 1, -kInf, -kInf}),
            binary("equal", [](const Tensors& in) { return equal(in[0], in[1]); },
                   {0, 0, 0, 0, 0, 0}),
            unary("relu", relu, {kNan, kInf, -kInf, -0.0}, {kNan, kInf, 0, 0}),
            unary("tanh", tanh, {kNan, kInf, -kInf}, {kNan, 1, -1}, {.units = 2}),
            unary("erf", erf, {kNan, kInf, -kInf}, {kNan, 1, -1}, {.units = 2}),
            unary("sigmoid", sigmoid, {kInf, -kInf}, {1, 0}, {.units = 2}),
            unary("abs", abs, {kNan, -kInf}, {kNan, kInf}),
            unary("log", ingot::log, {0, -0.0, 0}, {-kInf, -kInf, -kInf}),
            unary("log of four", ingot::log, {0, -0.0, 0, 0}, {-kInf, -kInf, -kInf, -kInf}),
        });
    }

    TEST_CASE("pointwise: a program longer than one kernel takes") {
        const auto chain = [](auto x, auto step) {
            for (int i = 1; i <= 45; ++i)
                x = step(x, i);
            return x;
        };
        OpCase row{.name = "45 steps",
                   .inputs = {{.shape = {67}}, {.shape = {67}}},
                   .build =
                       [&](const Tensors& in) {
                           return chain(in[0], [&](const Tensor& x, int i) {
                               return x * 0.9F + in[1] * (0.01F * static_cast<float>(i));
                           });
                       },
                   .reference =
                       [&](const Arrays& in) {
                           return map(in[0], in[1], [&](double a, double b) {
                               return chain(a, [&](double x, int i) {
                                   return x * 0.9F + b * (0.01F * static_cast<float>(i));
                               });
                           });
                       },
                   .forward = {.units = 4, .length = 45},
                   .gradient = {.units = 4, .length = 45, .scale = 10}};
        run_op_cases({row});
    }

    TEST_CASE("pointwise: errors name the operation and the sizes") {
        CHECK(thrown_message([] {
                  input({4, 5}) + input({4});
              }) ==
              "invalid argument: add: shapes [4, 5] and [4] cannot be broadcast together: sizes 5 "
              "and 4 meet 0 from the last axis");
        CHECK(thrown_message([] {
                  input({4}, i32) + input({4});
              }).find("add: takes floating-point numbers, not i32[4]") != std::string::npos);
        CHECK(thrown_message([] { exp(Tensor()); }).find("exp: input 0 is an empty Tensor") !=
              std::string::npos);
    }
}
