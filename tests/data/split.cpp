// SPDX-License-Identifier: MIT
// Splits are disjoint, complete, proportional when asked, equal for equal seeds, and copy no data.
#include "sample_sets.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<int> together(const std::pair<data::Dataset, data::Dataset>& parts) {
    std::vector<int> all = numbers_of(parts.first);
    const std::vector<int> second = numbers_of(parts.second);
    all.insert(all.end(), second.begin(), second.end());
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

TEST_CASE("split: disjoint and complete, in the order of the data") {
    for (const bool stratify : {false, true}) {
        for (const std::int64_t count : {2, 3, 10, 101, 1000}) {
            for (const double fraction : {0.3, 0.5, 0.9}) {
                if (std::llround(fraction * static_cast<double>(count)) >= count) continue;
                const data::Dataset set = numbered(count);
                const auto parts = set.split(fraction, {.stratify = stratify, .seed = 5});
                CHECK(parts.first.size() == std::llround(fraction * static_cast<double>(count)));
                CHECK(together(parts) == numbers_of(set));
                const auto first = numbers_of(parts.first);
                CHECK(std::is_sorted(first.begin(), first.end()));
            }
        }
    }
}

TEST_CASE("split: stratified parts have the classes of the whole") {
    std::vector<std::int32_t> labels(70, 0);  // 70 of class 0, 25 of class 2, 5 of class 3
    labels.resize(95, 2);
    labels.resize(100, 3);
    const data::Dataset set(HostTensor::zeros("x", {100, 1}), HostTensor::of("y", {100}, labels));
    const auto [train, test] = set.split(0.8, {.stratify = true, .seed = 2});
    CHECK(train.class_sizes() == std::vector<std::int64_t>{56, 0, 20, 4});
    CHECK(test.class_sizes() == std::vector<std::int64_t>{14, 0, 5, 1});
    // 0.9 of 70, 25 and 5 is 63, 22.5 and 4.5: one of the two halves is rounded up, 90 in all.
    const auto [most, rest] = set.split(0.9, {.stratify = true, .seed = 2});
    CHECK(most.class_sizes() == std::vector<std::int64_t>{63, 0, 23, 4});
    CHECK(rest.size() == 10);
}

TEST_CASE("split: the seed decides, and splits can be split") {
    const data::Dataset set = numbered(200);
    const auto numbers = [&](std::uint64_t seed) {
        return numbers_of(set.split(0.5, {.stratify = true, .seed = seed}).first);
    };
    CHECK(numbers(1) == numbers(1));
    CHECK(numbers(1) != numbers(2));
    const auto [train, rest] = set.split(0.6, {.seed = 1});
    const auto parts = rest.split(0.5, {.seed = 1});
    CHECK(together(parts) == numbers_of(rest));
    CHECK(train.label(7) == numbers_of(train)[7] % 3);
    const std::vector<std::int64_t> picked = {3, 3, 0};
    CHECK(numbers_of(rest.subset(picked)) ==
          std::vector<int>{numbers_of(rest)[3], numbers_of(rest)[3], numbers_of(rest)[0]});
    CHECK(numbers_of(set.take(3)) == std::vector<int>{0, 1, 2});
    CHECK(set.take(300).size() == 200);
    CHECK(set.take(0).empty());
    const std::vector<std::int64_t> wrong = {200};
    CHECK_THROWS_AS(set.subset(wrong), Error);
}

TEST_CASE("split: one that would leave a part empty is refused") {
    CHECK(thrown_message([] { numbered(4).split(0.9); }) ==
          "invalid argument: split: fraction 0.9 of 4 samples leaves one part empty or is not "
          "within 0..1");
    for (const double fraction : {0.0, 1.0, -1.0, 2.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_AS(numbered(100).split(fraction), Error);
    }
    const data::Dataset regression(HostTensor::zeros("x", {4, 1}), HostTensor::zeros("y", {4, 1}));
    CHECK(regression.split(0.5).first.size() == 2);
    CHECK_THROWS_AS(regression.split(0.5, {.stratify = true}), Error);
}
