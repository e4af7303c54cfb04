// SPDX-License-Identifier: MIT
// Batch norm over rows and images, one and several chunks a channel, far from zero, constant
// inputs, running statistics, inference.
#include "ops/ten_million.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"
#include "support/tolerance.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(batch_norm);

namespace {

Parameter channels(const std::string& name, std::int64_t count, float value) {
    const std::vector<float> values(static_cast<std::size_t>(count), value);
    return Parameter(HostTensor::of(name, Shape{count}, values), {.trainable = false});
}

struct Moments {
    std::vector<double> mean, variance;  // biased
};

Moments moments_of(const Array& x) {
    const std::int64_t c = x.shape[1];
    const std::int64_t inner = x.count() / x.shape[0] / c;
    const auto n = static_cast<double>(x.count() / c);
    Moments m{std::vector<double>(static_cast<std::size_t>(c)), {}};
    m.variance = m.mean;
    const auto channel = [&](std::int64_t i) { return static_cast<std::size_t>(i / inner % c); };
    for (std::int64_t i = 0; i < x.count(); ++i)
        m.mean[channel(i)] += x[i] / n;
    for (std::int64_t i = 0; i < x.count(); ++i) {
        m.variance[channel(i)] += (x[i] - m.mean[channel(i)]) * (x[i] - m.mean[channel(i)]) / n;
    }
    return m;
}

Array normalized(const Arrays& in, const Moments& moments, double epsilon) {
    const Array& x = in[0];
    const std::int64_t inner = x.count() / x.shape[0] / x.shape[1];
    Array y(x.shape);
    for (std::int64_t i = 0; i < x.count(); ++i) {
        const std::int64_t c = i / inner % x.shape[1];
        const auto at = static_cast<std::size_t>(c);
        y[i] = (x[i] - moments.mean[at]) / std::sqrt(moments.variance[at] + epsilon) * in[1][c] +
               in[2][c];
    }
    return y;
}

OpCase row(Shape shape, double low = -1, double high = 1) {
    const std::int64_t c = shape[1];
    const double spread = std::max(1.0, std::abs(low) + std::abs(high));
    const double length = static_cast<double>(shape.count()) / static_cast<double>(c);
    return {.name = "training on " + to_string(shape) + " from " + std::to_string(low),
            .inputs = {{.shape = shape, .low = low, .high = high},
                       {.shape = {c}, .low = 0.5, .high = 2},
                       {.shape = {c}}},
            .build =
                [=](const Tensors& in) {
                    return batch_norm(in[0], in[1], in[2], channels("mean", c, 0),
                                      channels("variance", c, 1));
                },
            .reference = [](const Arrays& in) { return normalized(in, moments_of(in[0]), 1e-5); },
            // An input far from zero brings its own rounding: spread * 2^-23 before the division
            // by a deviation of about 0.5.
            .forward = {.units = 8, .length = spread},
            .gradient = {.units = 32, .length = spread, .scale = 1 + std::sqrt(length)},
            .samples = 10};
}

}  // namespace

