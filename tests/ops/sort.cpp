// SPDX-License-Identifier: MIT
// Sorting along every axis: rows shorter and longer than a block, one and many; ties keep their
// order, and a NaN counts as the largest.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(sort);

namespace {

struct SortedArrays {
    Array values, places;
};

SortedArrays sorted(const Array& x, std::size_t axis, bool descending, std::int64_t count) {
    SortedArrays result{Array(x.shape.with(axis, count)), Array(x.shape.with(axis, count))};
    const std::int64_t size = x.shape[axis];
    const std::int64_t stride = contiguous_strides(x.shape)[axis];
    const auto less = [](double a, double b) {
        return std::isnan(a) ? false : std::isnan(b) ? true : a < b;
    };
    for (std::int64_t row = 0; row < x.count() / size; ++row) {
        const auto at = [&](std::int64_t i, std::int64_t of) {
            return row / stride * stride * of + row % stride + i * stride;
        };
        std::vector<std::int64_t> order(static_cast<std::size_t>(size));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
            const double va = x[at(a, size)], vb = x[at(b, size)];
            return descending ? less(vb, va) : less(va, vb);
        });
        for (std::int64_t k = 0; k < count; ++k) {
            const std::int64_t place = order[static_cast<std::size_t>(k)];
            result.values[at(k, count)] = x[at(place, size)];
            result.places[at(k, count)] = static_cast<double>(place);
        }
    }
    return result;
}

// Values and places of one call, as two rows; `k` 0 is a full sort.
std::vector<OpCase> rows(const std::string& name, const OpInput& x, std::int64_t axis,
                         bool descending, std::int64_t k = 0) {
    const std::size_t at = resolve_axis("reference", axis, x.shape);
    const std::int64_t count = k == 0 ? x.shape[at] : k;
    const auto built = [=](const Tensor& t) {
        if (k == 0) return sort(t, {.axis = axis, .descending = descending});
        return topk(t, k, {.axis = axis, .largest = descending});
    };
    OpCase values{
        .name = name + " " + to_string(x.shape) + " along " + std::to_string(axis) +
                (descending ? ", descending" : "") +
                (k == 0 ? "" : ", the first " + std::to_string(k)),
        .inputs = {x},
        .build = [=](const Tensors& in) { return built(in[0]).values; },
        .reference = [=](const Arrays& in) { return sorted(in[0], at, descending, count).values; },
        .forward = {.units = 0},
        .has_gradient = x.distinct && x.shape.count() < 10000,
        .integers = 300,
        .samples = 16};
    OpCase places = values;
    places.name += ", places";
    places.build = [=](const Tensors& in) { return built(in[0]).indices; };
    places.reference = [=](const Arrays& in) {
        return sorted(in[0], at, descending, count).places;
    };
    places.has_gradient = false;
    return {values, places};
}

void run(const std::vector<std::vector<OpCase>>& groups) {
    for (const auto& group : groups)
        run_op_cases(group);
}

}  // namespace

TEST_SUITE("sort") {
    TEST_CASE("sort: lengths") {
        for (const std::int64_t n : {1, 2, 3, 31, 64, 67, 1009, 1023, 1024, 1025, 2048, 5000}) {
            run({rows("", {.shape = {n}, .distinct = true}, 0, false),
                 rows("", {.shape = {2, n}, .distinct = true}, 1, true)});
        }
        run({rows("", {.shape = {100003}, .distinct = true}, 0, false)});
    }

    TEST_CASE("sort: rows and axes") {
        run({rows("", {.shape = {257, 10}, .distinct = true}, -1, false),
             rows("", {.shape = {1025, 2}, .distinct = true}, 1, true),
             rows("", {.shape = {1025, 2}, .distinct = true}, 0, true),
             rows("", {.shape = {3, 5, 7}, .distinct = true}, 1, false),
             rows("", {.shape = {2, 1500, 3}, .distinct = true}, 1, true),
             rows("", {.shape = {67, 65, 2}, .distinct = true}, 0, false)});
    }

    TEST_CASE("sort: ties keep their order; integers") {
        const OpInput ties{.shape = {3, 2500}, .dtype = i32, .low = -2, .high = 2};
        const OpInput wide{.shape = {1111}, .dtype = i32, .low = -2147483648.0, .high = 2147483647};
        OpInput floats{.shape = {2, 1300}};
        for (std::int64_t i = 0; i < floats.shape.count(); ++i)
            floats.values.push_back(static_cast<double>(i * 7 % 5));
        run({rows("ties", ties, 1, false), rows("ties", ties, 1, true),
             rows("wide", wide, 0, false), rows("ties", floats, 1, true),
             rows("ties", floats, 0, false)});
    }

    TEST_CASE("sort: NaN, infinities and zeros of both signs") {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const double inf = std::numeric_limits<double>::infinity();
        const OpInput x{.shape = {2, 8},
                        .values = {nan, 1, -inf, 0.0, -0.0, inf, nan, -1, -0.0, 0.0, nan, 3e38,
                                   -3e38, 1e-38, -1e-38, -inf}};
        run({rows("edges", x, 1, false), rows("edges", x, 1, true), rows("edges", x, 0, false),
             rows("edges", x, 1, true, 3)});
    }

    TEST_CASE("sort: the first of the order") {
        run({rows("", {.shape = {10}, .distinct = true}, 0, true, 1),
             rows("", {.shape = {7, 10}, .distinct = true}, 1, true, 5),
             rows("", {.shape = {7, 10}, .distinct = true}, 0, false, 3),
             rows("", {.shape = {3, 1025}, .distinct = true}, 1, true, 2),
             rows("", {.shape = {2, 5003}, .distinct = true}, 1, true, 50),
             rows("", {.shape = {2, 5003}, .distinct = true}, 1, false, 1500),
             rows("", {.shape = {3001, 2}, .distinct = true}, 0, true, 1024),
             rows("", {.shape = {50257}, .distinct = true}, 0, true, 40),
             rows("", {.shape = {4, 1200}, .dtype = i32, .low = 0, .high = 3}, 1, true, 7)});
    }

    TEST_CASE("sort: argsort of a computed value, undone by gather") {
        OpCase row{.name = "undone",
                   .inputs = {{.shape = {4, 33}, .distinct = true}},
                   .build =
                       [](const Tensors& in) {
                           const Tensor order = argsort(-in[0], {.axis = 1});
                           return gather(gather(in[0], 1, order), 1, argsort(order, {.axis = 1}));
                       },
                   .reference = [](const Arrays& in) { return in[0]; },
                   .forward = {.units = 0}};
        run_op_cases({row});
    }

    TEST_CASE("sort: errors name the sizes") {
        const Tensor x = input({4, 6});
        const auto contains = [](const std::string& message, const char* part) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
        };
        contains(thrown_message([&] { topk(x, 7); }),
                 "invalid argument: topk: k is 7, axis -1 of [4, 6] has 6 elements");
        contains(thrown_message([&] { topk(x, 0); }), "topk: k is 0");
        contains(thrown_message([&] { sort(x, {.axis = 2}); }), "sort: ");
        contains(thrown_message([&] { argsort(x, {.axis = -3}); }), "argsort: ");
        contains(thrown_message([&] { sort(input({})); }), "sort: f32[] has no axis");
    }
}
