// SPDX-License-Identifier: MIT
// Initial values: bounds, moments, fans, and the words that every platform must give.
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/parameter.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using testing::thrown_message;

namespace {

struct Moments {
    double mean = 0, deviation = 0, largest = 0;

    explicit Moments(const HostTensor& tensor) {
        const auto values = tensor.values<float>();
        const auto count = static_cast<double>(values.size());
        for (const float value : values) {
            mean += value / count;
            largest = std::max(largest, std::abs(static_cast<double>(value)));
        }
        for (const float value : values)
            deviation += (value - mean) * (value - mean) / count;
        deviation = std::sqrt(deviation);
    }
};

const Shape kShape{64, 32, 3, 5};  // fan_in 480, fan_out 960; 30720 elements

void check_normal(const HostTensor& tensor, double deviation) {
    const Moments moments(tensor);
    CHECK(std::abs(moments.mean) < 4 * deviation / std::sqrt(30720.0));
    CHECK(moments.deviation == doctest::Approx(deviation).epsilon(0.02));
    CHECK(moments.largest > 3 * deviation);
}

void check_uniform(const HostTensor& tensor, double bound) {
    const Moments moments(tensor);
    CHECK(moments.largest <= bound * (1 + 1e-6));
    CHECK(moments.largest > 0.999 * bound);
    CHECK(moments.deviation == doctest::Approx(bound / std::sqrt(3.0)).epsilon(0.02));
}

}  // namespace

TEST_CASE("he and xavier follow the fans") {
    check_normal(init::he_normal(kShape), std::sqrt(2.0 / 480));
    check_normal(init::he_normal(kShape, {.fan = init::Fan::kOut}), std::sqrt(2.0 / 960));
    check_normal(init::he_normal(kShape, {.negative_slope = 1}), std::sqrt(1.0 / 480));
    check_uniform(init::he_uniform(kShape), std::sqrt(6.0 / 480));
    check_normal(init::xavier_normal(kShape), std::sqrt(2.0 / 1440));
    check_uniform(init::xavier_uniform(kShape, {.gain = 5.0 / 3}), 5.0 / 3 * std::sqrt(6.0 / 1440));
    check_uniform(init::layer_weight(kShape), 1 / std::sqrt(480.0));
    check_uniform(init::layer_bias({30720}, 480), 1 / std::sqrt(480.0));
}

TEST_CASE("uniform and normal take their options") {
    const Moments uniform(init::uniform({20000}, 2, 4));
    CHECK(uniform.mean == doctest::Approx(3).epsilon(0.01));
    CHECK(uniform.largest < 4);
    const Moments normal(init::normal({20000}, -1, 0.5F));
    CHECK(normal.mean == doctest::Approx(-1).epsilon(0.02));
    CHECK(normal.deviation == doctest::Approx(0.5).epsilon(0.02));
    CHECK(init::constant({2}, 7).values<float>()[1] == 7);
    CHECK(init::zeros({2}).values<float>()[1] == 0);
}

TEST_CASE("equal seeds give equal bits, other seeds and streams others") {
    const HostTensor one = init::he_normal({10, 784}, {.seed = 1});
    CHECK(one == init::he_normal({10, 784}, {.seed = 1}));
    CHECK(one != init::he_normal({10, 784}, {.seed = 2}));
    CHECK(one != init::he_normal({10, 784}, {.seed = 1, .stream = 1}));
    const auto parameter = Parameter{init::he_normal({10, 784}, {.seed = 1})};
    CHECK(parameter.read().data == one.data);
}

TEST_CASE("the first words are those of every platform") {
    const HostTensor drawn = init::uniform({4}, 0, 1, {.seed = 1});
    const float expected[] = {0x1.77657p-4F, 0x1.f5c062p-1F, 0x1.dade78p-1F, 0x1.c45e54p-1F};
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(drawn.values<float>()[i] == expected[i]);
}

TEST_CASE("what has no fan or no interval is refused") {
    CHECK(thrown_message([] { init::he_normal({10}); }) ==
          "invalid argument: he_normal: [10] has no fan: a weight has at least the axes [out, in]");
    CHECK(thrown_message([] { init::uniform({10}, 1, 0); }) ==
          "invalid argument: uniform: from 1 to 0 is no interval");
    CHECK(thrown_message([] { init::normal({10}, 0, -1); }) ==
          "invalid argument: normal: the deviation is -1, below 0");
}
