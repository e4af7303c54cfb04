// SPDX-License-Identifier: MIT
// Every pointwise function on ordinary values. Units are those of Vulkan's precision rules: a
// division 2.5, a square root 3, exp 3 + 2 |x|, log 3, and what is composed of them their sum.
#include "ops/pointwise_rows.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(pointwise);

namespace {

Tensor minus(const Tensor& x) {
    return -x;
}
Tensor plus(const Tensor& a, const Tensor& b) {
    return a + b;
}
Tensor minus_two(const Tensor& a, const Tensor& b) {
    return a - b;
}
Tensor times(const Tensor& a, const Tensor& b) {
    return a * b;
}
Tensor over(const Tensor& a, const Tensor& b) {
    return a / b;
}

const OpInput kSteps{.low = -3, .high = 3, .away_from = {-3, -2, -1, 0, 1, 2, 3}};
constexpr double kErfError = 6e-7;  // documented: 3e-7 absolute, and the roundings around it

}  // namespace

TEST_SUITE("pointwise") {
    TEST_CASE("pointwise: functions of one operand") {
        run_op_cases(unary_cases({
            {"negate", minus, [](double x) { return -x; }, {}},
            {"abs", ingot::abs, [](double x) { return std::abs(x); }, {.away_from = {0}}},
            {"square", square, [](double x) { return x * x; }, {.low = -3, .high = 3}},
            {"exp", ingot::exp, [](double x) { return std::exp(x); }, {.low = -4, .high = 4}, 11},
            {"log", ingot::log, [](double x) { return std::log(x); }, {.low = 0.1, .high = 5}},
            {"sqrt", ingot::sqrt, [](double x) { return std::sqrt(x); }, {.low = 0.1, .high = 5}},
            {"erf",
             ingot::erf,
             [](double x) { return std::erf(x); },
             {.low = -3, .high = 3},
             4,
             32,
             kErfError},
            {"expm1",
             ingot::expm1,
             [](double x) { return std::expm1(x); },
             {.low = -3, .high = 3},
             16},
            {"expm1 near 0",
             ingot::expm1,
             [](double x) { return std::expm1(x); },
             {.shape = {6}, .values = {0, 1e-7, -1e-7, 0.499, 0.501, -0.501}},
             16},
            {"log1p",
             ingot::log1p,
             [](double x) { return std::log1p(x); },
             {.low = -0.9, .high = 5},
             8},
            {"log1p near 0",
             ingot::log1p,
             [](double x) { return std::log1p(x); },
             {.shape = {6}, .values = {0, 1e-7, -1e-7, 0.999, 1.001, -0.501}},
             8},
            {"reciprocal", reciprocal, [](double x) { return 1 / x; }, {.low = 0.2, .high = 4}},
            {"rsqrt",
             rsqrt,
             [](double x) { return 1 / std::sqrt(x); },
             {.low = 0.2, .high = 4},
             8,
             64},
            {"sin",
             ingot::sin,
             [](double x) { return std::sin(x); },
             {.low = -10, .high = 10},
             4,
             16},
            {"cos",
             ingot::cos,
             [](double x) { return std::cos(x); },
             {.low = -10, .high = 10},
             4,
             16},
            {"tan",
             ingot::tan,
             [](double x) { return std::tan(x); },
             {.low = -1.2, .high = 1.2},
             16,
             64},
            {"asin",
             ingot::asin,
             [](double x) { return std::asin(x); },
             {.low = -0.95, .high = 0.95},
             16,
             256},
            {"acos",
             ingot::acos,
             [](double x) { return std::acos(x); },
             {.low = -0.95, .high = 0.95},
             16,
             256},
            {"atan", ingot::atan, [](double x) { return std::atan(x); }, {.low = -5, .high = 5}, 8},
            {"asinh",
             ingot::asinh,
             [](double x) { return std::asinh(x); },
             {.low = -3, .high = 3},
             16,
             32},
            {"asinh at its ends",
             ingot::asinh,
             [](double x) { return std::asinh(x); },
             {.shape = {8}, .values = {0, 1e-5, -1e-5, 9999, 10001, -2e4, 1e30, -3e38}},
             16,
             32},
            {"acosh",
             ingot::acosh,
             [](double x) { return std::acosh(x); },
             {.low = 1.2, .high = 9},
             16,
             64},
            {"acosh at its ends",
             ingot::acosh,
             [](double x) { return std::acosh(x); },
             {.shape = {4}, .values = {1.0009765625, 1e10, 1e30, 3.4e38}},
             16,
             256},
            {"atanh",
             ingot::atanh,
             [](double x) { return std::atanh(x); },
             {.low = -0.9, .high = 0.9},
             16,
             64},
            {"sinh",
             ingot::sinh,
             [](double x) { return std::sinh(x); },
             {.low = -3, .high = 3},
             32,
             64},
            {"cosh",
             ingot::cosh,
             [](double x) { return std::cosh(x); },
             {.low = -3, .high = 3},
             16,
             32},
            {"floor", ingot::floor, [](double x) { return std::floor(x); }, kSteps, 0},
            {"ceil", ingot::ceil, [](double x) { return std::ceil(x); }, kSteps, 0},
            {"trunc", ingot::trunc, [](double x) { return std::trunc(x); }, kSteps, 0},
            {"round",
             ingot::round,
             [](double x) { return std::nearbyint(x); },
             {.low = -3, .high = 3, .away_from = {-2.5, -1.5, -0.5, 0.5, 1.5, 2.5}},
             0},
            {"sign",
             ingot::sign,
             [](double x) { return double((x > 0) - (x < 0)); },
             {.away_from = {0}},
             0},
            {"clamp",
             [](const Tensor& x) { return clamp(x, -0.5F, 0.25F); },
             [](double x) { return std::clamp(x, -0.5, 0.25); },
             {.away_from = {-0.5, 0.25}},
             0},
        }));
    }

    TEST_CASE("pointwise: functions of two operands") {
        run_op_cases(binary_cases({
            {"add", plus, [](double a, double b) { return a + b; }, {}, {}},
            {"subtract", minus_two, [](double a, double b) { return a - b; }, {}, {}},
            {"multiply", times, [](double a, double b) { return a * b; }, {}, {}},
            {"divide",
             over,
             [](double a, double b) { return a / b; },
             {},
             {.low = -2, .high = 2, .away_from = {0}, .distance = 0.5}},
            {"maximum",
             maximum,
             [](double a, double b) { return std::max(a, b); },
             {.low = -1, .high = 1, .distinct = true},
             {.low = -1.001, .high = 0.999, .distinct = true}},
            {"minimum",
             minimum,
             [](double a, double b) { return std::min(a, b); },
             {.low = -1, .high = 1, .distinct = true},
             {.low = -1.001, .high = 0.999, .distinct = true}},
            // exp2(y log2 x): log2's error of 3 units is multiplied by y and by log2 x
            {"pow of positive bases",
             ingot::pow,
             [](double a, double b) { return std::pow(a, b); },
             {.low = 0.2, .high = 3},
             {.low = -2, .high = 2},
             64,
             256},
            {"floor_divide",
             floor_divide,
             [](double a, double b) { return std::floor(a / b); },
             {.shape = {5}, .values = {7, -7, 7.5, -0.5, 6}},
             {.shape = {5}, .values = {2, 2, -2, 3, 2.5}},
             0,
             0,
             false},
            {"remainder",
             remainder,
             [](double a, double b) { return a - std::floor(a / b) * b; },
             {.shape = {5}, .values = {7, -7, 7.5, -0.5, 6}},
             {.shape = {5}, .values = {2, 2, -2, 3, 2.5}},
             4,
             0,
             false},
        }));
        // Half to each where two are equal: central differences of max say the same.
        run_op_cases(binary_cases({{"maximum of equals",
                                    maximum,
                                    [](double a, double b) { return std::max(a, b); },
                                    {.shape = {3}, .values = {1, -2, 0}},
                                    {.shape = {3}, .values = {1, -2, 0}}},
                                   {"minimum of equals",
                                    minimum,
                                    [](double a, double b) { return std::min(a, b); },
                                    {.shape = {3}, .values = {1, -2, 0}},
                                    {.shape = {3}, .values = {1, -2, 0}}}}));
    }

    TEST_CASE("pointwise: pow of negative bases") {
        const OpInput base{.shape = {6}, .values = {-2, -2, -3, -1.5, -2, 4}};
        const OpInput exponent{
            .shape = {6}, .values = {2, 3, 1, 0, -1, 0.5}, .differentiable = false};
        OpCase row{.name = "pow of negative bases",
                   .inputs = {base, exponent},
                   .build = [](const Tensors& in) { return pow(in[0], in[1]); },
                   .reference =
                       [](const Arrays& in) {
                           return map(in[0], in[1],
                                      [](double a, double b) { return std::pow(a, b); });
                       },
                   .forward = {.units = 64},
                   .gradient = {.units = 256}};
        run_op_cases({row});
    }

    TEST_CASE("pointwise: sine of large arguments") {
        const OpInput large{.shape = {6}, .values = {1e3, -12345.678, 99999, 3.14159274, 0, -1e5}};
        std::vector<OpCase> cases = unary_cases({
            {"sin", ingot::sin, [](double x) { return std::sin(x); }, large, 4, 16, 4e-7},
            {"cos", ingot::cos, [](double x) { return std::cos(x); }, large, 4, 16, 4e-7},
        });
        for (OpCase& row : cases)
            row.has_gradient = false;  // a step of the differences is longer than a period
        run_op_cases(cases);
    }

    TEST_CASE("pointwise: integers") {
        const OpInput a{.dtype = i32, .low = -50, .high = 50};
        const OpInput b{.dtype = i32, .low = -7, .high = 7};
        const auto floored = [](double x, double y) { return y == 0 ? 0 : std::floor(x / y); };
        run_op_cases(binary_cases({
            {"add", plus, [](double x, double y) { return x + y; }, a, b, 0, 0, false},
            {"subtract", minus_two, [](double x, double y) { return x - y; }, a, b, 0, 0, false},
            {"multiply", times, [](double x, double y) { return x * y; }, a, b, 0, 0, false},
            {"maximum", maximum, [](double x, double y) { return std::max(x, y); }, a, b, 0, 0,
             false},
            {"minimum", minimum, [](double x, double y) { return std::min(x, y); }, a, b, 0, 0,
             false},
            {"floor_divide", floor_divide, floored, a, b, 0, 0, false},
            {"remainder", remainder,
             [](double x, double y) { return y == 0 ? x : x - std::floor(x / y) * y; }, a, b, 0, 0,
             false},
            {"abs and a literal",
             [](const Tensor& x, const Tensor& y) { return abs(x) * 3.0F - y; },
             [](double x, double y) { return std::abs(x) * 3 - y; }, a, b, 0, 0, false},
        }));
    }

    TEST_CASE("pointwise: casts") {
        const auto truncated = [](const Arrays& in) {
            return map(in[0], [](double x) { return std::trunc(x); });
        };
        const auto same = [](const Arrays& in) { return in[0]; };
        const auto to_f32 = [](const Tensors& in) { return cast(in[0], f32); };
        const auto to_i32 = [](const Tensors& in) { return cast(in[0], i32); };
        const Tolerance exact{.units = 0};
        for (const std::int64_t n : {1, 3, 4, 5, 67}) {
            const std::string size = " of " + std::to_string(n);
            run_op_cases({
                {.name = "i32 to f32" + size,
                 .inputs = {{.shape = {n}, .dtype = i32, .low = -70000, .high = 70000}},
                 .build = to_f32,
                 .reference = same,
                 .forward = exact},
                {.name = "u8 to f32" + size,
                 .inputs = {{.shape = {n}, .dtype = u8, .low = 0, .high = 255}},
                 .build = to_f32,
                 .reference = same,
                 .forward = exact},
                {.name = "f32 to i32" + size,
                 .inputs = {{.shape = {n}, .low = -100, .high = 100}},
                 .build = to_i32,
                 .reference = truncated,
                 .forward = exact,
                 .has_gradient = false},
                {.name = "f32 to u8" + size,
                 .inputs = {{.shape = {n}, .low = 0, .high = 255.9}},
                 .build = [](const Tensors& in) { return cast(in[0], u8); },
                 .reference = truncated,
                 .forward = exact,
                 .has_gradient = false,
                 .narrow = false},
                {.name = "i32 to bool" + size,
                 .inputs = {{.shape = {n}, .dtype = i32, .low = -1, .high = 1}},
                 .build = [](const Tensors& in) { return cast(in[0], boolean); },
                 .reference =
                     [](const Arrays& in) {
                         return map(in[0], [](double x) { return x != 0 ? 1.0 : 0.0; });
                     },
                 .forward = exact},
                {.name = "bool to f32, transposed" + size,
                 .inputs = {{.shape = {n, 3}, .dtype = boolean, .low = 0, .high = 1}},
                 .build = [](const Tensors& in) { return cast(transpose(in[0]), f32); },
                 .reference =
                     [](const Arrays& in) {
                         return permuted(in[0], {1, 0});
                     },
                 .forward = exact},
            });
        }
    }

    TEST_CASE("pointwise: sizes around the group and the elements of an invocation") {
        std::vector<OpCase> cases;
        for (const std::int64_t n :
             {1, 2, 4, 63, 64, 65, 68, 127, 1009, 4095, 4096, 4097, 65535, 65536, 65537, 70004}) {
            cases.push_back({.name = std::to_string(n) + " elements",
                             .inputs = {{.shape = {n}}, {.shape = {n}}},
                             .build = [](const Tensors& in) { return in[0] * in[1] + in[0]; },
                             .reference =
                                 [](const Arrays& in) {
                                     return map(in[0], in[1],
                                                [](double a, double b) { return a * b + a; });
                                 },
                             .samples = n > 5000 ? 4u : 48u});
        }
        run_op_cases(cases);
    }
}
