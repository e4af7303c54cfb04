// SPDX-License-Identifier: MIT
// Cross-entropy, mean squared error and accuracy; labels out of range are reported and never used.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(cross_entropy);

namespace {

Array reduced(const Array& losses, Reduction reduction) {
    if (reduction == Reduction::kNone) return losses;
    Array total;
    for (const double loss : losses.values)
        total[0] += loss;
    if (reduction == Reduction::kMean) total[0] /= static_cast<double>(losses.count());
    return total;
}

Array cross_entropy_of(const Array& logits, const Array& labels, Reduction reduction) {
    const std::int64_t classes = logits.shape[1];
    Array losses(labels.shape);
    for (std::int64_t row = 0; row < labels.count(); ++row) {
        double largest = logits[row * classes];
        for (std::int64_t k = 1; k < classes; ++k) {
            largest = std::max(largest, logits[row * classes + k]);
        }
        double total = 0;
        for (std::int64_t k = 0; k < classes; ++k) {
            total += std::exp(logits[row * classes + k] - largest);
        }
        const auto label = static_cast<std::int64_t>(labels[row]);
        losses[row] = std::log(total) - (logits[row * classes + label] - largest);
    }
    return reduced(losses, reduction);
}

OpCase entropy_row(std::int64_t rows, std::int64_t classes, Reduction reduction, double reach = 3) {
    const char* names[] = {"mean", "sum", "none"};
    return {
        .name = "cross_entropy " + std::to_string(rows) + " x " + std::to_string(classes) + ", " +
                names[static_cast<int>(reduction)] + ", up to " + std::to_string(reach),
        .inputs =
            {{.shape = {rows, classes}, .low = -reach, .high = reach},
             {.shape = {rows}, .dtype = i32, .low = 0, .high = static_cast<double>(classes - 1)}},
        .build = [=](const Tensors& in) { return cross_entropy(in[0], in[1], reduction); },
        .reference = [=](const Arrays& in) { return cross_entropy_of(in[0], in[1], reduction); },
        .forward = {.units = 4, .length = 2 + std::log2(classes), .scale = reach},
        .gradient = {.units = 16, .length = 2 + std::log2(classes)},
        .samples = 10};
}

OpCase mse_row(Shape shape, Reduction reduction) {
    const auto count = static_cast<double>(shape.count());
    return {.name = "mse_loss " + to_string(shape),
            .inputs = {{.shape = shape}, {.shape = shape}},
            .build = [=](const Tensors& in) { return mse_loss(in[0], in[1], reduction); },
            .reference =
                [=](const Arrays& in) {
                    return reduced(
                        map(in[0], in[1], [](double a, double b) { return (a - b) * (a - b); }),
                        reduction);
                },
            .forward = {.units = 4,
                        .length = 1 + std::log2(count),
                        .scale = reduction == Reduction::kSum ? std::sqrt(count) : 1},
            .samples = 10};
}

}  // namespace

