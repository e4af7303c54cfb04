// SPDX-License-Identifier: MIT
// Losses written with other operators, against loops over doubles; large values and the places
// where a formula read carelessly divides by 0.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(losses);

namespace {

constexpr Reduction kReductions[] = {Reduction::kMean, Reduction::kSum, Reduction::kNone};

Array reduce(const Array& losses, Reduction reduction) {
    if (reduction == Reduction::kNone) return losses;
    Array total;
    for (const double loss : losses.values)
        total[0] += loss;
    if (reduction == Reduction::kMean) total[0] /= static_cast<double>(losses.count());
    return total;
}

// A loss with one number an element.
struct Elementwise {
    std::string name;
    std::vector<OpInput> inputs;  // shapes are filled in
    std::function<Tensor(const Tensors& in, Reduction reduction)> build;
    std::function<double(const std::vector<double>& in)> formula;
    double size = 1;  // of the losses
    Tolerance gradient{.units = 16};
};

void run_elementwise(const Elementwise& loss) {
    std::vector<OpCase> cases;
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{64, 65}, Shape{3, 4, 5}}) {
        for (const Reduction reduction : kReductions) {
            // All three of seven elements, the mean of many, every element of three axes.
            if (shape.rank() == 2 && reduction != Reduction::kMean) continue;
            if (shape.rank() == 3 && reduction != Reduction::kNone) continue;
            if (shape.rank() == 0 && reduction != Reduction::kSum) continue;
            const auto count = static_cast<double>(shape.count());
            OpCase row{.name = loss.name + " " + to_string(shape),
                       .inputs = loss.inputs,
                       .build = [=](const Tensors& in) { return loss.build(in, reduction); },
                       .reference =
                           [=](const Arrays& in) {
                               Array losses(shape);
                               for (std::int64_t i = 0; i < losses.count(); ++i) {
                                   std::vector<double> values;
                                   for (const Array& array : in)
                                       values.push_back(array[i]);
                                   losses[i] = loss.formula(values);
                               }
                               return reduce(losses, reduction);
                           },
                       .forward = {.units = 8,
                                   .length = 1 + std::log2(count),
                                   .scale = loss.size *
                                            (reduction == Reduction::kSum ? std::sqrt(count) : 1)},
                       .gradient = loss.gradient,
                       .samples = 8};
            for (OpInput& in : row.inputs)
                in.shape = shape;
            cases.push_back(std::move(row));
        }
    }
    run_op_cases(cases);
}

OpInput from(double low, double high, std::vector<double> away_from = {}) {
    return {.shape = {}, .low = low, .high = high, .away_from = std::move(away_from)};
}

// 1 or -1, as an input that is not differentiated.
OpInput signs(const Shape& shape) {
    OpInput in{.shape = shape, .differentiable = false};
    for (std::int64_t i = 0; i < shape.count(); ++i)
        in.values.push_back(i * 7 % 5 < 2 ? -1 : 1);
    return in;
}

double log_of_both(double x) {
    return std::log1p(std::exp(-std::abs(x)));
}

double bce_with_logits(double x, double t) {
    return (1 - t) * x + log_of_both(x) + std::max(-x, 0.0);
}

// Rows of [B, N] arrays.
std::vector<double> row_of(const Array& array, std::int64_t row) {
    const std::int64_t n = array.shape[array.shape.rank() - 1];
    return {array.values.begin() + row * n, array.values.begin() + (row + 1) * n};
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

double distance(const std::vector<double>& a, const std::vector<double>& b, double p) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += std::pow(std::abs(a[i] - b[i] + 1e-6), p);
    return std::pow(sum, 1 / p);
}

}  // namespace

