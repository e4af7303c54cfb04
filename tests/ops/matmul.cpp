// SPDX-License-Identifier: MIT
// Matrix products in all transpositions, batches and broadcast batches, sizes around the tiles,
// bias and activation in the epilogue.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(matmul);

namespace {

// a [..., M, K] x b [..., K, N], leading axes broadcast.
Array product(const Array& a, const Array& b) {
    const std::size_t ra = a.shape.rank();
    const std::size_t rb = b.shape.rank();
    const std::int64_t depth = a.shape[ra - 1];
    const Shape batch = broadcast("reference", a.shape.without(ra - 1).without(ra - 2),
                                  b.shape.without(rb - 1).without(rb - 2));
    Shape shape = batch.inserted(batch.rank(), a.shape[ra - 2]);
    shape = shape.inserted(shape.rank(), b.shape[rb - 1]);
    return make_array(shape, [&](const Index& i) {
        Index in_a = i;
        Index in_b = i;
        double sum = 0;
        for (std::int64_t k = 0; k < depth; ++k) {
            in_a[i.size() - 1] = in_b[i.size() - 2] = k;
            sum += at(a, in_a) * at(b, in_b);
        }
        return sum;
    });
}

Array turned(const Array& a) {
    return permuted(a, {1, 0});
}

Tolerance tolerance(std::int64_t depth) {
    // Terms below 1 / 3 on average; roundings add like a walk along the reduction.
    const double length = std::sqrt(static_cast<double>(depth));
    return {.units = 4, .length = length, .scale = length};
}

OpCase row(const Shape& a, const Shape& b) {
    const std::int64_t m = a[a.rank() - 2], k = a[a.rank() - 1], n = b[b.rank() - 1];
    const std::int64_t outputs = broadcast("row", a.without(a.rank() - 1).without(a.rank() - 2),
                                           b.without(b.rank() - 1).without(b.rank() - 2))
                                     .count();
    return {.name = to_string(a) + " x " + to_string(b),
            .inputs = {{.shape = a}, {.shape = b}},
            .build = [](const Tensors& in) { return matmul(in[0], in[1]); },
            .reference = [](const Arrays& in) { return product(in[0], in[1]); },
            .forward = tolerance(k),
            .gradient = tolerance(std::max(m, n) * outputs),
            .samples = m * n * k > 20000 ? 2u : 8u};
}

OpCase turned_row(std::int64_t m, std::int64_t n, std::int64_t k, bool turn_a, bool turn_b) {
    OpCase result = row({m, k}, {k, n});
    result.name +=
        std::string(turn_a ? ", first" : "") + (turn_b ? ", second" : "") + " transposed";
    if (turn_a) result.inputs[0].shape = {k, m};
    if (turn_b) result.inputs[1].shape = {n, k};
    result.build = [=](const Tensors& in) {
        return matmul(turn_a ? transpose(in[0]) : in[0], turn_b ? transpose(in[1]) : in[1]);
    };
    result.reference = [=](const Arrays& in) {
        return product(turn_a ? turned(in[0]) : in[0], turn_b ? turned(in[1]) : in[1]);
    };
    return result;
}

}  // namespace

TEST_SUITE("matmul") {
    TEST_CASE("matmul: sizes around the tiles") {
        std::vector<OpCase> cases{row({1, 1}, {1, 1}), row({1, 7}, {7, 1}), row({64, 1}, {1, 64})};
        for (const std::int64_t n : {3, 7, 8, 9, 31, 32, 33, 63, 65}) {
            cases.push_back(row({n, 16}, {16, 17}));
            cases.push_back(row({17, n}, {n, 16}));
            cases.push_back(row({16, 17}, {17, n}));
        }
        cases.push_back(row({64, 64}, {64, 64}));
        cases.push_back(row({129, 67}, {67, 131}));
        cases.push_back(row({5, 1009}, {1009, 3}));
        run_op_cases(cases);
    }

    TEST_CASE("matmul: transpositions") {
        std::vector<OpCase> cases;
        for (const bool turn_a : {false, true}) {
            for (const bool turn_b : {false, true}) {
                cases.push_back(turned_row(5, 7, 3, turn_a, turn_b));
                cases.push_back(turned_row(64, 10, 33, turn_a, turn_b));
                cases.push_back(turned_row(33, 65, 17, turn_a, turn_b));
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("matmul: batches") {
        run_op_cases({
            row({3, 5, 4}, {3, 4, 7}),
            row({3, 5, 4}, {4, 7}),
            row({5, 4}, {3, 4, 7}),
            row({2, 1, 5, 4}, {3, 4, 2}),
            row({2, 3, 17, 9}, {2, 3, 9, 33}),
        });
    }

    TEST_CASE("matmul: linear with bias and relu is one dispatch") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {1, 10, 65}) {
            cases.push_back(
                {.name = "linear to " + std::to_string(n),
                 .inputs = {{.shape = {33, 17}}, {.shape = {n, 17}}, {.shape = {n}}},
                 .build = [](const Tensors& in) { return tanh(linear(in[0], in[1], in[2])); },
                 .reference =
                     [](const Arrays& in) {
                         return map(product(in[0], turned(in[1])), in[2],
                                    [](double y, double b) { return std::tanh(y + b); });
                     },
                 .forward = tolerance(17),
                 .gradient = tolerance(33),
                 .samples = 8});
        }
        run_op_cases(cases);
        const Tensor x = input({64, 784});
        const Tensor y = relu(linear(x, input({128, 784}), input({128})));
        CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
    }

    TEST_CASE("matmul: errors name the sizes") {
        CHECK(thrown_message([] {
                  matmul(input({64, 784}), input({10, 128}));
              }).find("matmul: inner sizes differ") != std::string::npos);
        CHECK(thrown_message([] {
                  matmul(input({64}), input({64, 3}));
              }).find("matmul: ") != std::string::npos);
        CHECK(thrown_message([] {
                  linear(input({4, 3}), input({5, 4}));
              }).find("linear: ") != std::string::npos);
    }
}
