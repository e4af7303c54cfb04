// SPDX-License-Identifier: MIT
// Layer, RMS, group and instance norm: rows of every length around lanes and groups, one and two
// stages, blocks of rows in the gradient, far from zero, constant rows, running statistics.
#include "ops/ten_million.h"
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(norm);

namespace {

enum class Affine { kNone, kWeight, kBias, kBoth };
const char* const kAffineNames[] = {"", " weight", " bias", " weight and bias"};

bool has_weight(Affine affine) {
    return affine == Affine::kWeight || affine == Affine::kBoth;
}
bool has_bias(Affine affine) {
    return affine == Affine::kBias || affine == Affine::kBoth;
}

struct Moments {
    double mean = 0, variance = 0;
};

Moments moments_of(const Array& x, std::int64_t row, std::int64_t cols, bool centered) {
    Moments m;
    for (std::int64_t i = 0; centered && i < cols; ++i)
        m.mean += x[row * cols + i] / static_cast<double>(cols);
    for (std::int64_t i = 0; i < cols; ++i) {
        const double d = x[row * cols + i] - m.mean;
        m.variance += d * d / static_cast<double>(cols);
    }
    return m;
}

// Rows of `cols` neighbours; channel(i) is the channel of element i of x.
template <typename Channel>
Array normalized(const Arrays& in, std::int64_t cols, double eps, bool centered, Affine affine,
                 Channel&& channel) {
    const Array& x = in[0];
    Array y(x.shape);
    for (std::int64_t row = 0; row < x.count() / cols; ++row) {
        const Moments m = moments_of(x, row, cols, centered);
        for (std::int64_t i = row * cols; i < (row + 1) * cols; ++i) {
            y[i] = (x[i] - m.mean) / std::sqrt(m.variance + eps);
            if (has_weight(affine)) y[i] *= in[1][channel(i)];
            if (has_bias(affine)) y[i] += in.back()[channel(i)];
        }
    }
    return y;
}

std::vector<OpInput> inputs_of(const Shape& x, const Shape& channels, Affine affine,
                               double center) {
    std::vector<OpInput> inputs{{.shape = x, .low = center - 2, .high = center + 2}};
    if (has_weight(affine)) inputs.push_back({.shape = channels, .low = 0.5, .high = 2});
    if (has_bias(affine)) inputs.push_back({.shape = channels});
    return inputs;
}

Tensor weight_of(const Tensors& in, Affine affine) {
    return has_weight(affine) ? in[1] : Tensor();
}
Tensor bias_of(const Tensors& in, Affine affine) {
    return has_bias(affine) ? in.back() : Tensor();
}

// The terms of d_weight and d_bias pile up over `summed` elements, those of d_x over a row.
void set_tolerances(OpCase& c, std::int64_t summed, double center) {
    const double spread = 1 + std::abs(center) / 4;  // rounding of x beside its deviation
    c.forward = {.units = 8, .length = spread};
    c.gradient = {.units = 32,
                  .length = spread,
                  .scale = 1 + std::sqrt(static_cast<double>(std::max<std::int64_t>(summed, 1)))};
    c.samples = c.inputs[0].shape.count() > 20000 ? 4 : 12;
}

OpCase layer_row(bool rms, Shape shape, std::size_t axes, Affine affine = Affine::kBoth,
                 double center = 0) {
    if (rms && has_bias(affine)) affine = Affine::kWeight;
    Shape last;
    for (std::size_t axis = shape.rank() - axes; axis < shape.rank(); ++axis)
        last = last.inserted(last.rank(), shape[axis]);
    const std::int64_t cols = last.count();
    OpCase c{.name = std::string(rms ? "rms_norm of " : "layer_norm of ") + to_string(shape) +
                     " over " + to_string(last) + kAffineNames[static_cast<int>(affine)] + " at " +
                     std::to_string(center),
             .inputs = inputs_of(shape, last, affine, center),
             .build =
                 [=](const Tensors& in) {
                     return rms ? rms_norm(in[0], last, weight_of(in, affine))
                                : layer_norm(in[0], last, weight_of(in, affine),
                                             bias_of(in, affine));
                 },
             .reference =
                 [=](const Arrays& in) {
                     return normalized(in, cols, rms ? 0x1p-23 : 1e-5, !rms, affine,
                                       [=](std::int64_t i) { return i % cols; });
                 }};
    set_tolerances(c, shape.count() / cols, center);
    return c;
}

OpCase group_row(Shape shape, std::int64_t groups, Affine affine = Affine::kBoth,
                 double center = 0) {
    const std::int64_t inner = shape.count() / (shape[0] * shape[1]);
    const std::int64_t cols = shape[1] / groups * inner;
    OpCase c{.name = "group_norm of " + to_string(shape) + " in " + std::to_string(groups) +
                     kAffineNames[static_cast<int>(affine)] + " at " + std::to_string(center),
             .inputs = inputs_of(shape, {shape[1]}, affine, center),
             .build =
                 [=](const Tensors& in) {
                     return group_norm(in[0], groups, weight_of(in, affine), bias_of(in, affine));
                 },
             .reference =
                 [=](const Arrays& in) {
                     return normalized(in, cols, 1e-5, true, affine,
                                       [=](std::int64_t i) { return i / inner % shape[1]; });
                 }};
    set_tolerances(c, shape.count() / shape[1], center);
    return c;
}

OpCase instance_row(Shape shape, Affine affine) {
    OpCase c = group_row(shape, shape[1], affine);
    c.name.replace(0, 5, "instance");
    c.build = [=](const Tensors& in) {
        return instance_norm(in[0], weight_of(in, affine), bias_of(in, affine));
    };
    return c;
}

// Of two values both are at a distance of one deviation, whatever that is: all of d_x but epsilon's
// share cancels, and its terms are as large as 1 / deviation.
OpCase short_rows(OpCase c) {
    c.gradient.scale = std::max(c.gradient.scale, 400.0);
    return c;
}

Parameter statistic(const std::string& name, std::int64_t count, float value) {
    const std::vector<float> values(static_cast<std::size_t>(count), value);
    return Parameter(HostTensor::of(name, Shape{count}, values), {.trainable = false});
}

}  // namespace

