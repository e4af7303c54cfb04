// SPDX-License-Identifier: MIT
#include "sample_sets.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("spirals: sizes, classes, range and seeds") {
    const auto [train, test] = data::spirals({.classes = 4, .per_class = 50, .seed = 3});
    CHECK(train.size() == 200);
    CHECK(test.size() == 200);
    CHECK(train.sample_shape() == Shape{2});
    CHECK(train.class_sizes() == std::vector<std::int64_t>(4, 50));
    const auto inputs = [](const data::Dataset& set) {
        std::vector<std::uint32_t> all(static_cast<std::size_t>(set.size()));
        std::iota(all.begin(), all.end(), 0U);
        std::vector<float> values(2 * all.size());
        set.read_inputs(all, values);
        return values;
    };
    for (const float value : inputs(train))
        CHECK(std::abs(value) <= 1);
    CHECK(inputs(train) != inputs(test));
    CHECK(inputs(train) == inputs(data::spirals({.classes = 4, .per_class = 50, .seed = 3}).train));
    CHECK(inputs(train) != inputs(data::spirals({.classes = 4, .per_class = 50, .seed = 4}).train));
}

TEST_CASE("spirals: without noise the first arm is the formula") {
    const auto train = data::spirals({.classes = 1, .per_class = 10, .noise = 0}).train;
    std::vector<float> point(2);
    train.read_inputs(std::vector<std::uint32_t>{4}, point);
    CHECK(point[0] == doctest::Approx(0.45 * std::cos(1.8)));
    CHECK(point[1] == doctest::Approx(0.45 * std::sin(1.8)));
    CHECK_THROWS_AS(data::spirals({.classes = 0}), Error);
    CHECK_THROWS_AS(data::spirals({.per_class = 0}), Error);
    CHECK_THROWS_AS(data::spirals({.noise = -1}), Error);
}
