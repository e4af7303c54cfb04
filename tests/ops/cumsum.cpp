// SPDX-License-Identifier: MIT
// Running sums and products from either end, of rows shorter and longer than a split, along every
// axis.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <ingot/graph.h>

#include <array>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(cumsum);

namespace {

OpCase row(Shape shape, std::int64_t axis, CumsumOptions options = {}) {
    const std::size_t along = resolve_axis("reference", axis, shape);
    const auto size = static_cast<double>(shape[along]);
    return {.name = to_string(shape) + " along " + std::to_string(axis) +
                    (options.reverse ? ", reverse" : "") + (options.exclusive ? ", exclusive" : ""),
            .inputs = {{.shape = shape}},
            .build = [=](const Tensors& in) { return cumsum(in[0], axis, options); },
            .reference =
                [=](const Arrays& in) {
                    Array y(shape);
                    const std::int64_t n = shape[along];
                    const std::int64_t stride = contiguous_strides(shape)[along];
                    for (std::int64_t r = 0; r < shape.count() / n; ++r) {
                        const std::int64_t base = r / stride * stride * n + r % stride;
                        double total = 0;
                        for (std::int64_t k = 0; k < n; ++k) {
                            const std::int64_t at =
                                base + (options.reverse ? n - 1 - k : k) * stride;
                            if (options.exclusive) y[at] = total;
                            total += in[0][at];
                            if (!options.exclusive) y[at] = total;
                        }
                    }
                    return y;
                },
            // Magnitudes of 1/2, errors as far apart as steps of a random walk.
            .forward = {.length = 1 + std::sqrt(std::min(size, 512.0) + size / 512),
                        .scale = std::sqrt(size)},
            .gradient = {.units = 16,
                         .length = 1 + std::sqrt(std::min(size, 512.0) + size / 512),
                         .scale = std::sqrt(size)},
            .has_gradient = shape.count() < 20000,
            .integers = 1e4,
            .samples = 12};
}

// Values around 1, so that products stay so; `zeros` of each row are 0.
OpCase product_row(Shape shape, std::int64_t axis, CumprodOptions options = {}, int zeros = 0) {
    const std::size_t along = resolve_axis("reference", axis, shape);
    const std::int64_t n = shape[along], stride = contiguous_strides(shape)[along];
    const double spread = 0.8 / std::sqrt(static_cast<double>(n));
    OpInput x{.shape = shape, .low = 1 - spread, .high = 1 + spread};
    if (zeros > 0) {
        x.values = values_for(x, 5);
        for (std::int64_t i = 0; i < shape.count(); ++i) {
            const std::int64_t at = i / stride % n;
            if (at == n / 3 || (zeros > 1 && at == n / 2))
                x.values[static_cast<std::size_t>(i)] = 0;
        }
    }
    return {.name = "product " + to_string(shape) + " along " + std::to_string(axis) +
                    (options.reverse ? ", reverse" : "") +
                    (options.exclusive ? ", exclusive" : "") + ", zeros " + std::to_string(zeros),
            .inputs = {x},
            .build = [=](const Tensors& in) { return cumprod(in[0], axis, options); },
            .reference =
                [=](const Arrays& in) {
                    Array y(shape);
                    for (std::int64_t r = 0; r < shape.count() / n; ++r) {
                        const std::int64_t base = r / stride * stride * n + r % stride;
                        double total = 1;
                        for (std::int64_t k = 0; k < n; ++k) {
                            const std::int64_t at =
                                base + (options.reverse ? n - 1 - k : k) * stride;
                            if (options.exclusive) y[at] = total;
                            total *= in[0][at];
                            if (!options.exclusive) y[at] = total;
                        }
                    }
                    return y;
                },
            // Each product adds a rounding, at random; the gradient sums n of them.
            .forward = {.length = 1 + std::sqrt(static_cast<double>(n))},
            .gradient = {.units = 16,
                         .length = 1 + std::sqrt(static_cast<double>(n)),
                         .scale = 2 * std::sqrt(static_cast<double>(n))},
            .has_gradient = shape.count() < 20000,
            .integers = 1,
            .samples = 24};
}

}  // namespace