TEST_SUITE("batch_norm") {
    TEST_CASE("batch_norm: training") {
        std::vector<OpCase> cases;
        for (const std::int64_t b : {2, 7, 63, 64, 65, 257}) {
            cases.push_back(row({b, 3}));
            cases.push_back(row({b, 100}));
        }
        cases.push_back(row({1, 3, 2}));
        cases.push_back(row({2, 1, 5}));
        cases.push_back(row({4, 3, 7, 5}));
        cases.push_back(row({8, 16, 8, 8}));
        cases.push_back(row({3, 65, 2, 3}));
        cases.push_back(row({2, 2, 3, 4, 5}));
        cases.push_back(row({32, 2, 33, 31}));  // several chunks a channel
        cases.push_back(row({5000, 2}));
        cases.push_back(row({16, 3, 8, 8}, 99, 101));
        for (OpCase& c : cases) {
            if (c.inputs[0].shape.count() > 10000) c.samples = 4;
            // Of two values both are at a distance of one deviation, whatever that is: all of d_x
            // but epsilon's share cancels, and its terms are as large as 1 / deviation.
            if (c.inputs[0].shape[0] == 2) c.gradient.scale = 100;
        }
        run_op_cases(cases);
    }

    TEST_CASE("batch_norm: constant inputs come to the shift") {
        for (const double value : {0.0, 3.0, 0.1, 1000.1}) {
            OpCase c = row({33, 2, 5});
            c.name = "constant " + std::to_string(value);
            c.inputs[0].values.assign(330, value);
            // The mean is off by a rounding of x at most, and rstd is 1 / sqrt(epsilon) = 316.
            const double left = value * 0x1p-23 * 316 * 2;
            c.forward.absolute = left;
            // d_x is 316 times deviations of d_y from their mean, less x^ times its share of 165.
            c.gradient.scale = std::max(c.gradient.scale, 316.0);
            c.gradient.absolute = 165 * left;
            c.step = 1e-5 / std::max(1.0, value);  // far below the root of epsilon
            run_op_cases({c});
        }
    }

    TEST_CASE("batch_norm: one sample, and a million values far from zero") {
        std::vector<OpCase> cases{row({1, 3, 7, 11}), row({1, 3, 7919}),
                                  row({2, 2, 500, 501}, 9998, 10002)};
        cases[1].samples = cases[2].samples = 2;
        run_op_cases(cases);
    }

    TEST_CASE("batch_norm: ten million values far from zero") {
        // Two channels, and d y that has deviations of its own and some of x's.
        const std::vector<float> xs = far_from_zero();
        const std::int64_t inner = kTenMillion / 4;
        const auto n = static_cast<double>(2 * inner);
        std::vector<float> ds(xs.size());
        for (std::size_t i = 0; i < ds.size(); ++i)
            ds[i] = static_cast<float>(i % 1021) / 512.0F - 1.0F + (xs[i] - 10002.0F) / 8.0F;
        const auto channel = [&](std::size_t i) { return i / static_cast<std::size_t>(inner) % 2; };
        double mean[2] = {}, variance[2] = {}, d_shift[2] = {}, d_scale[2] = {};
        for (std::size_t i = 0; i < xs.size(); ++i)
            mean[channel(i)] += static_cast<double>(xs[i]) / n;
        for (std::size_t i = 0; i < xs.size(); ++i) {
            const double deviation = xs[i] - mean[channel(i)];
            variance[channel(i)] += deviation * deviation / n;
        }
        const auto normal = [&](std::size_t i) {
            const std::size_t c = channel(i);
            return (xs[i] - mean[c]) / std::sqrt(variance[c] + 1e-5);
        };
        for (std::size_t i = 0; i < xs.size(); ++i) {
            d_shift[channel(i)] += static_cast<double>(ds[i]);
            d_scale[channel(i)] += ds[i] * normal(i);
        }

        const Tensor x = input({2, 2, inner}), d = input({2, 2, inner});
        const Parameter scale(HostTensor::of("scale", {2}, std::vector<float>{0.5F, 2}));
        const Parameter shift(HostTensor::of("shift", {2}, std::vector<float>{0, 1}));
        const Tensor y =
            batch_norm(x, scale, shift, channels("mean", 2, 0), channels("variance", 2, 1));
        const auto grads = gradients(sum(y * d), std::array<Tensor, 3>{x, scale, shift});
        const auto some = [&](const Tensor& all) {
            return slice(all, {.axis = 2, .begin = 0, .end = 1024});
        };
        const Feed feeds[] = {{x, xs}, {d, ds}};
        const auto out = compute({some(y), some(grads[0]), grads[1], grads[2]}, feeds);
        std::vector<double> expected_y, expected_d_x;
        for (std::size_t block = 0; block < 4; ++block) {
            for (std::size_t k = 0; k < 1024; ++k) {
                const std::size_t i = block * static_cast<std::size_t>(inner) + k, c = channel(i);
                const double by = c == 0 ? 0.5 : 2;
                expected_y.push_back(normal(i) * by + static_cast<double>(c));
                expected_d_x.push_back(by / std::sqrt(variance[c] + 1e-5) *
                                       (ds[i] - d_shift[c] / n - normal(i) * d_scale[c] / n));
            }
        }
        const auto doubles = [](const std::vector<float>& v) {
            return std::vector<double>(v.begin(), v.end());
        };
        // The mean is kept as an f32: off by up to a unit, 2^-10, beside a deviation of 1.2, and
        // scaled by up to 2.
        const double unit = 0x1p-10 / 1.18;
        check_close("y", doubles(out[0]), expected_y, {.absolute = 2 * unit});
        check_close("d_x", doubles(out[1]), expected_d_x, {.absolute = 2 * unit});
        // ... and enters each term of d_scale, all in all as d_shift times that.
        check_close("d_scale", doubles(out[2]), {d_scale[0], d_scale[1]},
                    {.units = 16, .absolute = unit * std::abs(d_shift[1])});
        check_close("d_shift", doubles(out[3]), {d_shift[0], d_shift[1]},
                    {.units = 16, .scale = n});  // n terms of about 1
    }

    TEST_CASE("batch_norm: scale and shift may be left out") {
        std::vector<OpCase> cases;
        for (const bool training : {false, true}) {
            for (const int given : {0, 1, 2}) {  // nothing, a scale, a shift
                OpCase c = row({6, 3, 5});
                c.name = fmt::format("training {}, given {}", training, given);
                c.inputs.resize(given == 0 ? 1 : 2);
                c.build = [=](const Tensors& in) {
                    return batch_norm(in[0], given == 1 ? in[1] : Tensor(),
                                      given == 2 ? in[1] : Tensor(), channels("mean", 3, 0.25F),
                                      channels("variance", 3, 4), {.training = training});
                };
                c.reference = [=](const Arrays& in) {
                    const Moments fixed{std::vector<double>(3, 0.25), std::vector<double>(3, 4)};
                    const Arrays all{in[0], given == 1 ? in[1] : Array({3}, 1.0),
                                     given == 2 ? in[1] : Array({3}, 0.0)};
                    return normalized(all, training ? moments_of(in[0]) : fixed, 1e-5);
                };
                cases.push_back(c);
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("batch_norm: applied twice, the running statistics move twice, in order") {
        const Tensor a = input({4, 1}), b = input({4, 1});
        const Parameter mean = channels("mean", 1, 8);
        const Parameter variance = channels("variance", 1, 2);
        const auto normal = [&](const Tensor& x) {
            return batch_norm(x, {}, {}, mean, variance, {.momentum = 0.25F});
        };
        const Tensor earlier = normal(b);
        const Tensor loss = sum(square(earlier + normal(a)));
        const std::vector<float> first{1, 2, 3, 4}, second{10, 30, 10, 30};
        const Feed feeds[] = {{b, first}, {a, second}};
        compute({loss, gradients(loss, std::array{a})[0]}, feeds);
        // By hand: means 2.5 and 20, unbiased variances 5 / 3 and 400 / 3.
        CHECK(mean.read().values<float>()[0] == doctest::Approx(0.75 * (0.75 * 8 + 0.625) + 5));
        CHECK(variance.read().values<float>()[0] ==
              doctest::Approx(0.75 * (0.75 * 2 + 0.25 * 5 / 3) + 0.25 * 400 / 3));
        // A layer behind itself: the second sees the normalised values, of mean 0 and variance 4/3.
        const Parameter again = channels("again", 1, 8);
        const Tensor twice =
            batch_norm(batch_norm(a, {}, {}, again, variance), {}, {}, again, variance);
        const Feed only[] = {{a, second}};
        compute({twice}, only);
        CHECK(again.read().values<float>()[0] == doctest::Approx(0.9 * (0.9 * 8 + 2)));
    }

    TEST_CASE("batch_norm: inference uses the running statistics") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 3}, Shape{64, 65}, Shape{2, 3, 4, 5}}) {
            OpCase c = row(shape);
            const std::int64_t n = shape[1];
            c.name = "inference on " + to_string(shape);
            c.build = [=](const Tensors& in) {
                return batch_norm(in[0], in[1], in[2], channels("mean", n, 0.25F),
                                  channels("variance", n, 4), {.training = false});
            };
            c.reference = [=](const Arrays& in) {
                const auto size = static_cast<std::size_t>(n);
                return normalized(
                    in, {std::vector<double>(size, 0.25), std::vector<double>(size, 4)}, 1e-5);
            };
            cases.push_back(c);
        }
        run_op_cases(cases);
    }

    TEST_CASE("batch_norm: the running statistics move by the momentum") {
        const Tensor x = input({6, 2});
        const Parameter mean = channels("mean", 2, 1);
        const Parameter variance = channels("variance", 2, 2);
        const Tensor y =
            batch_norm(x, constant(1, {2}), constant(0, {2}), mean, variance, {.momentum = 0.25F});
        const std::vector<float> values{1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60};
        const Feed feeds[] = {{x, values}};
        compute({relu(y)}, feeds);
        CHECK(mean.read().values<float>()[0] == doctest::Approx(0.75 * 1 + 0.25 * 3.5));
        CHECK(mean.read().values<float>()[1] == doctest::Approx(0.75 * 1 + 0.25 * 35));
        CHECK(variance.read().values<float>()[0] == doctest::Approx(0.75 * 2 + 0.25 * 3.5));
        CHECK(variance.read().values<float>()[1] == doctest::Approx(0.75 * 2 + 0.25 * 350));
    }

    TEST_CASE("batch_norm: dispatches") {
        const Tensor x = input({64, 100});
        const Tensor scale = input({100});
        const Tensor shift = input({100});
        const auto normal = [&](bool training) {
            return relu(batch_norm(x, scale, shift, channels("m", 100, 0), channels("v", 100, 1),
                                   {.training = training}));
        };
        CHECK(test_device().compile({.outputs = {normal(false)}}).stats().dispatches == 1);
        const auto forward = test_device().compile({.outputs = {normal(true)}}).stats().dispatches;
        CHECK(forward <= 4);  // statistics, two running averages, normalisation with relu
        const Tensor d = input({64, 100});
        const auto wrt = std::array{x, scale, shift};
        const auto grads = gradients(sum(normal(true) * d), wrt);
        CHECK(test_device().compile({.outputs = grads}).stats().dispatches <= forward + 3);
    }

    TEST_CASE("batch_norm: gives the type that it takes, training or not") {
        for (const bool training : {false, true}) {
            const Tensor y = batch_norm(input({4, 3}, f16), {}, {}, channels("m", 3, 0),
                                        channels("v", 3, 1), {.training = training});
            CHECK(y.dtype() == f16);
        }
    }

    TEST_CASE("batch_norm: errors") {
        const auto make = [](Shape shape, std::int64_t c) {
            return thrown_message([=] {
                batch_norm(input(shape), input({c}), input({c}), channels("m", c, 0),
                           channels("v", c, 1));
            });
        };
        CHECK(
            make({1, 3}, 3) ==
            "invalid argument: batch_norm: [1, 3] has one value per channel: training needs more");
        CHECK(make({4, 3}, 2) ==
              "invalid argument: batch_norm: scale is f32[2], x f32[4, 3] has 3 channels");
        CHECK(make({4}, 4) == "invalid argument: batch_norm: takes f32[B, C, ...], not f32[4]");
        const auto with = [](const BatchNormOptions& options) {
            return thrown_message([&] {
                batch_norm(input({4, 3}), {}, {}, channels("m", 3, 0), channels("v", 3, 1),
                           options);
            });
        };
        for (const bool training : {false, true}) {
            CHECK(
                with({.epsilon = -1, .training = training}) ==
                "invalid argument: batch_norm: epsilon is -1, it must be finite and not negative");
            CHECK(with({.momentum = 1.5F, .training = training}) ==
                  "invalid argument: batch_norm: momentum is 1.5, it lies in [0, 1]");
            CHECK(with({.momentum = NAN, .training = training}).find("momentum is nan") !=
                  std::string::npos);
        }
    }
}
