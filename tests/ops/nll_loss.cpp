// SPDX-License-Identifier: MIT
// nll_loss, and cross_entropy with weights, ignored labels, smoothing, probabilities and positions.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(nll_loss);

namespace {

struct Options {
    bool weight = false;
    std::optional<std::int32_t> ignored{};
    double smoothing = 0;
    Reduction reduction = Reduction::kMean;
    bool log_softmax = true;  // false: nll_loss
};

const char* name_of(Reduction reduction) {
    const char* names[] = {"mean", "sum", "none"};
    return names[static_cast<int>(reduction)];
}

// x [B, V, ...], labels [B, ...] (or probabilities, with no labels), weight [V] -> the losses.
Array losses_of(const Array& x, const Array* labels, const Array* soft, const Array* weight,
                const Options& o) {
    const std::int64_t V = x.shape[1];
    std::int64_t inner = 1;
    for (std::size_t axis = 2; axis < x.shape.rank(); ++axis)
        inner *= x.shape[axis];
    Array losses(x.shape.without(1));
    double weights = 0;
    for (std::int64_t b = 0; b < x.shape[0]; ++b) {
        for (std::int64_t i = 0; i < inner; ++i) {
            const auto place = [&](std::int64_t v) { return (b * V + v) * inner + i; };
            double largest = -INFINITY, total = 0;
            for (std::int64_t v = 0; v < V; ++v)
                largest = std::max(largest, x[place(v)]);
            for (std::int64_t v = 0; v < V; ++v)
                total += std::exp(x[place(v)] - largest);
            const double shift = o.log_softmax ? largest + std::log(total) : 0;
            const auto w = [&](std::int64_t v) { return weight ? (*weight)[v] : 1.0; };
            const std::int64_t row = b * inner + i;
            if (soft) {
                for (std::int64_t v = 0; v < V; ++v) {
                    const double t = (*soft)[place(v)] * (1 - o.smoothing) +
                                     o.smoothing / static_cast<double>(V);
                    losses[row] -= w(v) * t * (x[place(v)] - shift);
                }
                weights += 1;
                continue;
            }
            const auto label = static_cast<std::int64_t>((*labels)[row]);
            if (o.ignored && label == *o.ignored) continue;
            weights += w(label);
            losses[row] = -(1 - o.smoothing) * w(label) * (x[place(label)] - shift);
            for (std::int64_t v = 0; v < V; ++v) {
                losses[row] -= o.smoothing / static_cast<double>(V) * w(v) * (x[place(v)] - shift);
            }
        }
    }
    if (o.reduction == Reduction::kNone) return losses;
    Array total;
    for (const double loss : losses.values)
        total[0] += loss;
    if (o.reduction == Reduction::kMean) total[0] /= weights;
    return total;
}

OpCase row(const Shape& shape, const Options& o) {
    const auto V = static_cast<double>(shape[1]);
    const auto rows = static_cast<double>(shape.count()) / V;
    OpCase result{.name = std::string(o.log_softmax ? "cross_entropy " : "nll_loss ") +
                          to_string(shape) + " " + name_of(o.reduction) +
                          (o.weight ? " weighted" : "") + (o.ignored ? " ignored" : "") +
                          (o.smoothing > 0 ? " smoothed" : ""),
                  .inputs = {{.shape = shape, .low = -3, .high = 3},
                             {.shape = shape.without(1), .dtype = i32, .low = 0, .high = V - 1}},
                  .build =
                      [=](const Tensors& in) {
                          const Tensor weight = o.weight ? in[2] : Tensor();
                          if (!o.log_softmax) {
                              return nll_loss(in[0], in[1], {weight, o.ignored, o.reduction});
                          }
                          return cross_entropy(
                              in[0], in[1],
                              {weight, o.ignored, static_cast<float>(o.smoothing), o.reduction});
                      },
                  .reference =
                      [=](const Arrays& in) {
                          return losses_of(in[0], &in[1], nullptr, o.weight ? &in[2] : nullptr, o);
                      },
                  .forward = {.units = 8,
                              .length = 2 + std::log2(shape.count()),
                              .scale = o.reduction == Reduction::kSum ? 3 * std::sqrt(rows) : 3},
                  .gradient = {.units = 16, .length = 2 + std::log2(V)},
                  .samples = 12};
    if (o.weight) {
        result.inputs.push_back(
            {.shape = {shape[1]}, .low = 0.2, .high = 2, .differentiable = false});
    }
    return result;
}

}  // namespace