TEST_SUITE("cumsum") {
    TEST_CASE("cumsum: lengths") {
        std::vector<OpCase> cases;
        for (const std::int64_t n :
             {1, 2, 7, 15, 16, 17, 63, 65, 511, 512, 513, 1009, 1025, 5003}) {
            cases.push_back(row({n}, 0));
            cases.push_back(row({3, n}, 1));
            cases.push_back(row({n, 3}, 0));
        }
        cases.push_back(row({100003}, 0));
        cases.push_back(row({1 << 20}, 0, {.reverse = true, .exclusive = true}));
        run_op_cases(cases);
    }

    TEST_CASE("cumsum: rows, axes and options") {
        std::vector<OpCase> cases;
        for (const bool reverse : {false, true}) {
            for (const bool exclusive : {false, true}) {
                const CumsumOptions options{reverse, exclusive};
                cases.push_back(row({9}, 0, options));
                cases.push_back(row({2, 3, 4, 5}, 1, options));
                cases.push_back(row({257, 33}, -1, options));
                cases.push_back(row({65, 67}, 0, options));
                cases.push_back(row({2, 1025, 3}, 1, options));
                cases.push_back(row({3, 1300}, 1, options));
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("cumsum: products") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {1, 2, 7, 63, 65, 511, 513, 1025, 5003}) {
            cases.push_back(product_row({n}, 0));
            cases.push_back(product_row({3, n}, 1));
            cases.push_back(product_row({n, 3}, 0));
        }
        cases.push_back(product_row({100003}, 0));
        for (const bool reverse : {false, true}) {
            for (const bool exclusive : {false, true}) {
                for (const int zeros : {0, 1, 2}) {
                    const CumprodOptions options{reverse, exclusive};
                    cases.push_back(product_row({9}, 0, options, zeros));
                    cases.push_back(product_row({3, 10, 5}, 1, options, zeros));
                    cases.push_back(product_row({2, 1300}, -1, options, zeros));
                }
            }
        }
        OpCase whole = product_row({4, 40}, 1);
        whole.name = "of integers, wrapping";
        whole.inputs[0] = {.shape = {4, 40}, .dtype = i32, .low = 1, .high = 3};
        whole.reference = [](const Arrays& in) {
            Array y({4, 40});
            for (std::int64_t i = 0; i < 160; ++i) {
                const auto before =
                    i % 40 == 0 ? 1U
                                : static_cast<std::uint32_t>(static_cast<std::int64_t>(y[i - 1]));
                y[i] = static_cast<std::int32_t>(before * static_cast<std::uint32_t>(in[0][i]));
            }
            return y;
        };
        whole.forward = {.units = 0};
        whole.has_gradient = false;
        cases.push_back(whole);
        run_op_cases(cases);
    }

    TEST_CASE("cumsum: second derivatives of a product") {
        const Tensor x = input({4});
        const Tensor y = cumprod(x, 0);
        const Tensor d = gradients(sum(y), std::array{x})[0];
        const Tensor weights = input({4});
        const Tensor second = gradients(sum(d * weights), std::array{x})[0];
        // y = a + ab + abc + abcd: its Hessian by hand, times the weights.
        const std::vector<float> w{1, 2, 3, 4};
        const std::vector<float> v{2, 3, -1, 0.5F};
        const double a = v[0], b = v[1], c = v[2], e = v[3];
        const Feed feeds[] = {{x, v}, {weights, w}};
        const auto out = compute({d, second}, feeds);
        CHECK(out[0][0] == doctest::Approx(1 + b + b * c + b * c * e));
        CHECK(out[0][3] == doctest::Approx(a * b * c));
        const double ab = 1 + c + c * e, ac = b + b * e, ae = b * c, bc = a + a * e, be = a * c,
                     ce = a * b;
        CHECK(out[1][0] == doctest::Approx(2 * ab + 3 * ac + 4 * ae));
        CHECK(out[1][1] == doctest::Approx(1 * ab + 3 * bc + 4 * be));
        CHECK(out[1][2] == doctest::Approx(1 * ac + 2 * bc + 4 * ce));
        CHECK(out[1][3] == doctest::Approx(1 * ae + 2 * be + 3 * ce));
    }

    TEST_CASE("cumsum: errors name the sizes") {
        CHECK(thrown_message([] {
                  cumprod(input({4, 6}), -3);
              }).find("cumprod: ") != std::string::npos);
        CHECK(thrown_message([] {
                  cumsum(input({4, 6}), 2);
              }).find("cumsum: ") != std::string::npos);
        CHECK(thrown_message([] { cumsum(input({}), 0); }).find("cumsum: ") != std::string::npos);
    }
}
