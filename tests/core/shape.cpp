// SPDX-License-Identifier: MIT
// Shapes, strides, broadcasting and axes: values, and the sentences a user reads when they are
// wrong.
#include <ingot/error.h>
#include <ingot/shape.h>

#include <doctest/doctest.h>

#include <vector>

using namespace ingot;

TEST_CASE("a shape knows its sizes") {
    const Shape shape{64, 28, 3};
    CHECK(shape.rank() == 3);
    CHECK(shape[0] == 64);
    CHECK(shape[2] == 3);
    CHECK(shape.count() == 64 * 28 * 3);
    CHECK(std::vector<std::int64_t>(shape.begin(), shape.end()) ==
          std::vector<std::int64_t>{64, 28, 3});
    CHECK(to_string(shape) == "[64, 28, 3]");
}

TEST_CASE("a scalar has one element, an empty shape none") {
    CHECK(Shape{}.rank() == 0);
    CHECK(Shape{}.count() == 1);
    CHECK(to_string(Shape{}) == "[]");
    CHECK(Shape{3, 0, 5}.count() == 0);
    CHECK(to_string(Shape{7}) == "[7]");
}

TEST_CASE("shapes are equal when their sizes are") {
    CHECK(Shape{2, 3} == Shape{2, 3});
    CHECK(Shape{2, 3} != Shape{3, 2});
    CHECK(Shape{2, 3} != Shape{2, 3, 1});
    CHECK(Shape{} == Shape{});
    CHECK(Shape{} != Shape{1});
}

TEST_CASE("what cannot be a shape is refused") {
    CHECK_THROWS_WITH_AS(Shape({2, -1}), "shape: axis 1 has the negative size -1", Error);
    CHECK_THROWS_WITH_AS(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}),
                         "shape: 9 axes, at most 8 are supported", Error);
    const std::int64_t large = std::int64_t{1} << 32;
    CHECK_THROWS_WITH_AS(Shape({large, large}), "shape: more than 2^63 elements", Error);
    CHECK(Shape{large, large / 4}.count() == std::int64_t{1} << 62);
}

TEST_CASE("axes are replaced, removed and added") {
    const Shape shape{2, 3, 5};
    CHECK(shape.with(1, 7) == Shape{2, 7, 5});
    CHECK(shape.without(0) == Shape{3, 5});
    CHECK(shape.without(1) == Shape{2, 5});
    CHECK(shape.without(2) == Shape{2, 3});
    CHECK(Shape{4}.without(0) == Shape{});
    CHECK(shape.inserted(0, 1) == Shape{1, 2, 3, 5});
    CHECK(shape.inserted(2, 1) == Shape{2, 3, 1, 5});
    CHECK(shape.inserted(3, 1) == Shape{2, 3, 5, 1});
    CHECK(Shape{}.inserted(0, 9) == Shape{9});
    CHECK(shape.without(0).inserted(0, 2) == shape);
    CHECK(shape == Shape{2, 3, 5});
}

TEST_CASE("rows are contiguous") {
    const Strides strides = contiguous_strides({4, 3, 5});
    CHECK(strides[0] == 15);
    CHECK(strides[1] == 5);
    CHECK(strides[2] == 1);
    CHECK(strides[3] == 0);
    CHECK(contiguous_strides({})[0] == 0);
}

TEST_CASE("two operands are aligned at the last axis") {
    struct Row {
        Shape a, b, result;
    };
    const std::vector<Row> rows = {
        {{64, 784}, {64, 784}, {64, 784}},
        {{64, 784}, {784}, {64, 784}},
        {{64, 1}, {784}, {64, 784}},
        {{}, {5, 3}, {5, 3}},
        {{}, {}, {}},
        {{1}, {1}, {1}},
        {{8, 1, 6, 1}, {7, 1, 5}, {8, 7, 6, 5}},
        {{0, 3}, {1, 3}, {0, 3}},
        {{1}, {0}, {0}},
    };
    for (const Row& row : rows) {
        CAPTURE(to_string(row.a));
        CAPTURE(to_string(row.b));
        CHECK(broadcast("add", row.a, row.b) == row.result);
        CHECK(broadcast("add", row.b, row.a) == row.result);
    }
}

TEST_CASE("operands that do not meet are named with their sizes") {
    CHECK_THROWS_WITH_AS(
        broadcast("add", {64, 10}, {64, 784}),
        "add: shapes [64, 10] and [64, 784] cannot be broadcast together: sizes 10 "
        "and 784 meet 0 from the last axis",
        Error);
    CHECK_THROWS_WITH_AS(
        broadcast("mul", {3, 4}, {2, 1}),
        "mul: shapes [3, 4] and [2, 1] cannot be broadcast together: sizes 3 and 2 "
        "meet 1 from the last axis",
        Error);
    CHECK_THROWS_AS(broadcast("add", {0}, {2}), Error);
}

TEST_CASE("axes count from either end") {
    const Shape shape{4, 5, 6};
    CHECK(resolve_axis("sum", 0, shape) == 0);
    CHECK(resolve_axis("sum", 2, shape) == 2);
    CHECK(resolve_axis("sum", -1, shape) == 2);
    CHECK(resolve_axis("sum", -3, shape) == 0);
    CHECK_THROWS_WITH_AS(resolve_axis("sum", 3, shape),
                         "sum: axis 3 does not exist in [4, 5, 6] (3 axes)", Error);
    CHECK_THROWS_WITH_AS(resolve_axis("softmax", -4, shape),
                         "softmax: axis -4 does not exist in [4, 5, 6] (3 axes)", Error);
    CHECK_THROWS_AS(resolve_axis("sum", 0, {}), Error);
}
