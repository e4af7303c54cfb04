// SPDX-License-Identifier: MIT
// softmax and log_softmax along every axis, sizes around the lanes of a row, values of 1e4.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(softmax);

namespace {

Array softmax_of(const Array& x, std::size_t axis, bool is_log) {
    const std::int64_t cols = x.shape[axis];
    const std::int64_t stride = contiguous_strides(x.shape)[axis];
    Array y(x.shape);
    for (std::int64_t row = 0; row < x.count() / cols; ++row) {
        const std::int64_t base = row / stride * stride * cols + row % stride;
        double largest = x[base];
        for (std::int64_t k = 1; k < cols; ++k)
            largest = std::max(largest, x[base + k * stride]);
        double total = 0;
        for (std::int64_t k = 0; k < cols; ++k)
            total += std::exp(x[base + k * stride] - largest);
        for (std::int64_t k = 0; k < cols; ++k) {
            const double shifted = x[base + k * stride] - largest;
            y[base + k * stride] = is_log ? shifted - std::log(total) : std::exp(shifted) / total;
        }
    }
    return y;
}

OpCase row(Shape shape, std::int64_t axis, bool is_log, double reach = 3) {
    const std::size_t resolved = resolve_axis("row", axis, shape);
    const auto cols = static_cast<double>(shape[resolved]);
    return {.name = std::string(is_log ? "log_softmax " : "softmax ") + to_string(shape) +
                    " along " + std::to_string(axis) + ", values up to " + std::to_string(reach),
            .inputs = {{.shape = shape, .low = -reach, .high = reach}},
            .build =
                [=](const Tensors& in) {
                    return is_log ? log_softmax(in[0], axis) : softmax(in[0], axis);
                },
            .reference = [=](const Arrays& in) { return softmax_of(in[0], resolved, is_log); },
            // exp gives 3 + 2 |x - max| units, of a y that is then below 1; the sum adds its depth.
            .forward = {.units = 8, .length = 1 + std::log2(cols), .scale = is_log ? 1.0 : 0.3},
            .gradient = {.units = 16, .length = 1 + std::log2(cols)},
            .samples = 10};
}

}  // namespace

TEST_SUITE("softmax") {
    TEST_CASE("softmax: axes and sizes") {
        std::vector<OpCase> cases;
        for (const bool is_log : {false, true}) {
            for (const std::int64_t cols : {1, 2, 10, 31, 63, 64, 65, 127, 257, 1009, 4099}) {
                cases.push_back(row({3, cols}, -1, is_log));
            }
            for (const std::int64_t rows : {1, 7, 63, 64, 65, 257}) {
                cases.push_back(row({rows, 10}, 1, is_log));
                cases.push_back(row({10, rows}, 0, is_log));
            }
            for (const std::int64_t axis : {0, 1, 2, 3}) {
                cases.push_back(row({2, 3, 4, 5}, axis, is_log));
            }
            cases.push_back(row({5}, 0, is_log));
            cases.push_back(row({3, 129, 67}, 1, is_log));
        }
        run_op_cases(cases);
    }

    TEST_CASE("softmax: large values stay finite") {
        std::vector<OpCase> cases;
        for (const std::int64_t cols : {2, 10, 300}) {
            OpCase plain = row({4, cols}, -1, false, 1e4);
            // The inputs are whole numbers, so that x - max is exact in f32 as in the reference.
            for (std::int64_t i = 0; i < 4 * cols; ++i) {
                plain.inputs[0].values.push_back(static_cast<double>(i * 7919 % 20001 - 10000));
            }
            OpCase logarithm = row({4, cols}, -1, true, 1e4);
            logarithm.inputs[0].values = plain.inputs[0].values;
            logarithm.forward.scale = 1e4;
            for (OpCase* c : {&plain, &logarithm}) {
                c->gradient.absolute = 1e-5;  // of central differences at values of 1e4
                c->step = 1e-9;
                cases.push_back(*c);
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("softmax: long rows") {
        std::vector<OpCase> cases;
        for (const bool is_log : {false, true}) {
            cases.push_back(row({1, 100000}, -1, is_log, 1e4));
            cases.push_back(row({33, 70001}, -1, is_log));  // longer than a lane may loop
            cases.push_back(row({70001, 3}, 0, is_log));
            cases.push_back(row({2, (1 << 20) + 1}, -1, is_log));  // in stages
        }
        for (OpCase& c : cases) {
            c.samples = 2;
            if (c.inputs[0].low == -1e4) {  // whole numbers, as above
                for (std::int64_t i = 0; i < 100000; ++i) {
                    c.inputs[0].values.push_back(static_cast<double>(i * 7919 % 20001 - 10000));
                }
                c.gradient.absolute = 1e-5;
                c.step = 1e-9;
                c.forward.scale = 1e4;
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("softmax: forward and backward are one dispatch each") {
        const Tensor x = input({64, 10});
        const Tensor d = input({64, 10});
        for (const std::int64_t axis : {0, 1}) {
            const Tensor y = softmax(x, axis);
            CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
            // softmax, the product with d and its sum, whose gradient is d: backward is one more.
            const Tensor d_x = gradients(sum(y * d), std::array{x})[0];
            CHECK(test_device().compile({.outputs = {d_x}}).stats().dispatches == 2);
        }
    }

    TEST_CASE("softmax: errors") {
        CHECK(thrown_message([] {
                  softmax(input({2, 3}), 2);
              }).find("softmax: ") != std::string::npos);
        CHECK(thrown_message([] {
                  log_softmax(input({2, 3}, i32));
              }) == "invalid argument: log_softmax: takes f32, not i32[2, 3]");
    }
}
