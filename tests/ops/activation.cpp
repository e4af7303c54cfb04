// SPDX-License-Identifier: MIT
// Activation functions on ordinary values, at their kinks' sides, and where they must not overflow.
#include "ops/pointwise_rows.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(activation);

namespace {

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
double softplus_of(double x) {
    return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}
double elu_of(double x, double alpha) {
    return x > 0 ? x : alpha * std::expm1(x);
}
double clipped(double x, double low, double high) {
    return std::min(std::max(x, low), high);
}

const OpInput kWide{.low = -6, .high = 6, .away_from = {0}};
constexpr double kErfError = 6e-7;  // documented: 3e-7 absolute, and the roundings around it

}  // namespace

TEST_SUITE("activation") {
    TEST_CASE("activation: formulas") {
        run_op_cases(unary_cases({
            {"tanh", ingot::tanh, [](double x) { return std::tanh(x); }, {.low = -4, .high = 4}},
            {"sigmoid", sigmoid, sigmoid_of, kWide, 8},
            {"log_sigmoid", log_sigmoid, [](double x) { return -softplus_of(-x); }, kWide, 16},
            {"relu", relu, [](double x) { return x > 0 ? x : 0; }, {.away_from = {0}}},
            {"relu6",
             relu6,
             [](double x) { return clipped(x, 0, 6); },
             {.low = -8, .high = 8, .away_from = {0, 6}}},
            {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); },
             [](double x) { return x > 0 ? x : 0.01 * x; }, kWide},
            {"elu", [](const Tensor& x) { return elu(x, 0.7F); },
             [](double x) { return elu_of(x, 0.7); }, kWide, 16},
            {"selu", selu,
             [](double x) { return 1.0507009873554805 * elu_of(x, 1.6732632423543772); }, kWide, 16,
             32},
            {"celu", [](const Tensor& x) { return celu(x, 2.0F); },
             [](double x) { return x > 0 ? x : 2 * std::expm1(x / 2); }, kWide, 16},
            {"gelu erf", gelu_erf, gelu_erf_of, {.low = -4, .high = 4}, 8, 32, 4 * kErfError},
            {"gelu tanh", gelu_tanh, gelu_tanh_of, {.low = -4, .high = 4}, 16, 64},
            {"silu", silu, [](double x) { return x * sigmoid_of(x); }, kWide, 16, 32},
            {"mish", mish, [](double x) { return x * std::tanh(softplus_of(x)); }, kWide, 32, 64},
            {"softplus", [](const Tensor& x) { return softplus(x); }, softplus_of, kWide, 16},
            {"softplus, beta 3", [](const Tensor& x) { return softplus(x, 3.0F); },
             [](double x) { return softplus_of(3 * x) / 3; }, kWide, 16, 32},
            {"softsign", softsign, [](double x) { return x / (1 + std::abs(x)); }, kWide},
            {"hardtanh",
             [](const Tensor& x) { return hardtanh(x); },
             [](double x) { return clipped(x, -1, 1); },
             {.low = -2, .high = 2, .away_from = {-1, 1}}},
            {"hardsigmoid",
             hardsigmoid,
             [](double x) { return clipped(x + 3, 0, 6) / 6; },
             {.low = -5, .high = 5, .away_from = {-3, 3}}},
            {"hardswish",
             hardswish,
             [](double x) { return x * clipped(x + 3, 0, 6) / 6; },
             {.low = -5, .high = 5, .away_from = {-3, 3}},
             8,
             32},
            {"threshold",
             [](const Tensor& x) { return threshold(x, 0.1F, 20.0F); },
             [](double x) { return x > 0.1 ? x : 20.0; },
             {.away_from = {0.1}}},
        }));
        run_op_cases({{.name = "prelu",
                       .inputs = {{.shape = {4, 3, 5}, .away_from = {0}}, {.shape = {3, 1}}},
                       .build = [](const Tensors& in) { return prelu(in[0], in[1]); },
                       .reference =
                           [](const Arrays& in) {
                               return map(in[0], in[1],
                                          [](double x, double w) { return x > 0 ? x : w * x; });
                           },
                       .gradient = {.units = 16, .length = 20}}});
    }

    TEST_CASE("activation: arguments of 1e4 stay finite, and so do gradients") {
        const OpInput huge{.shape = {6}, .values = {-1e4, 1e4, -200, 200, -88, 88}};
        run_op_cases(unary_cases({
            {"sigmoid", sigmoid, sigmoid_of, huge, 128, 128},
            {"log_sigmoid", log_sigmoid, [](double x) { return -softplus_of(-x); }, huge, 16},
            {"softplus", [](const Tensor& x) { return softplus(x); }, softplus_of, huge, 16},
            {"elu", [](const Tensor& x) { return elu(x); }, [](double x) { return elu_of(x, 1); },
             huge, 16},
            {"silu", silu, [](double x) { return x * sigmoid_of(x); }, huge, 16, 64},
            {"gelu", gelu_tanh, gelu_tanh_of, huge, 16, 64},
        }));
    }

    TEST_CASE("activation: refusals") {
        const Tensor x = input({3});
        CHECK(thrown_message([&] { softplus(x, 0.0F); }) ==
              "invalid argument: softplus: beta is 0, must be above 0");
        CHECK(thrown_message([&] { celu(x, 0.0F); }) == "invalid argument: celu: alpha is 0");
        CHECK(thrown_message([&] { hardtanh(x, 1.0F, 1.0F); }) ==
              "invalid argument: hardtanh: low 1 is not below high 1");
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float inf = std::numeric_limits<float>::infinity();
        const std::pair<const char*, std::function<void()>> numbers[] = {
            {"clamp: low nan is not at most high 1", [&] { clamp(x, nan, 1); }},
            {"clamp: low 0 is not at most high nan", [&] { clamp(x, 0, nan); }},
            {"clamp: low inf is not at most high -inf", [&] { clamp(x, inf, -inf); }},
            {"hardtanh: low nan is not below high 1", [&] { hardtanh(x, nan, 1); }},
            {"hardtanh: low -1 is not below high nan", [&] { hardtanh(x, -1, nan); }},
            {"hardtanh: low 1 is not below high -1", [&] { hardtanh(x, 1, -1); }},
            {"softplus: beta is -1, must be above 0", [&] { softplus(x, -1); }},
            {"softplus: beta is nan, must be finite", [&] { softplus(x, nan); }},
            {"softplus: beta is inf, must be finite", [&] { softplus(x, inf); }},
            {"elu: alpha is nan, must be finite", [&] { elu(x, nan); }},
            {"elu: alpha is inf, must be finite", [&] { elu(x, inf); }},
            {"celu: alpha is nan, must be finite", [&] { celu(x, nan); }},
            {"celu: alpha is -inf, must be finite", [&] { celu(x, -inf); }},
            {"leaky_relu: negative_slope is nan, must be finite", [&] { leaky_relu(x, nan); }},
            {"threshold: threshold is nan", [&] { threshold(x, nan, 0); }},
        };
        for (const auto& [message, build] : numbers)
            CHECK(thrown_message(build) == std::string("invalid argument: ") + message);
        clamp(x, -inf, inf);  // infinite ends are no limits
        threshold(x, 0, -inf);
        CHECK(thrown_message([&] { relu(input({3}, i32)); }) ==
              "invalid argument: relu: takes floating-point numbers, not i32[3]");
        CHECK(thrown_message([&] { clamp(x, 2.0F, 1.0F); }) ==
              "invalid argument: clamp: low 2 is not at most high 1");
    }
}
