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

TEST_CASE("a truncated normal keeps within its bounds and has the moments of one") {
    const auto check = [](double mean, double deviation, double low, double high, double m,
                          double d) {
        const HostTensor drawn =
            init::truncated_normal({200, 200}, mean, deviation, {.low = low, .high = high});
        const auto values = drawn.values<float>();
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        CHECK(*least >= static_cast<float>(low));
        CHECK(*most <= static_cast<float>(high));
        const Moments moments(drawn);
        CHECK(std::abs(moments.mean - m) < 4 * d / 200);
        CHECK(moments.deviation == doctest::Approx(d).epsilon(0.02));
    };
    // Mean and deviation of a normal cut off at a and b, from its density and distribution there.
    check(0, 1, -2, 2, 0, 0.879626);
    check(1, 0.5, 0, 2, 1, 0.439813);
    check(0, 1, 0, 100, 0.797885, 0.602810);  // half of one
    check(0, 1, 6, 7, 6.157210, 0.150826);    // far out
    check(0, 1, -7, -6, -6.157210, 0.150826);
    CHECK(init::truncated_normal({9}, 0, 1, {.seed = 1}) ==
          init::truncated_normal({9}, 0, 1, {.seed = 1}));
}

TEST_CASE("orthogonal rows, or columns, of the length given") {
    for (const Shape& shape : {Shape{1, 1}, Shape{7, 7}, Shape{5, 23}, Shape{23, 5},
                               Shape{16, 4, 3, 3}, Shape{64, 4, 3, 3}}) {
        const HostTensor drawn = init::orthogonal(shape, {.gain = 2});
        const auto values = drawn.values<float>();
        const std::int64_t out = shape[0], in = shape.count() / out;
        const bool tall = out > in;
        const auto at = [&](std::int64_t vector, std::int64_t i) {
            return static_cast<double>(
                values[static_cast<std::size_t>(tall ? i * in + vector : vector * in + i)]);
        };
        for (std::int64_t a = 0; a < std::min(out, in); ++a) {
            for (std::int64_t b = 0; b <= a; ++b) {
                double product = 0;
                for (std::int64_t i = 0; i < std::max(out, in); ++i)
                    product += at(a, i) * at(b, i);
                CHECK(std::abs(product - (a == b ? 4 : 0)) < 1e-6);
            }
        }
    }
    // Uniform among them: the mean of all elements of many is 0, their mean square 1 / n.
    double total = 0, squares = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const HostTensor drawn = init::orthogonal({4, 4}, {.seed = seed});
        total += drawn.values<float>()[0];
        squares += drawn.values<float>()[0] * drawn.values<float>()[0];
    }
    CHECK(std::abs(total / 500) < 4 * 0.5 / std::sqrt(500.0));
    CHECK(squares / 500 == doctest::Approx(0.25).epsilon(0.2));
}

TEST_CASE("ones, eye and dirac") {
    CHECK(init::ones({3}).values<float>()[2] == 1);
    const HostTensor eye = init::eye({2, 3});
    const std::vector<float> expected{1, 0, 0, 0, 1, 0};
    CHECK(std::equal(expected.begin(), expected.end(), eye.values<float>().begin()));
    const HostTensor dirac = init::dirac({4, 3, 3, 2}, 2);
    for (std::size_t i = 0; i < 72; ++i) {
        const std::size_t out = i / 18, in = i / 6 % 3, y = i / 2 % 3, x = i % 2;
        CHECK(dirac.values<float>()[i] == (out % 2 == in && y == 1 && x == 1 ? 1 : 0));
    }
    CHECK(init::gain_of(init::Nonlinearity::kTanh) == 5.0 / 3);
    CHECK(init::gain_of(init::Nonlinearity::kLeakyRelu, 1) == 1);
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
    CHECK(thrown_message([] { init::truncated_normal({10}, 0, 0); }) ==
          "invalid argument: truncated_normal: deviation 0 must be above 0, and -2 below 2");
    CHECK(thrown_message([] { init::truncated_normal({10}, 0, 1, {.low = 60, .high = 61}); }) ==
          "invalid argument: truncated_normal: from 60 to 61 lies too many deviations of 1 from "
          "the mean 0");
    CHECK(thrown_message([] { init::orthogonal({10}); }).find("orthogonal: [10] has no fan") !=
          std::string::npos);
    CHECK(thrown_message([] { init::eye({10}); }) == "invalid argument: eye: [10] is no matrix");
    CHECK(thrown_message([] {
              init::dirac({5, 2, 3}, 2);
          }) ==
          "invalid argument: dirac: [5, 2, 3] is no convolution [out, in / groups, ...] with 2 "
          "groups");
}