TEST_SUITE("losses") {
    TEST_CASE("losses: of numbers") {
        run_elementwise({"mse_loss",
                         {from(-1, 1), from(-1, 1)},
                         [](const Tensors& in, Reduction r) { return mse_loss(in[0], in[1], r); },
                         [](const auto& in) { return (in[0] - in[1]) * (in[0] - in[1]); }});
        // The kinks lie where x - target is 0 or +-beta: the two are drawn apart from there.
        run_elementwise({"l1_loss",
                         {from(-1, 1), from(2, 3)},
                         [](const Tensors& in, Reduction r) { return l1_loss(in[0], in[1], r); },
                         [](const auto& in) { return std::abs(in[0] - in[1]); },
                         4});
        for (const float bound : {0.5F, 1.0F, 20.0F}) {
            const auto huber = [=](double d) {
                const double size = std::abs(d), b = bound;
                return size < b ? d * d / 2 : b * (size - b / 2);
            };
            for (const double apart : {3.0, 0.0}) {
                if (apart == 0 && bound < 20) continue;
                run_elementwise({"smooth_l1_loss",
                                 {from(-1, 1), from(apart - 1, apart + 1)},
                                 [=](const Tensors& in, Reduction r) {
                                     return smooth_l1_loss(in[0], in[1], {bound, r});
                                 },
                                 [=](const auto& in) { return huber(in[0] - in[1]) / bound; },
                                 5});
                run_elementwise({"huber_loss",
                                 {from(-1, 1), from(apart - 1, apart + 1)},
                                 [=](const Tensors& in, Reduction r) {
                                     return huber_loss(in[0], in[1], {bound, r});
                                 },
                                 [=](const auto& in) { return huber(in[0] - in[1]); },
                                 12});
            }
        }
        for (const bool full : {false, true}) {
            for (const bool log_input : {false, true}) {
                run_elementwise(
                    {"poisson_nll_loss",
                     {from(0.2, 2),
                      {.shape = {},
                       .low = 0,
                       .high = 6,
                       .away_from = {1},
                       .differentiable = false}},
                     [=](const Tensors& in, Reduction r) {
                         return poisson_nll_loss(in[0], in[1], {log_input, full, 1e-8F, r});
                     },
                     [=](const auto& in) {
                         const double x = in[0], t = in[1];
                         double loss = log_input ? std::exp(x) - t * x : x - t * std::log(x + 1e-8);
                         if (full && t > 1) {
                             loss += t * std::log(t) - t + std::log(2 * std::numbers::pi * t) / 2;
                         }
                         return loss;
                     },
                     12});
            }
            run_elementwise({"gaussian_nll_loss",
                             {from(-1, 1), from(-1, 1), from(0.2, 2)},
                             [=](const Tensors& in, Reduction r) {
                                 return gaussian_nll_loss(in[0], in[1], in[2], {full, 1e-6F, r});
                             },
                             [=](const auto& in) {
                                 const double d = in[0] - in[1];
                                 return (std::log(in[2]) + d * d / in[2]) / 2 +
                                        (full ? std::log(2 * std::numbers::pi) / 2 : 0);
                             },
                             10});
        }
    }

    TEST_CASE("losses: of probabilities") {
        run_elementwise({"binary_cross_entropy",
                         {from(0.05, 0.95), from(0, 1)},
                         [](const Tensors& in, Reduction r) {
                             return binary_cross_entropy(in[0], in[1], {.reduction = r});
                         },
                         [](const auto& in) {
                             return -in[1] * std::log(in[0]) - (1 - in[1]) * std::log(1 - in[0]);
                         },
                         3,
                         {.units = 32}});
        run_elementwise({"binary_cross_entropy weighted",
                         {from(0.05, 0.95), from(0, 1), from(0.1, 2)},
                         [](const Tensors& in, Reduction r) {
                             return binary_cross_entropy(in[0], in[1], {in[2], r});
                         },
                         [](const auto& in) {
                             return in[2] *
                                    (-in[1] * std::log(in[0]) - (1 - in[1]) * std::log(1 - in[0]));
                         },
                         6,
                         {.units = 32}});
        run_elementwise({"binary_cross_entropy_with_logits",
                         {from(-4, 4, {0}), from(0, 1)},
                         [](const Tensors& in, Reduction r) {
                             return binary_cross_entropy_with_logits(in[0], in[1],
                                                                     {.reduction = r});
                         },
                         [](const auto& in) { return bce_with_logits(in[0], in[1]); },
                         5});
        run_elementwise(
            {"binary_cross_entropy_with_logits weighted",
             {from(-4, 4, {0}), from(0, 1), from(0.1, 2), from(0.1, 3)},
             [](const Tensors& in, Reduction r) {
                 return binary_cross_entropy_with_logits(in[0], in[1], {in[2], in[3], r});
             },
             [](const auto& in) {
                 const double p = 1 / (1 + std::exp(-in[0]));
                 return -in[2] * (in[3] * in[1] * std::log(p) + (1 - in[1]) * std::log(1 - p));
             },
             20});
        for (const float gamma : {0.0F, 1.0F, 2.0F, 3.5F}) {
            for (const float alpha : {-1.0F, 0.25F}) {
                run_elementwise({"sigmoid_focal_loss",
                                 {from(-4, 4, {0}), from(0, 1)},
                                 [=](const Tensors& in, Reduction r) {
                                     return sigmoid_focal_loss(in[0], in[1], {alpha, gamma, r});
                                 },
                                 [=](const auto& in) {
                                     const double x = in[0], t = in[1];
                                     const double p = 1 / (1 + std::exp(-x));
                                     const double right = p * t + (1 - p) * (1 - t);
                                     const double a =
                                         alpha < 0 ? 1 : alpha * t + (1 - alpha) * (1 - t);
                                     return a * std::pow(1 - right, gamma) * bce_with_logits(x, t);
                                 },
                                 5,
                                 {.units = 32}});
            }
        }
        run_elementwise(
            {"kl_div",
             {from(-3, 0), from(0.05, 1)},
             [](const Tensors& in, Reduction r) { return kl_div(in[0], in[1], {.reduction = r}); },
             [](const auto& in) { return in[1] * (std::log(in[1]) - in[0]); },
             3,
             {.units = 32}});
        run_elementwise({"kl_div of logarithms",
                         {from(-3, 0), from(-3, 0)},
                         [](const Tensors& in, Reduction r) {
                             return kl_div(in[0], in[1], {.log_target = true, .reduction = r});
                         },
                         [](const auto& in) { return std::exp(in[1]) * (in[1] - in[0]); },
                         3});
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 1}, Shape{5, 67}, Shape{2, 3, 7}, Shape{2, 3, 8, 9}}) {
            for (const Reduction reduction : kReductions) {
                cases.push_back(
                    {.name = "dice_loss " + to_string(shape),
                     .inputs = {{.shape = shape, .low = 0.1, .high = 1},
                                {.shape = shape, .low = 0.1, .high = 1}},
                     .build =
                         [=](const Tensors& in) {
                             return dice_loss(in[0], in[1],
                                              {.smooth = 0.5F, .reduction = reduction});
                         },
                     .reference =
                         [=](const Arrays& in) {
                             const Shape rows =
                                 shape.rank() == 2 ? Shape{shape[0]} : Shape{shape[0], shape[1]};
                             Array losses(rows);
                             const std::int64_t inner = shape.count() / rows.count();
                             for (std::int64_t r = 0; r < rows.count(); ++r) {
                                 double common = 0, both = 0;
                                 for (std::int64_t i = r * inner; i < (r + 1) * inner; ++i) {
                                     common += in[0][i] * in[1][i];
                                     both += in[0][i] * in[0][i] + in[1][i] * in[1][i];
                                 }
                                 losses[r] = 1 - (2 * common + 0.5) / (both + 0.5);
                             }
                             return reduce(losses, reduction);
                         },
                     .forward = {.units = 8, .length = 4},
                     .gradient = {.units = 16, .length = 4},
                     .samples = 10});
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("losses: of signs") {
        std::vector<OpCase> cases;
        const Shape shape{9, 7};
        const auto add = [&](const std::string& name, const auto& build, const auto& formula) {
            for (const Reduction reduction : kReductions) {
                cases.push_back(
                    {.name = name,
                     .inputs =
                         {{.shape = shape, .low = -3, .high = 3, .away_from = {-1, 0, 0.5, 1}},
                          signs(shape)},
                     .build = [=](const Tensors& in) { return build(in, reduction); },
                     .reference =
                         [=](const Arrays& in) {
                             return reduce(map(in[0], in[1], formula), reduction);
                         },
                     .forward = {.units = 8, .length = 7, .scale = 24},
                     .samples = 16});
            }
        };
        add(
            "hinge_embedding_loss",
            [](const Tensors& in, Reduction r) {
                return hinge_embedding_loss(in[0], in[1], {.margin = 0.5F, .reduction = r});
            },
            [](double x, double t) { return t > 0 ? x : std::max(0.0, 0.5 - x); });
        add(
            "hinge_loss",
            [](const Tensors& in, Reduction r) { return hinge_loss(in[0], in[1], r); },
            [](double x, double t) { return std::max(0.0, 1 - t * x); });
        add(
            "soft_margin_loss",
            [](const Tensors& in, Reduction r) { return soft_margin_loss(in[0], in[1], r); },
            [](double x, double t) { return std::log1p(std::exp(-t * x)); });
        add(
            "margin_ranking_loss",
            [](const Tensors& in, Reduction r) {
                return margin_ranking_loss(in[0], in[0] * 0.5F, in[1],
                                           {.margin = 0.1F, .reduction = r});
            },
            [](double x, double t) { return std::max(0.0, -t * x / 2 + 0.1); });
        run_op_cases(cases);
    }

    TEST_CASE("losses: of vectors") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 3}, Shape{7, 65}, Shape{67, 4}}) {
            const Shape batch = shape.without(1);
            const OpInput vectors{.shape = shape};
            const auto add = [&](const std::string& name, std::vector<OpInput> inputs,
                                 const auto& build, const auto& formula) {
                for (const Reduction reduction : kReductions) {
                    cases.push_back(
                        {.name = name + " " + to_string(shape),
                         .inputs = inputs,
                         .build = [=](const Tensors& in) { return build(in, reduction); },
                         .reference =
                             [=](const Arrays& in) {
                                 Array losses(batch);
                                 for (std::int64_t r = 0; r < batch.count(); ++r)
                                     losses[r] = formula(in, r);
                                 return reduce(losses, reduction);
                             },
                         .forward = {.units = 16, .length = 8, .scale = 8},
                         .gradient = {.units = 32, .length = 8},
                         .samples = 10});
                }
            };
            const auto reduced = [](const Tensor& x, Reduction r) {
                return r == Reduction::kMean ? mean(x) : r == Reduction::kSum ? sum(x) : x;
            };
            const auto cosine = [](const Arrays& in, std::int64_t r) {
                const auto a = row_of(in[0], r), b = row_of(in[1], r);
                return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
            };
            add(
                "cosine_similarity", {vectors, vectors},
                [=](const Tensors& in, Reduction r) {
                    return reduced(cosine_similarity(in[0], in[1]), r);
                },
                cosine);
            add(
                "cosine_embedding_loss", {vectors, vectors, signs(batch)},
                [](const Tensors& in, Reduction r) {
                    return cosine_embedding_loss(in[0], in[1], in[2],
                                                 {.margin = -0.95F, .reduction = r});
                },
                [=](const Arrays& in, std::int64_t r) {
                    const double c = cosine(in, r);
                    return in[2][r] > 0 ? 1 - c : std::max(0.0, c + 0.95);
                });
            for (const float p : {1.0F, 2.0F, 3.0F}) {
                add(
                    "pairwise_distance", {vectors, vectors},
                    [=](const Tensors& in, Reduction r) {
                        return reduced(pairwise_distance(in[0], in[1], {.p = p}), r);
                    },
                    [=](const Arrays& in, std::int64_t r) {
                        return distance(row_of(in[0], r), row_of(in[1], r), p);
                    });
            }
            for (const bool swap : {false, true}) {
                add(
                    "triplet_margin_loss", {vectors, vectors, vectors},
                    [=](const Tensors& in, Reduction r) {
                        return triplet_margin_loss(in[0], in[1], in[2],
                                                   {.margin = 5, .swap = swap, .reduction = r});
                    },
                    [=](const Arrays& in, std::int64_t r) {
                        const auto a = row_of(in[0], r), p = row_of(in[1], r), n = row_of(in[2], r);
                        double far = distance(a, n, 2);
                        if (swap) far = std::min(far, distance(p, n, 2));
                        return std::max(0.0, distance(a, p, 2) - far + 5);
                    });
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("losses: of classes") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 2}, Shape{9, 5}, Shape{33, 65}}) {
            const std::int64_t V = shape[1];
            for (const bool weight : {false, true}) {
                const auto add = [&](const std::string& name, const auto& build,
                                     const auto& formula) {
                    for (const Reduction reduction : kReductions) {
                        OpCase row{
                            .name = name + " " + to_string(shape) + (weight ? " weighted" : ""),
                            .inputs = {{.shape = shape, .low = -2, .high = 2},
                                       {.shape = {shape[0]},
                                        .dtype = i32,
                                        .low = 0,
                                        .high = static_cast<double>(V - 1)}},
                            .build =
                                [=](const Tensors& in) {
                                    return build(in[0], in[1], weight ? in[2] : Tensor(),
                                                 reduction);
                                },
                            .reference =
                                [=](const Arrays& in) {
                                    Array losses({shape[0]});
                                    for (std::int64_t r = 0; r < shape[0]; ++r) {
                                        const auto label = static_cast<std::int64_t>(in[1][r]);
                                        losses[r] = (weight ? in[2][label] : 1) *
                                                    formula(row_of(in[0], r),
                                                            static_cast<std::size_t>(label));
                                    }
                                    return reduce(losses, reduction);
                                },
                            .forward = {.units = 16, .length = 6, .scale = 16},
                            .gradient = {.units = 32, .length = 6},
                            .samples = 10};
                        if (weight) {
                            row.inputs.push_back(
                                {.shape = {V}, .low = 0.2, .high = 2, .differentiable = false});
                        }
                        cases.push_back(std::move(row));
                    }
                };
                for (const float gamma : {0.0F, 2.0F, 1.5F}) {
                    add(
                        "softmax_focal_loss",
                        [=](const Tensor& x, const Tensor& y, const Tensor& w, Reduction r) {
                            return softmax_focal_loss(x, y, {gamma, w, r});
                        },
                        [=](const std::vector<double>& x, std::size_t label) {
                            double total = 0;
                            for (const double value : x)
                                total += std::exp(value);
                            const double p = std::exp(x[label]) / total;
                            return -std::pow(1 - p, gamma) * std::log(p);
                        });
                }
                for (const int p : {1, 2}) {
                    // A margin that no difference of the values below comes near: no kinks.
                    add(
                        "multi_margin_loss",
                        [=](const Tensor& x, const Tensor& y, const Tensor& w, Reduction r) {
                            return multi_margin_loss(x, y, {p, 4.5F, w, r});
                        },
                        [=](const std::vector<double>& x, std::size_t label) {
                            double loss = 0;
                            for (std::size_t i = 0; i < x.size(); ++i) {
                                if (i == label) continue;
                                loss += std::pow(std::max(0.0, 4.5 - x[label] + x[i]), p);
                            }
                            return loss / static_cast<double>(x.size());
                        });
                }
            }
        }
        run_op_cases(cases);
    }
}
