// SPDX-License-Identifier: MIT
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/event_file.h>

#include <limits>
#include <vector>

using namespace ingot;
using ingot::testing::thrown_message;

TEST_CASE("histogram: bins, edges, and numbers that are none") {
    const float inf = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const io::Histogram none = io::histogram(std::vector<float>{});
    CHECK(none == io::Histogram{});
    CHECK(none.mean() == 0);
    CHECK(none.deviation() == 0);
    const io::Histogram odd = io::histogram(std::vector<float>{nan, inf, -inf});
    CHECK(odd.not_finite == 3);
    CHECK(odd.count() == 0);
    const io::Histogram same = io::histogram(std::vector<float>{2, 2, nan, 2});
    CHECK(same.counts == std::vector<std::int64_t>{3});
    CHECK(same.min == 2);
    CHECK(same.max == 2);
    CHECK(same.deviation() == 0);
    const io::Histogram edges = io::histogram(std::vector<float>{0, 1, 2, 3, 4}, 4);
    CHECK(edges.counts == std::vector<std::int64_t>{1, 1, 1, 2});
    CHECK(edges.mean() == 2);
    CHECK(edges.deviation() == doctest::Approx(1.4142135623730951));
    // The whole range of f32 in one histogram.
    const float most = std::numeric_limits<float>::max();
    CHECK(io::histogram(std::vector<float>{-most, 0, most}, 2).counts ==
          std::vector<std::int64_t>{1, 2});
    CHECK(thrown_message([] { io::histogram(std::vector<float>{1}, 0); }) ==
          "invalid argument: histogram: 0 bins");
}
