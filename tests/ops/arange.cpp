// SPDX-License-Identifier: MIT
// Numbers that stand for themselves, alone, broadcast and inside longer programs; triangles.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(arange);

namespace {

// A row without inputs of its own; one number is fed so that there is something to differentiate.
OpCase made(const std::string& name, std::function<Tensor()> build, const Array& expected,
            double units = 0) {
    return {.name = name,
            .inputs = {},
            .build = [=](const Tensors&) { return build(); },
            .reference = [=](const Arrays&) { return expected; },
            .forward = {.units = units}};
}

Array counted(std::int64_t count) {
    return make_array({count}, [](const Index& i) { return static_cast<double>(i[0]); });
}

OpCase triangle(Shape shape, std::int64_t diagonal, bool upper) {
    return {.name = std::string(upper ? "triu " : "tril ") + std::to_string(diagonal) + " of " +
                    to_string(shape),
            .inputs = {{.shape = shape}},
            .build =
                [=](const Tensors& in) {
                    return upper ? triu(in[0], diagonal) : tril(in[0], diagonal);
                },
            .reference =
                [=](const Arrays& in) {
                    return make_array(shape, [&](const Index& i) {
                        const std::int64_t at_diagonal = i[i.size() - 1] - i[i.size() - 2];
                        const bool kept = upper ? at_diagonal >= diagonal : at_diagonal <= diagonal;
                        return kept ? at(in[0], i) : 0.0;
                    });
                },
            .forward = {.units = 0}};
}

}  // namespace

TEST_SUITE("arange") {
    TEST_CASE("arange: counts") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {1, 2, 63, 64, 65, 1009, 4096, 100003}) {
            cases.push_back(made(
                "i32 " + std::to_string(n), [=] { return arange(n); }, counted(n)));
            cases.push_back(made(
                "f32 " + std::to_string(n), [=] { return arange(n, f32); }, counted(n)));
        }
        cases.push_back(made(
            "of a transpose",
            [] {
                return transpose(reshape(arange(12), {3, 4}));
            },
            permuted(with_shape(counted(12), {3, 4}), {1, 0})));
        run_op_cases(cases);
    }

    TEST_CASE("arange: as an operand") {
        run_op_cases({
            {.name = "added to each row, and at its own place",
             .inputs = {{.shape = {5, 7}}},
             .build =
                 [](const Tensors& in) {
                     const Tensor whole = reshape(arange(35, f32), {5, 7});
                     return (in[0] + arange(7, f32)) * whole + unsqueeze(arange(5, f32), 1);
                 },
             .reference =
                 [](const Arrays& in) {
                     return make_array({5, 7}, [&](const Index& i) {
                         const auto column = static_cast<double>(i[1]);
                         const auto row = static_cast<double>(i[0]);
                         return (at(in[0], i) + column) * (row * 7 + column) + row;
                     });
                 },
             .forward = {.units = 4, .scale = 200}},
            {.name = "summed with x, all in one reduction",
             .inputs = {{.shape = {3, 100}}},
             .build =
                 [](const Tensors& in) {
                     return sum(in[0] * reshape(arange(300, f32), {3, 100}), {.axes = {1}});
                 },
             .reference =
                 [](const Arrays& in) {
                     return make_array({3}, [&](const Index& i) {
                         double total = 0;
                         for (std::int64_t k = 0; k < 100; ++k)
                             total += at(in[0], {i[0], k}) * static_cast<double>(i[0] * 100 + k);
                         return total;
                     });
                 },
             .forward = {.units = 4, .length = 8, .scale = 3000},
             .gradient = {.units = 16, .scale = 300}},
        });
    }

    TEST_CASE("arange: linspace and eye") {
        run_op_cases({
            made(
                "one step", [] { return linspace(3, 7, 1); }, Array({1}, 3.0)),
            made(
                "three steps", [] { return linspace(-1, 1, 3); }, Array({3}, {-1, 0, 1})),
            made(
                "many steps", [] { return linspace(2, -3, 1001); },
                make_array({1001},
                           [](const Index& i) { return 2 - 5 * static_cast<double>(i[0]) / 1000; }),
                4),
            made(
                "eye", [] { return eye(5); },
                make_array({5, 5}, [](const Index& i) { return i[0] == i[1] ? 1.0 : 0.0; })),
            made(
                "wide eye", [] { return eye(3, 67); },
                make_array({3, 67}, [](const Index& i) { return i[0] == i[1] ? 1.0 : 0.0; })),
            made(
                "tall eye", [] { return eye(67, 1); },
                make_array({67, 1}, [](const Index& i) { return i[0] == i[1] ? 1.0 : 0.0; })),
        });
    }

    TEST_CASE("arange: triangles") {
        std::vector<OpCase> cases;
        for (const bool upper : {false, true}) {
            for (const std::int64_t diagonal : {-100, -7, -2, 0, 1, 4, 100}) {
                cases.push_back(triangle({5, 7}, diagonal, upper));
            }
            cases.push_back(triangle({1, 1}, 0, upper));
            cases.push_back(triangle({2, 3, 65, 67}, 0, upper));
            cases.push_back(triangle({3, 67, 4}, -1, upper));
        }
        run_op_cases(cases);
    }

    TEST_CASE("arange: errors name the numbers") {
        const auto contains = [](const std::string& message, const char* part) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
        };
        contains(thrown_message([] { arange(0); }), "invalid argument: arange: 0 elements");
        contains(thrown_message([] { arange(std::int64_t{1} << 31); }), "arange: 2147483648");
        contains(thrown_message([] { arange(3, u8); }), "arange: makes i32 or f32, not u8");
        contains(thrown_message([] { linspace(0, 1, 0); }), "linspace: 0 steps");
        contains(thrown_message([] { eye(0); }), "eye: 0 x 0");
        contains(thrown_message([] { eye(2, -1); }), "eye: 2 x -1 is no matrix");
        contains(thrown_message([] { tril(input({3})); }),
                 "tril: takes f32 [.., N, M], not f32[3]");
        contains(thrown_message([] { triu(input({3, 3}, i32)); }), "triu: ");
    }
}
