// SPDX-License-Identifier: MIT
// Comparisons and logic, bools stored four to a word: sizes around a word and a vector of them,
// NaN and infinities, and the choice between two tensors.
#include "ops/pointwise_rows.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(comparison);

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

struct Comparison {
    const char* name;
    Tensor (*function)(const Tensor&, const Tensor&);
    bool (*reference)(double, double);
};

const Comparison kComparisons[] = {
    {"equal", equal, [](double a, double b) { return a == b; }},
    {"not_equal", not_equal, [](double a, double b) { return a != b; }},
    {"greater", greater, [](double a, double b) { return a > b; }},
    {"greater_equal", greater_equal, [](double a, double b) { return a >= b; }},
    {"less", less, [](double a, double b) { return a < b; }},
    {"less_equal", less_equal, [](double a, double b) { return a <= b; }},
};

OpCase compared(const Comparison& row, const OpInput& a, const OpInput& b) {
    return {.name = row.name + (" " + to_string(a.shape)) + " of " + to_string(a.dtype),
            .inputs = {a, b},
            .build = [row](const Tensors& in) { return row.function(in[0], in[1]); },
            .reference =
                [row](const Arrays& in) {
                    return map(in[0], in[1],
                               [row](double x, double y) { return row.reference(x, y) ? 1 : 0; });
                },
            .forward = {.units = 0},
            .has_gradient = false};
}

}  // namespace

TEST_SUITE("comparison") {
    TEST_CASE("comparison: sizes around a word, numbers and NaN") {
        for (const Comparison& row : kComparisons) {
            std::vector<OpCase> cases;
            for (const std::int64_t n : {1, 2, 3, 4, 5, 16, 17, 67, 260}) {
                const OpInput ints{.shape = {n}, .dtype = i32, .low = -2, .high = 2};
                cases.push_back(compared(row, ints, ints));
                cases.push_back(compared(row, {.shape = {n}, .dtype = i32, .low = -2, .high = 2},
                                         {.shape = {1}, .dtype = i32, .values = {1}}));
            }
            cases.push_back(compared(row,
                                     {.shape = {6}, .values = {kNan, kNan, kInf, -kInf, -0.0, 1}},
                                     {.shape = {6}, .values = {kNan, 1, kInf, kInf, 0.0, kNan}}));
            cases.push_back(compared(row, {.shape = {7, 5}}, {.shape = {7, 1}}));
            run_op_cases(cases);
        }
    }

    TEST_CASE("comparison: logic") {
        const OpInput bools{.dtype = boolean, .low = 0, .high = 1};
        run_op_cases(binary_cases({
            {"and", logical_and, [](double a, double b) { return a * b; }, bools, bools, 0, 0,
             false},
            {"or", logical_or, [](double a, double b) { return std::max(a, b); }, bools, bools, 0,
             0, false},
            {"xor", logical_xor, [](double a, double b) { return a == b ? 0.0 : 1.0; }, bools,
             bools, 0, 0, false},
        }));
        const OpInput odd{.shape = {5}, .values = {kNan, kInf, -kInf, 0, -3}};
        const auto one = [&](const std::string& name, Tensor (*function)(const Tensor&),
                             std::vector<double> results) {
            return OpCase{.name = name,
                          .inputs = {odd},
                          .build = [=](const Tensors& in) { return function(in[0]); },
                          .reference = [=](const Arrays&) { return Array({5}, results); },
                          .forward = {.units = 0},
                          .has_gradient = false};
        };
        run_op_cases(
            {one("isnan", isnan, {1, 0, 0, 0, 0}), one("isinf", isinf, {0, 1, 1, 0, 0}),
             one("isfinite", isfinite, {0, 0, 0, 1, 1}),
             one("not", [](const Tensor& x) { return logical_not(isnan(x)); }, {0, 1, 1, 1, 1})});
    }

    TEST_CASE("comparison: where") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1}, Shape{3}, Shape{4}, Shape{17}, Shape{5, 8}}) {
            cases.push_back({.name = "where " + to_string(shape),
                             .inputs = {{.shape = shape, .dtype = boolean, .low = 0, .high = 1},
                                        {.shape = shape},
                                        {.shape = {1}}},
                             .build = [](const Tensors& in) { return where(in[0], in[1], in[2]); },
                             .reference =
                                 [](const Arrays& in) {
                                     return make_array(in[1].shape, [&](const Index& i) {
                                         return at(in[0], i) != 0 ? at(in[1], i) : at(in[2], i);
                                     });
                                 },
                             .forward = {.units = 0},
                             .gradient = {.units = 16, .length = 40},
                             .integers = 2e9});
        }
        run_op_cases(cases);
    }

    TEST_CASE("comparison: refusals") {
        const Tensor x = input({3}), n = input({3}, i32), b = input({3}, boolean);
        CHECK(thrown_message([&] { greater(x, n); }) ==
              "invalid argument: greater: takes floating-point numbers, not i32[3]");
        CHECK(thrown_message([&] { logical_and(b, x); }) ==
              "invalid argument: logical_and: takes bool, not f32[3]");
        CHECK(thrown_message([&] { where(x, x, x); }) ==
              "invalid argument: where: takes bool, not f32[3]");
        CHECK(thrown_message([&] { where(b, x, n); }) ==
              "invalid argument: where: chooses between f32[3] and i32[3], which differ in type");
        CHECK(thrown_message([&] { equal(x, input({4})); }).find("cannot be broadcast") !=
              std::string::npos);
    }
}
