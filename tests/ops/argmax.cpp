// SPDX-License-Identifier: MIT
// argmax and argmin along every axis: ties go to the first, a NaN counts as the largest and as the
// smallest.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(argmax);

namespace {

Array places(const Array& x, std::size_t axis, bool smallest) {
    return make_array(x.shape.without(axis), [&](Index i) {
        i.insert(i.begin() + static_cast<std::ptrdiff_t>(axis), 0);
        std::int64_t best = 0;
        double value = at(x, i);
        for (std::int64_t k = 1; k < x.shape[axis]; ++k) {
            i[axis] = k;
            const double other = at(x, i);
            if (!std::isnan(value) &&
                (std::isnan(other) || (smallest ? other < value : other > value))) {
                best = k;
                value = other;
            }
        }
        return static_cast<double>(best);
    });
}

OpCase row(const std::string& name, OpInput x, std::int64_t axis, bool smallest = false) {
    const auto at = resolve_axis("argmax", axis, x.shape);
    return {
        .name = (smallest ? "argmin " : "argmax ") + name + " " + to_string(x.shape) + " along " +
                std::to_string(axis),
        .inputs = {std::move(x)},
        .build =
            [=](const Tensors& in) { return smallest ? argmin(in[0], axis) : argmax(in[0], axis); },
        .reference = [=](const Arrays& in) { return places(in[0], at, smallest); },
        .forward = {.units = 0},
        .has_gradient = false,
        .integers = 300};  // so that there are ties
}

}  // namespace

TEST_SUITE("argmax") {
    TEST_CASE("argmax: axes and sizes") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {1, 2, 7, 63, 64, 65, 129, 1009, 5003}) {
            cases.push_back(row("", {.shape = {n}}, 0));
            cases.push_back(row("", {.shape = {3, n}}, -1));
            cases.push_back(row("", {.shape = {3, n}}, -1, true));
            cases.push_back(row("", {.shape = {n, 3}}, 0, true));
            cases.push_back(row("", {.shape = {n, 3}}, 0));
            cases.push_back(row("", {.shape = {n, 10}}, 1));
        }
        for (const std::int64_t axis : {0, 1, 2, 3}) {
            cases.push_back(row("", {.shape = {2, 3, 4, 5}}, axis));
        }
        run_op_cases(cases);
    }

    TEST_CASE("argmax: ties, NaN and infinities") {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double inf = std::numeric_limits<double>::infinity();
        constexpr double kLeast = -2147483648.0, kMost = 2147483647;
        // Small integers over long rows: every row has its maximum many times.
        OpInput ties{.shape = {5, 1009}};
        for (std::int64_t i = 0; i < ties.shape.count(); ++i)
            ties.values.push_back(i * 7 % 5);
        const OpInput with_nan{.shape = {3, 4},
                               .values = {1, nan, inf, nan, nan, 1, 2, 3, 1, 2, 3, nan}};
        run_op_cases({
            row("ties", ties, 1),
            row("ties", ties, 0),
            row("ties", ties, 1, true),
            row("NaN", with_nan, 1),
            row("NaN", with_nan, 1, true),
            row("minus infinity", {.shape = {2, 3}, .values = {-inf, -inf, -inf, -inf, 0, -inf}},
                1),
            row("the ends of i32",
                {.shape = {2, 3}, .dtype = i32, .values = {0, kLeast, kMost, kMost, kLeast, -1}},
                1),
            row("the ends of i32",
                {.shape = {2, 3}, .dtype = i32, .values = {0, kLeast, kMost, kMost, kLeast, -1}}, 1,
                true),
            row("infinity", {.shape = {2, 3}, .values = {inf, inf, inf, inf, 0, inf}}, 1, true),
            row("more than a lane may loop over", {.shape = {33, 70001}}, 1),
            row("more than a lane may loop over", {.shape = {1, 2'500'003}}, 1),
        });
    }

    TEST_CASE("argmax: errors") {
        CHECK(thrown_message([] {
                  argmin(input({2, 3}), 2);
              }).find("argmin: ") != std::string::npos);
        CHECK(thrown_message([] { argmax(input({})); }).find("argmax: ") != std::string::npos);
    }
}