TEST_SUITE("cross_entropy") {
    TEST_CASE("cross_entropy: sizes and reductions") {
        std::vector<OpCase> cases;
        for (const Reduction reduction : {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
            for (const std::int64_t rows : {1, 7, 63, 65, 257}) {
                cases.push_back(entropy_row(rows, 10, reduction));
            }
            for (const std::int64_t classes : {1, 2, 63, 64, 65, 257, 5003}) {
                cases.push_back(entropy_row(3, classes, reduction));
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("cross_entropy: large logits") {
        OpCase row = entropy_row(4, 10, Reduction::kMean, 1e4);
        for (std::int64_t i = 0; i < 40; ++i) {
            row.inputs[0].values.push_back(static_cast<double>(i * 7919 % 20001 - 10000));
        }
        row.gradient.absolute = 1e-5;  // of central differences at values of 1e4
        row.step = 1e-9;
        run_op_cases({row});
    }

    TEST_CASE("cross_entropy: of computed logits, weighted by a computed number") {
        OpCase row = entropy_row(5, 7, Reduction::kMean);
        row.inputs.push_back({.shape = {7}});
        row.build = [](const Tensors& in) {
            return square(cross_entropy(in[0] * in[2], in[1]) * 0.5F);
        };
        row.reference = [](const Arrays& in) {
            const auto product = map(in[0], in[2], [](double a, double b) { return a * b; });
            return map(cross_entropy_of(product, in[1], Reduction::kMean),
                       [](double v) { return v * v / 4; });
        };
        run_op_cases({row});
    }

    TEST_CASE("cross_entropy: a mean's gradient costs one dispatch more, ignored labels two") {
        const Tensor logits = input({64, 10});
        const Tensor labels = input({64}, i32);
        const auto dispatches = [](const Tensors& outputs) {
            return test_device().compile({.outputs = outputs}).stats().dispatches;
        };
        for (const bool ignores : {false, true}) {
            const std::size_t more = ignores ? 1 : 0;  // how many labels count; one over that
            CrossEntropyOptions options;
            if (!ignores) options.ignore_index.reset();
            const Tensor loss = cross_entropy(logits, labels, options);
            CHECK(dispatches({loss}) == 2 + more);
            const Tensor d = gradients(loss, std::array{logits})[0];
            CHECK(dispatches({d}) == 1 + 2 * more);
            CHECK(dispatches({loss, d}) == 3 + 2 * more);
        }
    }

    TEST_CASE("cross_entropy: a label out of range stops the step and is named") {
        const Tensor logits = input({5, 3});
        const Tensor labels = input({5}, i32, "labels");
        const std::vector<float> x(15, 0.5F);
        for (const std::int32_t bad : {3, -1, 2'000'000'000}) {
            const Parameter runs{HostTensor::zeros("runs", {1})};
            Graph graph;
            const Tensor loss = cross_entropy(logits, labels);
            graph.output(loss).update(runs, runs + 1.0F);
            Program program = test_device().compile(graph, {.guard_bytes = true});
            const std::vector<std::int32_t> good{0, 1, 2, 0, 1};
            program.run({{logits, x}, {labels, good}});
            CHECK(program.read<float>(loss) == doctest::Approx(std::log(3.0)));
            const std::vector<std::int32_t> wrong{0, 1, bad, 0, bad};
            program.run({{logits, x}, {labels, wrong}});
            const std::string message = thrown_message([&] { program.wait(); });
            CHECK_MESSAGE(message.starts_with("data: "), message);
            CHECK_MESSAGE(message.find("cross_entropy") != std::string::npos, message);
            CHECK_MESSAGE(message.find("2") != std::string::npos, message);  // the first bad row
            CHECK(runs.read().values<float>()[0] == 1);
            check_validation();
        }
    }

    TEST_CASE("cross_entropy: mean squared error") {
        std::vector<OpCase> cases;
        for (const Reduction reduction : {Reduction::kMean, Reduction::kSum, Reduction::kNone}) {
            for (const Shape& shape : {Shape{}, Shape{7}, Shape{64, 65}, Shape{3, 4, 5}}) {
                cases.push_back(mse_row(shape, reduction));
            }
        }
        run_op_cases(cases);
        const Tensor x = input({64, 10});
        CHECK(
            test_device().compile({.outputs = {mse_loss(x, input({64, 10}))}}).stats().dispatches ==
            1);
    }

    TEST_CASE("cross_entropy: accuracy") {
        const auto row = [](std::int64_t rows, std::int64_t classes) {
            return OpCase{.name = "accuracy of " + std::to_string(rows),
                          .inputs = {{.shape = {rows, classes}},
                                     {.shape = {rows},
                                      .dtype = i32,
                                      .low = 0,
                                      .high = static_cast<double>(classes - 1)}},
                          .build = [](const Tensors& in) { return accuracy(in[0], in[1]); },
                          .reference =
                              [=](const Arrays& in) {
                                  double right = 0;
                                  for (std::int64_t r = 0; r < rows; ++r) {
                                      std::int64_t best = 0;
                                      for (std::int64_t k = 1; k < classes; ++k) {
                                          const double* x =
                                              &in[0].values[static_cast<std::size_t>(r * classes)];
                                          if (x[k] > x[best]) best = k;
                                      }
                                      right += in[1][r] == static_cast<double>(best) ? 1 : 0;
                                  }
                                  return Array({}, right / static_cast<double>(rows));
                              },
                          .has_gradient = false};
        };
        run_op_cases({row(1, 3), row(64, 3), row(257, 2), row(31, 10)});
    }

    TEST_CASE("cross_entropy: errors name the sizes") {
        CHECK(thrown_message([] {
                  cross_entropy(input({4, 3}), input({5}, i32));
              }) ==
              "invalid argument: cross_entropy: takes f32[B, V, ...] and labels i32[B, ...], not "
              "f32[4, 3] and i32[5]");
        CHECK(thrown_message([] {
                  accuracy(input({4, 3}), input({4}));
              }).find("accuracy: ") != std::string::npos);
        CHECK(thrown_message([] {
                  mse_loss(input({4, 3}), input({3}));
              }) == "invalid argument: mse_loss: x is f32[4, 3], target f32[3]");
    }
}
