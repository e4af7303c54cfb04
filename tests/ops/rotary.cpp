// SPDX-License-Identifier: MIT
// Rotary embedding: both orders of the pairs, parts of a row, large positions, views.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(rotary);

namespace {

Array rotated(const Array& x, const RotaryOptions& options) {
    const std::int64_t dims = options.dims.value_or(x.shape[3]);
    return make_array(x.shape, [&](Index i) {
        const std::int64_t e = i[3];
        if (e >= dims) return at(x, i);
        const std::int64_t pair = options.interleaved ? e / 2 : e % (dims / 2);
        const bool second = options.interleaved ? e % 2 == 1 : e >= dims / 2;
        const double angle =
            static_cast<double>(options.offset + i[2]) *
            std::pow(options.base, -2.0 * static_cast<double>(pair) / static_cast<double>(dims));
        i[3] = options.interleaved ? 2 * pair : pair;
        const double a = at(x, i);
        i[3] = options.interleaved ? 2 * pair + 1 : dims / 2 + pair;
        const double b = at(x, i);
        return second ? b * std::cos(angle) + a * std::sin(angle)
                      : a * std::cos(angle) - b * std::sin(angle);
    });
}

OpCase row(const Shape& shape, const RotaryOptions& options) {
    return {.name = to_string(shape) + " from " + std::to_string(options.offset) +
                    (options.interleaved ? ", interleaved" : "") +
                    (options.dims ? ", " + std::to_string(*options.dims) + " turned" : ""),
            .inputs = {{.shape = shape}},
            .build = [=](const Tensors& in) { return rotary_embedding(in[0], options); },
            .reference = [=](const Arrays& in) { return rotated(in[0], options); },
            .samples = 12};
}

}  // namespace

TEST_SUITE("rotary") {
    TEST_CASE("rotary: sizes, orders and parts of a row") {
        std::vector<OpCase> cases;
        for (const bool interleaved : {false, true}) {
            for (const std::int64_t e : {2, 4, 6, 62, 64, 66, 128, 254, 1024}) {
                cases.push_back(row({1, 2, 5, e}, {.interleaved = interleaved}));
            }
            cases.push_back(row({2, 5, 33, 16}, {.interleaved = interleaved}));
            cases.push_back(row({3, 7, 1, 10}, {.offset = 17, .interleaved = interleaved}));
            cases.push_back(row({1, 1, 7, 9}, {.interleaved = interleaved, .dims = 4}));
            cases.push_back(row({1, 3, 7, 16}, {.interleaved = interleaved, .dims = 2}));
            cases.push_back(row({1, 3, 7, 16}, {.base = 1.5, .interleaved = interleaved}));
        }
        run_op_cases(cases);
    }

    TEST_CASE("rotary: accurate at large positions") {
        std::vector<OpCase> cases;
        for (const std::int64_t offset : {1000, 99991, 10000019, 2147483640}) {
            cases.push_back(row({1, 1, 7, 64}, {.offset = offset}));
            cases.push_back(row({1, 1, 3, 30}, {.base = 500000, .offset = offset}));
        }
        run_op_cases(cases);
    }

    TEST_CASE("rotary: follows heads that lie inside, and lies so itself") {
        OpCase inside = row({2, 3, 5, 8}, {});
        inside.inputs[0].shape = {2, 5, 3, 8};
        inside.build = [](const Tensors& in) {
            return transpose(rotary_embedding(transpose(in[0], 1, 2)), 1, 2);
        };
        inside.reference = [](const Arrays& in) {
            return permuted(rotated(permuted(in[0], {0, 2, 1, 3}), {}), {0, 2, 1, 3});
        };
        run_op_cases({inside});
        const Tensor x = input({2, 5, 3, 8});
        const Tensor y = reshape(transpose(rotary_embedding(transpose(x, 1, 2)), 1, 2), {2, 5, 24});
        CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
    }

    TEST_CASE("rotary: errors") {
        const auto message = [](const Shape& shape, const RotaryOptions& options) {
            return thrown_message([&] { rotary_embedding(input(shape), options); });
        };
        const Shape x{1, 2, 3, 8};
        CHECK(message({2, 3, 8}, {}) ==
              "invalid argument: rotary_embedding: takes f32[B, H, L, E], none of them 0, not "
              "f32[2, 3, 8]");
        for (const std::int64_t dims : {0, 3, 10, -2}) {
            CHECK(message(x, {.dims = dims}).find("an even number of 2 to 1024") !=
                  std::string::npos);
        }
        CHECK(message({1, 1, 1, 7}, {}).find("rotates 7 of the 7") != std::string::npos);
        CHECK(message(x, {.base = 1}).find("base is 1, not") != std::string::npos);
        CHECK(message(x, {.base = std::numeric_limits<double>::quiet_NaN()}).find("base is nan") !=
              std::string::npos);
        CHECK(message(x, {.offset = -1}).find("3 rows from position -1 on") != std::string::npos);
        CHECK(message(x, {.offset = std::int64_t{1} << 31}).find("3 rows from") !=
              std::string::npos);
    }
}
