// SPDX-License-Identifier: MIT
// Every loss of numbers around +-1e4: values and gradients are those of the reference, so finite
// wherever it is.
#include "support/op_case.h"
#include "support/reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

using namespace ingot;
using namespace ingot::testing;

namespace {

const Shape kShape{6, 5};

// +-1e4, a few halves nearer to 0; `phase` makes another.
OpInput far_input(int phase, bool differentiable = true) {
    OpInput in{.shape = kShape, .differentiable = differentiable};
    for (std::int64_t i = 0; i < kShape.count(); ++i) {
        const double size = 1e4 - 0.5 * static_cast<double>((i * 3 + phase) % 7);
        in.values.push_back((i * 7 + phase) % 5 < 2 ? -size : size);
    }
    return in;
}

OpInput given(std::vector<double> values, const Shape& shape = kShape, DType dtype = f32) {
    OpInput in{.shape = shape, .dtype = dtype, .differentiable = false};
    for (std::int64_t i = 0; i < shape.count(); ++i)
        in.values.push_back(values[static_cast<std::size_t>(i) % values.size()]);
    return in;
}
OpInput signs() {
    return given({1, -1, -1, 1, 1, 1, -1});
}
OpInput bits() {
    return given({1, 0, 0, 1, 1, 1, 0});
}
OpInput labels() {
    return given({2, 0, 4, 1, 3, 0}, {6}, i32);
}

constexpr auto kNone = Reduction::kNone;
// Of the central differences, times 1e4: as wide as the kinks allow, which are 0.25 away, where the
// losses are lines and parabolas as large as 1e9; narrow, where exponentials bend, of values of
// 1e4.
constexpr double kWide = 1e-5, kNarrow = 1e-8;

using Build = std::function<Tensor(const Tensors&)>;

// In f32 alone: 16-bit floats do not hold 1e4 and a half.
void run(const std::string& name, std::vector<OpInput> inputs, Build build,
         std::function<Array(const Arrays&)> reference, double step, bool has_gradient = true,
         double units = 8) {
    run_op_cases({{.name = name + " at 1e4",
                   .inputs = std::move(inputs),
                   .build = std::move(build),
                   .reference = std::move(reference),
                   .forward = {.units = units},
                   .gradient = {.units = 2 * units},
                   .has_gradient = has_gradient,
                   .narrow = false,
                   .step = step}});
}

void run_elementwise(const std::string& name, std::vector<OpInput> inputs, Build build,
                     double (*formula)(double x, double t), bool has_gradient = true) {
    run(
        name, std::move(inputs), std::move(build),
        [=](const Arrays& in) { return map(in[0], in[1], formula); }, kWide, has_gradient);
}

// One number a row of the first input.
void run_rows(const std::string& name, std::vector<OpInput> inputs, Build build,
              std::function<double(const Arrays& in, std::int64_t row)> formula,
              double step = kNarrow, double units = 8) {
    run(
        name, std::move(inputs), std::move(build),
        [=](const Arrays& in) {
            return make_array({kShape[0]}, [&](const Index& i) { return formula(in, i[0]); });
        },
        step, true, units);
}

std::vector<double> row_of(const Array& x, std::int64_t row) {
    const auto begin = x.values.begin() + row * kShape[1];
    return {begin, begin + kShape[1]};
}

double log_of_both(double x) {
    return std::log1p(std::exp(-std::abs(x)));
}

double huber(double d, double bound) {
    const double size = std::abs(d);
    return size < bound ? d * d / 2 : bound * (size - bound / 2);
}

double label_of(const Arrays& in, std::int64_t row) {
    return in[1][row];
}

// -log softmax(row)[label]
double surprise(const Arrays& in, std::int64_t row) {
    const std::vector<double> x = row_of(in[0], row);
    const double largest = *std::max_element(x.begin(), x.end());
    double total = 0;
    for (const double v : x)
        total += std::exp(v - largest);
    return largest - x[static_cast<std::size_t>(label_of(in, row))] + std::log(total);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double cosine(const Arrays& in, std::int64_t row) {
    const auto a = row_of(in[0], row), b = row_of(in[1], row);
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

double distance(const Array& a, const Array& b, std::int64_t row, double p) {
    const auto x = row_of(a, row), y = row_of(b, row);
    double total = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        total += std::pow(std::abs(x[i] - y[i] + 1e-6), p);
    return std::pow(total, 1 / p);
}

}  // namespace

TEST_SUITE("losses") {
    TEST_CASE("losses: of numbers of 1e4") {
        const std::vector<OpInput> two{far_input(0), far_input(1)};
        run_elementwise(
            "mse_loss", two, [](const Tensors& in) { return mse_loss(in[0], in[1], kNone); },
            [](double x, double t) { return (x - t) * (x - t); });
        run_elementwise(
            "l1_loss", two, [](const Tensors& in) { return l1_loss(in[0], in[1], kNone); },
            [](double x, double t) { return std::abs(x - t); });
        run_elementwise(
            "smooth_l1_loss", two,
            [](const Tensors& in) {
                return smooth_l1_loss(in[0], in[1], {.beta = 0.25F, .reduction = kNone});
            },
            [](double x, double t) { return huber(x - t, 0.25) / 0.25; });
        run_elementwise(
            "huber_loss", two,
            [](const Tensors& in) {
                return huber_loss(in[0], in[1], {.delta = 2.25F, .reduction = kNone});
            },
            [](double x, double t) { return huber(x - t, 2.25); });
        const std::vector<OpInput> signed_two{far_input(0), signs()};
        run_elementwise(
            "hinge_loss", signed_two,
            [](const Tensors& in) { return hinge_loss(in[0], in[1], kNone); },
            [](double x, double t) { return std::max(0.0, 1 - t * x); });
        run_elementwise(
            "hinge_embedding_loss", signed_two,
            [](const Tensors& in) {
                return hinge_embedding_loss(in[0], in[1], {.reduction = kNone});
            },
            [](double x, double t) { return t > 0 ? x : std::max(0.0, 1 - x); });
        run_elementwise(
            "soft_margin_loss", signed_two,
            [](const Tensors& in) { return soft_margin_loss(in[0], in[1], kNone); },
            [](double x, double t) { return log_of_both(x) + std::max(-t * x, 0.0); });
        run(
            "margin_ranking_loss", {far_input(0), far_input(1), signs()},
            [](const Tensors& in) {
                return margin_ranking_loss(in[0], in[1], in[2],
                                           {.margin = 0.25F, .reduction = kNone});
            },
            [](const Arrays& in) {
                return make_array(kShape, [&](const Index& i) {
                    return std::max(0.0, -at(in[2], i) * (at(in[0], i) - at(in[1], i)) + 0.25);
                });
            },
            kWide);
        run(
            "gaussian_nll_loss", {far_input(0), far_input(1), given({1e4, 0.5, 2, 3})},
            [](const Tensors& in) {
                return gaussian_nll_loss(in[0], in[1], in[2], {.reduction = kNone});
            },
            [](const Arrays& in) {
                return make_array(kShape, [&](const Index& i) {
                    const double d = at(in[0], i) - at(in[1], i), v = at(in[2], i);
                    return (std::log(v) + d * d / v) / 2;
                });
            },
            kWide);
    }

    TEST_CASE("losses: of logits and logarithms of 1e4") {
        const std::vector<OpInput> with_bits{far_input(0), bits()};
        run_elementwise(
            "binary_cross_entropy_with_logits", with_bits,
            [](const Tensors& in) {
                return binary_cross_entropy_with_logits(in[0], in[1], {.reduction = kNone});
            },
            [](double x, double t) { return (1 - t) * x + log_of_both(x) + std::max(-x, 0.0); });
        run_elementwise(
            "sigmoid_focal_loss", with_bits,
            [](const Tensors& in) {
                return sigmoid_focal_loss(in[0], in[1], {.gamma = 1.5F, .reduction = kNone});
            },
            [](double x, double t) {
                const double p = 1 / (1 + std::exp(-x));
                const double loss = (1 - t) * x + log_of_both(x) + std::max(-x, 0.0);
                return (0.25 * t + 0.75 * (1 - t)) * std::pow(p + t - 2 * p * t, 1.5) * loss;
            });
        // exp(1e4) is infinite, and so is its gradient.
        OpInput below = far_input(0);
        for (double& x : below.values)
            x = -std::abs(x);
        const OpInput counts = given({0, 1, 1e4, 3});
        const auto poisson = [](const Tensors& in) {
            return poisson_nll_loss(in[0], in[1], {.full = true, .reduction = kNone});
        };
        const auto poisson_formula = [](double x, double t) {
            const double rest =
                t > 1 ? t * std::log(t) - t + std::log(2 * std::numbers::pi * t) / 2 : 0;
            return std::exp(x) - t * x + rest;
        };
        run_elementwise("poisson_nll_loss", {below, counts}, poisson, poisson_formula);
        run_elementwise("poisson_nll_loss, infinite", {far_input(0), counts}, poisson,
                        poisson_formula, false);
        OpInput rates = below;
        for (double& x : rates.values)
            x = -x;
        run_elementwise(
            "poisson_nll_loss of rates", {rates, counts},
            [](const Tensors& in) {
                return poisson_nll_loss(in[0], in[1], {.log_input = false, .reduction = kNone});
            },
            [](double x, double t) { return x - t * std::log(x + 1e-8); });
        run_elementwise(
            "kl_div", {far_input(0), given({0.25, 1e-4, 0, 1e4})},
            [](const Tensors& in) { return kl_div(in[0], in[1], {.reduction = kNone}); },
            [](double x, double t) { return t > 0 ? t * (std::log(t) - x) : 0.0; });
        run_elementwise(
            "kl_div of logarithms", {far_input(0), below},
            [](const Tensors& in) {
                return kl_div(in[0], in[1], {.log_target = true, .reduction = kNone});
            },
            [](double x, double t) { return std::exp(t) * (t - x); });
    }

    TEST_CASE("losses: of classes, logits of 1e4") {
        const std::vector<OpInput> classes{far_input(0), labels()};
        run_rows(
            "cross_entropy", classes,
            [](const Tensors& in) { return cross_entropy(in[0], in[1], kNone); }, surprise);
        run_rows(
            "nll_loss", classes,
            [](const Tensors& in) { return nll_loss(in[0], in[1], {.reduction = kNone}); },
            [](const Arrays& in, std::int64_t row) {
                return -row_of(in[0], row)[static_cast<std::size_t>(label_of(in, row))];
            });
        for (const float gamma : {0.0F, 1.0F, 1.5F, 2.0F}) {
            run_rows(
                "softmax_focal_loss, gamma " + std::to_string(gamma), classes,
                [=](const Tensors& in) {
                    return softmax_focal_loss(in[0], in[1], {.gamma = gamma, .reduction = kNone});
                },
                [=](const Arrays& in, std::int64_t row) {
                    const double loss = surprise(in, row);
                    return std::pow(-std::expm1(-loss), gamma) * loss;
                });
        }
        for (const int p : {1, 2}) {
            run_rows(
                "multi_margin_loss, p " + std::to_string(p), classes,
                [=](const Tensors& in) {
                    return multi_margin_loss(in[0], in[1],
                                             {.p = p, .margin = 0.75F, .reduction = kNone});
                },
                [=](const Arrays& in, std::int64_t row) {
                    const auto x = row_of(in[0], row);
                    const auto label = static_cast<std::size_t>(label_of(in, row));
                    double total = 0;
                    for (std::size_t i = 0; i < x.size(); ++i) {
                        if (i == label) continue;
                        total += std::pow(std::max(0.75 - x[label] + x[i], 0.0), p);
                    }
                    return total / static_cast<double>(x.size());
                },
                kWide);
        }
    }

    TEST_CASE("losses: of vectors of 1e4") {
        const std::vector<OpInput> two{far_input(0), far_input(1)};
        run_rows(
            "cosine_similarity", two,
            [](const Tensors& in) { return cosine_similarity(in[0], in[1]); }, cosine);
        run_rows(
            "cosine_embedding_loss", {far_input(0), far_input(1), given({1, -1}, {6})},
            [](const Tensors& in) {
                return cosine_embedding_loss(in[0], in[1], in[2], {.reduction = kNone});
            },
            [](const Arrays& in, std::int64_t row) {
                const double c = cosine(in, row);
                return in[2][row] > 0 ? 1 - c : std::max(0.0, c);
            });
        // pow is good to 16 units and more in Vulkan, taken twice, and once more in the gradient.
        for (const float p : {1.0F, 2.0F, 3.0F}) {
            run_rows(
                "pairwise_distance, p " + std::to_string(p), two,
                [=](const Tensors& in) { return pairwise_distance(in[0], in[1], {.p = p}); },
                [=](const Arrays& in, std::int64_t row) {
                    return distance(in[0], in[1], row, static_cast<double>(p));
                },
                kNarrow, p == 3 ? 100 : 8);
        }
        run_rows(
            "triplet_margin_loss", {far_input(0), far_input(1), far_input(2)},
            [](const Tensors& in) {
                return triplet_margin_loss(in[0], in[1], in[2],
                                           {.margin = 3e4F, .reduction = kNone});
            },
            [](const Arrays& in, std::int64_t row) {
                return std::max(
                    0.0, distance(in[0], in[1], row, 2) - distance(in[0], in[2], row, 2) + 3e4);
            });
        run(
            "dice_loss", two,
            [](const Tensors& in) { return dice_loss(in[0], in[1], {.reduction = kNone}); },
            [](const Arrays& in) {
                return make_array({6}, [&](const Index& i) {
                    const auto a = row_of(in[0], i[0]), b = row_of(in[1], i[0]);
                    return 1 - (2 * dot(a, b) + 1) / (dot(a, a) + dot(b, b) + 1);
                });
            },
            kWide);
    }
}
