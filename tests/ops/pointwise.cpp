// SPDX-License-Identifier: MIT
// Every pointwise function on ordinary values. Units are those of Vulkan's precision rules: a
// division 2.5, a square root 3, exp 3 + 2 |x|, log 3, and what is composed of them their sum.
#include "support/op_case.h"
#include "support/reference.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(pointwise);

namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

struct UnaryRow {
    std::string name;
    Unary function;
    double (*reference)(double);
    OpInput input;
    double units = 4;
    double gradient_units = 16;
    double absolute = 0;
};

std::vector<OpCase> unary_cases(const std::vector<UnaryRow>& rows) {
    std::vector<OpCase> cases;
    for (const UnaryRow& row : rows) {
        OpInput input = row.input;
        if (input.values.empty()) input.shape = {5, 13};
        cases.push_back({.name = row.name,
                         .inputs = {input},
                         .build = [row](const Tensors& in) { return row.function(in[0]); },
                         .reference = [row](const Arrays& in) { return map(in[0], row.reference); },
                         .forward = {.units = row.units, .absolute = row.absolute},
                         .gradient = {.units = row.gradient_units, .absolute = row.absolute}});
    }
    return cases;
}

struct BinaryRow {
    std::string name;
    Binary function;
    double (*reference)(double, double);
    OpInput a, b;
    double units = 4;
    double gradient_units = 16;
    bool has_gradient = true;
};

std::vector<OpCase> binary_cases(const std::vector<BinaryRow>& rows) {
    std::vector<OpCase> cases;
    for (const BinaryRow& row : rows) {
        OpInput a = row.a, b = row.b;
        if (a.values.empty()) a.shape = b.shape = {5, 13};
        cases.push_back(
            {.name = row.name,
             .inputs = {a, b},
             .build = [row](const Tensors& in) { return row.function(in[0], in[1]); },
             .reference = [row](const Arrays& in) { return map(in[0], in[1], row.reference); },
             .forward = {.units = row.units},
             .gradient = {.units = row.gradient_units},
             .has_gradient = row.has_gradient});
    }
    return cases;
}

double sigmoid_of(double x) {
    return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
double gelu_erf_of(double x) {
    return 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
}
double gelu_tanh_of(double x) {
    const double scale = std::sqrt(2 / std::numbers::pi);
    return 0.5 * x * (1 + std::tanh(scale * (x + 0.044715 * x * x * x)));
}
Tensor gelu_erf(const Tensor& x) {
    return gelu(x, GeluForm::kErf);
}
Tensor gelu_tanh(const Tensor& x) {
    return gelu(x, GeluForm::kTanh);
}
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
            {"tanh", ingot::tanh, [](double x) { return std::tanh(x); }, {.low = -4, .high = 4}},
            {"sigmoid", sigmoid, sigmoid_of, {.low = -6, .high = 6}, 8},
            {"erf",
             ingot::erf,
             [](double x) { return std::erf(x); },
             {.low = -3, .high = 3},
             4,
             32,
             kErfError},
            {"relu", relu, [](double x) { return x > 0 ? x : 0; }, {.away_from = {0}}},
            {"gelu erf", gelu_erf, gelu_erf_of, {.low = -4, .high = 4}, 8, 32, 4 * kErfError},
            {"gelu tanh", gelu_tanh, gelu_tanh_of, {.low = -4, .high = 4}, 16, 64},
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
            {"equal",
             equal,
             [](double a, double b) { return a == b ? 1.0 : 0.0; },
             {.shape = {4}, .values = {1, 2, -0.0, 4}},
             {.shape = {4}, .values = {1, 3, 0.0, -4}},
             0,
             0,
             false},
            {"equal of i32",
             equal,
             [](double a, double b) { return a == b ? 1.0 : 0.0; },
             {.dtype = i32, .low = -2, .high = 2},
             {.dtype = i32, .low = -2, .high = 2},
             0,
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