TEST_SUITE("norm") {
    TEST_CASE("norm: layer norm") {
        std::vector<OpCase> cases;
        cases.push_back(short_rows(layer_row(false, {1, 1}, 1)));
        cases.push_back(short_rows(layer_row(false, {7, 2}, 1)));
        cases.push_back(short_rows(layer_row(false, {3, 3}, 1)));
        for (const std::int64_t cols : {7, 31, 33, 63, 64, 65, 127, 257, 1023, 1025}) {
            cases.push_back(layer_row(false, {5, cols}, 1));
        }
        for (const std::int64_t rows : {1, 31, 32, 33, 65, 257}) {
            cases.push_back(layer_row(false, {rows, 48}, 1));
        }
        for (const Affine affine : {Affine::kNone, Affine::kWeight, Affine::kBias}) {
            cases.push_back(layer_row(false, {9, 40}, 1, affine));
        }
        cases.push_back(layer_row(false, {2, 3, 4, 5}, 1));
        cases.push_back(layer_row(false, {2, 3, 4, 5}, 3));
        cases.push_back(layer_row(false, {17}, 1));
        run_op_cases(cases);
    }

    TEST_CASE("norm: RMS norm") {
        std::vector<OpCase> cases;
        for (const std::int64_t cols : {1, 2, 3, 64, 65, 1025}) {
            cases.push_back(short_rows(layer_row(true, {5, cols}, 1)));
        }
        cases.push_back(layer_row(true, {33, 20}, 1, Affine::kNone));
        cases.push_back(layer_row(true, {2, 3, 4, 5}, 2));
        cases[0].inputs[0].away_from = cases[1].inputs[0].away_from = {0};
        cases[0].inputs[0].distance = cases[1].inputs[0].distance = 0.3;
        run_op_cases(cases);
    }

    TEST_CASE("norm: two stages, and blocks of rows in the gradient") {
        std::vector<OpCase> cases;
        cases.push_back(layer_row(false, {1, 100003}, 1));
        cases.push_back(layer_row(true, {2, 70001}, 1));
        cases.push_back(layer_row(false, {2, 70001}, 1, Affine::kNone, 100));
        cases.push_back(group_row({1, 6, 130, 131}, 2));
        cases.back().gradient.scale *=
            4;  // a lane's share of d_bias has one sign, others cancel it
        cases.push_back(group_row({2, 2, 300, 301}, 2));  // a channel a row
        cases.back().gradient.scale *= 8;
        cases.push_back(layer_row(false, {20011, 19}, 1));  // blocks of one row
        cases.push_back(layer_row(false, {2053, 300}, 1));  // of two
        cases.push_back(layer_row(true, {3001, 256}, 1));
        for (OpCase& c : cases)
            c.samples = 2;
        run_op_cases(cases);
    }

    TEST_CASE("norm: group norm") {
        std::vector<OpCase> cases;
        for (const std::int64_t groups : {1, 2, 3, 6}) {
            cases.push_back(group_row({3, 6, 5, 7}, groups));
        }
        cases.push_back(group_row({1, 4, 1, 1}, 2));
        cases.push_back(short_rows(group_row({4, 6}, 3)));
        cases.push_back(group_row({4, 12}, 2));
        cases.push_back(group_row({65, 8, 3}, 2));
        cases.push_back(group_row({2, 64, 9, 9}, 32));
        cases.push_back(group_row({2, 10, 129, 2}, 2));
        cases.push_back(group_row({1, 1031, 3}, 1));
        cases.push_back(group_row({2, 3, 2, 3, 5}, 3));
        cases.push_back(group_row({2, 8, 33}, 4, Affine::kNone));
        cases.push_back(group_row({2, 8, 33}, 4, Affine::kWeight));
        cases.push_back(group_row({2, 8, 33}, 4, Affine::kBias));
        cases[4] = short_rows(cases[4]);
        run_op_cases(cases);
    }

    TEST_CASE("norm: instance norm") {
        std::vector<OpCase> cases;
        for (const Affine affine : {Affine::kNone, Affine::kBoth}) {
            cases.push_back(instance_row({1, 3, 17}, affine));
            cases.push_back(instance_row({5, 7, 8, 8}, affine));
            cases.push_back(instance_row({2, 33, 3, 4, 5}, affine));
        }
        cases.push_back(short_rows(instance_row({2, 3, 2}, Affine::kBoth)));
        run_op_cases(cases);
    }

    TEST_CASE("norm: far from zero") {
        // x is given to 2^-10 there, and neither mean nor deviations add to that.
        std::vector<OpCase> cases{layer_row(false, {33, 1000}, 1, Affine::kBoth, 1e4),
                                  layer_row(false, {2, 40009}, 1, Affine::kBoth, 1e4),
                                  layer_row(false, {1, 100003}, 1, Affine::kNone, 1e4),
                                  group_row({2, 6, 31, 32}, 3, Affine::kBoth, 1e4)};
        for (OpCase& c : cases) {
            c.forward = {.units = 16};
            c.samples = 2;
        }
        run_op_cases(cases);
    }

    TEST_CASE("norm: constant rows come to the bias") {
        for (const double value : {0.0, 3.0, 0.1, 1000.1, -1e4}) {
            for (OpCase c : {layer_row(false, {33, 70}, 1), layer_row(false, {1, 80000}, 1),
                             group_row({3, 4, 5}, 2)}) {
                c.name += ", all " + std::to_string(value);
                c.inputs[0].values.assign(static_cast<std::size_t>(c.inputs[0].shape.count()),
                                          static_cast<double>(static_cast<float>(value)));
                // 1 / sqrt(eps) = 316 times what the sum of a thousand roundings of x has of its
                // own.
                const double left = std::abs(value) * 0x1p-23 * 316 * 0x1p-13;
                c.forward = {.units = 4, .absolute = left};
                // d_x is 316 times deviations of d_y from their mean; where it is left of x^ is
                // added up, it is so many times the elements.
                c.gradient.scale = std::max(c.gradient.scale, 316.0);
                c.gradient.absolute = 4 * left * c.gradient.scale;
                c.step = 1e-5 / std::max(1.0, std::abs(value));  // far below the root of eps
                run_op_cases({c});
            }
        }
        const Tensor x = input({3, 8});
        const std::vector<float> zeros(24, 0.0F);
        const Feed feeds[] = {{x, zeros}};
        const Tensor wrt[] = {x};
        const Tensor d = gradients(sum(rms_norm(x, {8})), wrt)[0];
        const auto results = compute({d}, feeds);
        for (const float value : results[0])
            CHECK(std::isfinite(value));
    }

    TEST_CASE("norm: ten million elements in a row, far from zero") {
        const std::int64_t count = kTenMillion;
        const std::vector<float> values = far_from_zero();
        double mean = 0;
        for (const float v : values)
            mean += static_cast<double>(v) / static_cast<double>(count);
        double variance = 0;
        for (const float v : values)
            variance += (v - mean) * (v - mean) / static_cast<double>(count);
        const Tensor x = input({count});
        const Feed feeds[] = {{x, values}};
        const Tensor y = layer_norm(x, {count});
        const auto results = compute({slice(y, {.begin = 0, .end = 4096})}, feeds);
        double worst = 0;
        for (std::size_t i = 0; i < 4096; ++i) {
            const double exact = (values[i] - mean) / std::sqrt(variance + 1e-5);
            worst = std::max(worst, std::abs(static_cast<double>(results[0][i]) - exact));
        }
        MESSAGE("largest error over a row of 1e7: " << worst);
        CHECK(worst < 4e-6);
    }

    TEST_CASE("norm: instance norm keeps running statistics") {
        const Tensor x = input({2, 2, 3});
        const Parameter mean = statistic("mean", 2, 1);
        const Parameter variance = statistic("variance", 2, 2);
        const Tensor y = instance_norm(
            x, {}, {}, {.running_mean = mean, .running_var = variance, .momentum = 0.25F});
        const std::vector<float> values{1, 2, 3, 10, 20, 30, 4, 6, 8, 0, 0, 3};
        const Feed feeds[] = {{x, values}};
        compute({y}, feeds);
        CHECK(mean.read().values<float>()[0] == doctest::Approx(0.75 * 1 + 0.25 * 4));
        CHECK(mean.read().values<float>()[1] == doctest::Approx(0.75 * 1 + 0.25 * 10.5));
        CHECK(variance.read().values<float>()[0] == doctest::Approx(0.75 * 2 + 0.25 * 2.5));
        CHECK(variance.read().values<float>()[1] == doctest::Approx(0.75 * 2 + 0.25 * 51.5));

        OpCase fixed = instance_row({2, 3, 5}, Affine::kBoth);
        fixed.build = [](const Tensors& in) {
            return instance_norm(in[0], in[1], in[2],
                                 {.running_mean = statistic("mean", 3, 0.25F),
                                  .running_var = statistic("variance", 3, 4),
                                  .use_input_stats = false});
        };
        fixed.reference = [](const Arrays& in) {
            return make_array(in[0].shape, [&](const Index& i) {
                return (at(in[0], i) - 0.25) / std::sqrt(4 + 1e-5) * in[1][i[1]] + in[2][i[1]];
            });
        };
        run_op_cases({fixed});
    }

    TEST_CASE("norm: dispatches") {
        const Tensor x = input({64, 96}), w = input({96}), b = input({96}), d = input({64, 96});
        const Tensor y = layer_norm(x, {96}, w, b);
        CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
        const auto grads = gradients(sum(y * d), std::array{x, w, b});
        // Forward, backward, the partial sums of d_weight and of d_bias.
        CHECK(test_device().compile({.outputs = grads}).stats().dispatches <= 4);
    }

    TEST_CASE("norm: errors") {
        const Tensor x = input({4, 6, 5}), six = input({6}), ints = input({4, 6, 5}, i32);
        const auto message = [](auto&& f) { return thrown_message(f); };
        CHECK(message([&] { layer_norm(x, {6}); }) ==
              "invalid argument: layer_norm: x f32[4, 6, 5] does not end in the normalized shape "
              "[6], of one axis or more");
        CHECK(message([&] { layer_norm(x, {}); }).find("layer_norm: x f32[4, 6, 5]") !=
              std::string::npos);
        CHECK(message([&] {
                  rms_norm(x, {4, 6, 5, 1});
              }).find("rms_norm: x ") != std::string::npos);
        CHECK(message([&] {
                  layer_norm(x, {6, 5}, six);
              }) ==
              "invalid argument: layer_norm: weight is f32[6], it must be of shape [6, 5] for x "
              "f32[4, 6, 5]");
        CHECK(message([&] { layer_norm(x, {5}, {}, six); }).find("layer_norm: bias is f32[6]") !=
              std::string::npos);
        CHECK(message([&] { layer_norm(ints, {5}); }) ==
              "invalid argument: layer_norm: takes f32, not i32[4, 6, 5]");
        CHECK(message([&] { layer_norm(x, {5}, {}, {}, -1.0F); }) ==
              "invalid argument: layer_norm: eps is -1, it must be finite and not negative");
        CHECK(message([&] {
                  rms_norm(x, {5}, {}, std::numeric_limits<float>::quiet_NaN());
              }).find("rms_norm: eps is nan") != std::string::npos);
        CHECK(
            message([&] { group_norm(x, 4); }) ==
            "invalid argument: group_norm: 4 groups do not divide the 6 channels of f32[4, 6, 5]");
        CHECK(message([&] { group_norm(x, 0); }).find("group_norm: 0 groups") != std::string::npos);
        CHECK(message([&] { group_norm(six, 1); }).find("group_norm: takes f32[B, C, ...]") !=
              std::string::npos);
        CHECK(message([&] { group_norm(x, 2, input({5})); }).find("group_norm: weight is f32[5]") !=
              std::string::npos);
        CHECK(message([&] {
                  instance_norm(input({2, 3}));
              }).find("instance_norm: takes") != std::string::npos);
        CHECK(
            message([&] {
                instance_norm(input({2, 3, 1}));
            }) ==
            "invalid argument: instance_norm: [2, 3, 1] has one value per channel of a sample: it "
            "needs more");
        CHECK(message([&] {
                  instance_norm(x, {}, {}, {.running_mean = statistic("m", 6, 0)});
              }).find("instance_norm: running_mean and running_var") != std::string::npos);
        CHECK(message([&] {
                  instance_norm(x, {}, {}, {.use_input_stats = false});
              }).find("instance_norm: running_mean and running_var") != std::string::npos);
        CHECK(message([&] {
                  instance_norm(
                      x, {}, {},
                      {.running_mean = statistic("m", 5, 0), .running_var = statistic("v", 6, 0)});
              }).find("instance_norm: running_mean is f32[5]") != std::string::npos);
        CHECK(message([&] {
                  instance_norm(x, {}, {}, {.momentum = 2});
              }).find("instance_norm: momentum is 2") != std::string::npos);
    }
}
