// SPDX-License-Identifier: MIT
// Running sums from either end, of rows shorter and longer than a split, along every axis.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(cumsum);

namespace {

OpCase row(Shape shape, std::int64_t axis, CumsumOptions options = {}, DType dtype = f32) {
    const std::size_t along = resolve_axis("reference", axis, shape);
    const auto size = static_cast<double>(shape[along]);
    OpInput x{.shape = shape, .dtype = dtype};
    if (dtype == i32) x.low = -1e4, x.high = 1e4;
    return {.name = to_string(shape) + " along " + std::to_string(axis) +
                    (options.reverse ? ", reverse" : "") + (options.exclusive ? ", exclusive" : ""),
            .inputs = {x},
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
            .forward = {.units = dtype == i32 ? 0.0 : 4.0,
                        .length = 1 + std::sqrt(std::min(size, 512.0) + size / 512),
                        .scale = std::sqrt(size)},
            .gradient = {.units = 16,
                         .length = 1 + std::sqrt(std::min(size, 512.0) + size / 512),
                         .scale = std::sqrt(size)},
            .has_gradient = dtype == f32 && shape.count() < 20000,
            .samples = 12};
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
                cases.push_back(row({3, 1300}, 1, options, i32));
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("cumsum: errors name the sizes") {
        CHECK(thrown_message([] { cumsum(input({4}, u8), 0); }) ==
              "invalid argument: cumsum: takes f32 or i32, not u8[4]");
        CHECK(thrown_message([] {
                  cumsum(input({4, 6}), 2);
              }).find("cumsum: ") != std::string::npos);
        CHECK(thrown_message([] { cumsum(input({}), 0); }).find("cumsum: ") != std::string::npos);
    }
}