TEST_SUITE("nll_loss") {
    TEST_CASE("nll_loss: sizes, reductions, weights, ignored labels") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 1}, Shape{7, 3}, Shape{63, 10}, Shape{65, 10},
                                   Shape{3, 257}, Shape{5, 4, 3}, Shape{2, 3, 5, 7}}) {
            for (const Reduction reduction :
                 {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
                cases.push_back(row(shape, {.reduction = reduction, .log_softmax = false}));
                cases.push_back(
                    row(shape, {.weight = true, .reduction = reduction, .log_softmax = false}));
            }
        }
        cases.push_back(row({65, 10}, {.weight = true, .ignored = 3, .log_softmax = false}));
        run_op_cases(cases);
    }

    TEST_CASE("nll_loss: cross_entropy with every option") {
        std::vector<OpCase> cases;
        for (const Reduction reduction : {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
            for (const bool weight : {false, true}) {
                for (const double smoothing : {0.0, 0.2}) {
                    for (const std::optional<std::int32_t> ignored :
                         {std::optional<std::int32_t>(), std::optional<std::int32_t>(2)}) {
                        cases.push_back(row({37, 5}, {weight, ignored, smoothing, reduction}));
                        cases.push_back(row({3, 4, 5}, {weight, ignored, smoothing, reduction}));
                    }
                }
            }
        }
        cases.push_back(row({2, 3, 4, 5}, {.smoothing = 1}));
        cases.push_back(row({2, 70, 3}, {.weight = true, .smoothing = 0.1}));
        run_op_cases(cases);
    }

    TEST_CASE("nll_loss: cross_entropy against probabilities") {
        std::vector<OpCase> cases;
        for (const Shape& shape : {Shape{1, 2}, Shape{9, 65}, Shape{3, 4, 5}}) {
            for (const bool weight : {false, true}) {
                const Options o{.weight = weight, .smoothing = weight ? 0.1 : 0};
                OpCase soft = row(shape, o);
                soft.name += " soft";
                soft.inputs[1] = {.shape = shape, .low = 0, .high = 1};
                soft.reference = [=](const Arrays& in) {
                    return losses_of(in[0], nullptr, &in[1], weight ? &in[2] : nullptr, o);
                };
                soft.forward.scale = 3 * static_cast<double>(shape[1]);
                soft.gradient.scale = 8;
                cases.push_back(soft);
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("nll_loss: labels that are ignored may be anything; others are reported") {
        const Tensor logits = input({4, 3});
        const Tensor labels = input({4}, i32, "labels");
        const std::vector<float> x(12, 0.5F);
        // -100 is the default, as in PyTorch.
        const std::pair<const char*, Tensor> losses[] = {
            {"cross_entropy", cross_entropy(logits, labels)},
            {"nll_loss", cross_entropy(logits, labels, {.label_smoothing = 0.1F})},
            {"nll_loss", nll_loss(log_softmax(logits), labels)}};
        for (const auto& [name, loss] : losses) {
            CAPTURE(name);
            const Tensor d = gradients(loss, std::array{logits})[0];
            Program program = test_device().compile({.outputs = {loss, d}}, {.guard_bytes = true});
            const std::vector<std::int32_t> good{0, -100, 2, -100}, bad{0, -100, -1, 1};
            program.run({{logits, x}, {labels, good}});
            CHECK(program.read<float>(loss) == doctest::Approx(std::log(3.0)));
            const std::vector<float> d_x = program.read_all<float>(d);
            for (const int row : {0, 2})
                CHECK(d_x[static_cast<std::size_t>(3 * row + row)] < -0.2F);
            for (const int at : {3, 4, 5, 9, 10, 11})
                CHECK(d_x[static_cast<std::size_t>(at)] == 0);
            program.check_guards();
            program.run({{logits, x}, {labels, bad}});
            const std::string message = thrown_message([&] { program.wait(); });
            CHECK_MESSAGE(message.starts_with(std::string("data: ") + name), message);
            check_validation();
        }
        const Tensor all = cross_entropy(logits, labels, {.ignore_index = {}});
        Program program = test_device().compile({.outputs = {all}});
        program.run({{logits, x}, {labels, std::vector<std::int32_t>{0, -100, 2, 1}}});
        CHECK(thrown_message([&] { program.wait(); }).find("is -100, out of range") !=
              std::string::npos);
    }

    TEST_CASE("nll_loss: logits of 1e4 give no infinity") {
        const Tensor logits = input({2, 3});
        const Tensor labels = input({2}, i32);
        const Tensor loss =
            cross_entropy(logits, labels, {.label_smoothing = 0.1F, .reduction = Reduction::kNone});
        const Tensor d = gradients(sum(loss), std::array{logits})[0];
        const std::vector<float> x{1e4F, -1e4F, 0, -1e4F, 1e4F, 1e4F};
        const std::vector<std::int32_t> y{1, 0};
        const Feed feeds[] = {{logits, x}, {labels, y}};
        const auto results = compute({loss, d}, feeds);
        CHECK(results[0][0] == doctest::Approx(0.9 * 2e4 + 0.1 / 3 * 3e4));
        for (const float value : results[1])
            CHECK(std::isfinite(value));
    }

    TEST_CASE("nll_loss: errors name the sizes") {
        const Tensor x = input({4, 3}), y = input({4}, i32);
        CHECK(thrown_message([&] { nll_loss(x, input({5}, i32)); }) ==
              "invalid argument: nll_loss: takes f32[B, V, ...] and labels i32[B, ...], not f32[4, "
              "3] "
              "and i32[5]");
        CHECK(thrown_message([&] { cross_entropy(x, y, {.weight = input({4})}); }) ==
              "invalid argument: cross_entropy: the weights of 3 classes are f32[3], not f32[4]");
        CHECK(thrown_message([&] { cross_entropy(x, y, {.label_smoothing = 1.5F}); }) ==
              "invalid argument: cross_entropy: label_smoothing is 1.5, not in [0, 1]");
        CHECK(thrown_message([&] {
                  cross_entropy(x, input({4, 2}), {.label_smoothing = 0});
              }) == "invalid argument: cross_entropy: x is f32[4, 3], target f32[4, 2]");
        CHECK(thrown_message([&] { cross_entropy(x, x, {.ignore_index = 1}); }) ==
              "invalid argument: cross_entropy: ignore_index is 1, but probabilities have no label "
              "to ignore");
        CHECK(thrown_message([&] {
                  nll_loss(input({4, 3}, i32), y);
              }).find("nll_loss: takes f32") != std::string::npos);
        CHECK(thrown_message([&] { nll_loss(input({4}), y); }).find("not f32[4] and i32[4]") !=
              std::string::npos);
        CHECK(thrown_message([&] { nll_loss(x, x); }).find("and f32[4, 3]") != std::string::npos);
    }
}
