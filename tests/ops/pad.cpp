// SPDX-License-Identifier: MIT
// Padding in every mode, on one and on several axes, with crops, of views and of integers.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(pad);

namespace {

// Where element `i` of the padded axis comes from; -1: from nowhere.
std::int64_t source_of(std::int64_t i, std::int64_t size, PadMode mode) {
    if (i >= 0 && i < size) return i;
    switch (mode) {
        case PadMode::kConstant: return -1;
        case PadMode::kReflect: return i < 0 ? -i : 2 * (size - 1) - i;
        case PadMode::kReplicate: return i < 0 ? 0 : size - 1;
        case PadMode::kCircular: return (i + size) % size;
    }
    return -1;
}

Array padded(const Array& x, const PadOptions& options) {
    Shape shape = x.shape;
    std::vector<std::int64_t> before(shape.rank());
    for (const AxisPadding& p : options.axes) {
        const std::size_t axis = resolve_axis("reference", p.axis, x.shape);
        shape = shape.with(axis, shape[axis] + p.before + p.after);
        before[axis] = p.before;
    }
    return make_array(shape, [&](Index i) {
        for (std::size_t axis = 0; axis < i.size(); ++axis) {
            i[axis] = source_of(i[axis] - before[axis], x.shape[axis], options.mode);
            if (i[axis] < 0) return static_cast<double>(options.value);
        }
        return at(x, i);
    });
}

OpCase row(Shape shape, PadOptions options, DType dtype = f32) {
    const char* modes[] = {"constant", "reflect", "replicate", "circular"};
    std::string name = to_string(shape) + " " + modes[static_cast<int>(options.mode)];
    for (const AxisPadding& p : options.axes) {
        name += ", axis " + std::to_string(p.axis) + " by " + std::to_string(p.before) + " and " +
                std::to_string(p.after);
    }
    OpInput x{.shape = shape, .dtype = dtype};
    if (dtype == i32) x.low = -1e9, x.high = 1e9;
    if (dtype == u8) x.low = 0, x.high = 255;
    return {.name = name,
            .inputs = {x},
            .build = [=](const Tensors& in) { return pad(in[0], options); },
            .reference = [=](const Arrays& in) { return padded(in[0], options); },
            .forward = {.units = 0},
            .gradient = {.units = 16, .length = 4},
            .integers = options.value == 0 || options.value == 1 ? 1e9 : 0};
}

}  // namespace

TEST_SUITE("pad") {
    TEST_CASE("pad: with a constant") {
        run_op_cases({
            row({1}, {.axes = {{0, 0, 1}}}),
            row({1}, {.axes = {{0, 3, 0}}, .value = -2.5F}),
            row({63}, {.axes = {{0, 1, 1}}}),
            row({3, 65}, {.axes = {{-1, 64, 63}}, .value = 1}),
            row({7, 5}, {.axes = {{0, 2, 1}}}),
            row({2, 3, 8, 9}, {.axes = {{-1, 1, 2}, {-2, 3, 0}}, .value = 0.5F}),
            row({2, 3, 4, 5, 3}, {.axes = {{4, 1, 0}, {2, 0, 1}, {0, 1, 1}}}),
            row({3, 2, 2, 2, 2, 2, 2, 5}, {.axes = {{-1, 1, 1}, {0, 1, 0}}}),
            row({257, 3}, {.axes = {{0, 100, 100}, {1, 1, 1}}}),
            row({5, 4}, {.axes = {{0, 1, 1}}, .value = -7}, i32),
            row({5, 4}, {.axes = {{0, 1, 1}}, .value = 255}, u8),
        });
    }

    TEST_CASE("pad: negative padding takes away") {
        run_op_cases({
            row({9}, {.axes = {{0, -2, -3}}}),
            row({9, 4}, {.axes = {{0, -2, 3}, {1, 1, -1}}, .value = 2}),
            row({6, 7}, {.axes = {{1, -6, 0}, {0, 0, 0}}}),
            row({9}, {.axes = {{0, 3, -2}}, .mode = PadMode::kReflect}),
            row({9, 5}, {.axes = {{0, -2, 2}, {1, -1, -1}}, .mode = PadMode::kCircular}),
        });
    }

    TEST_CASE("pad: the axis continued") {
        std::vector<OpCase> cases;
        for (const PadMode mode : {PadMode::kReflect, PadMode::kReplicate, PadMode::kCircular}) {
            cases.push_back(row({4}, {.axes = {{0, 3, 3}}, .mode = mode}));
            cases.push_back(row({4}, {.axes = {{0, 0, 2}}, .mode = mode}));
            cases.push_back(row({3, 67}, {.axes = {{1, 65, 2}}, .mode = mode}));
            cases.push_back(row({67, 3}, {.axes = {{0, 1, 66}}, .mode = mode}));
            cases.push_back(row({2, 3, 5, 6}, {.axes = {{-1, 2, 1}, {-2, 4, 3}}, .mode = mode}));
            cases.push_back(
                row({1, 2, 3, 4, 5}, {.axes = {{-1, 1, 2}, {-2, 2, 1}, {2, 2, 2}}, .mode = mode}));
        }
        cases.push_back(row({1, 3}, {.axes = {{0, 5, 4}}, .mode = PadMode::kReplicate}));
        cases.push_back(row({3}, {.axes = {{0, 3, 3}}, .mode = PadMode::kCircular}));
        run_op_cases(cases);
    }

    TEST_CASE("pad: of views and of computed values") {
        const PadOptions options{.axes = {{0, 1, 2}, {1, 2, 0}}, .value = 3};
        OpCase view = row({5, 8}, options);
        view.name = "of a slice of a flipped transpose";
        view.build = [=](const Tensors& in) {
            return square(pad(slice(flip(transpose(in[0]), {0}), {.begin = 3}), options));
        };
        view.reference = [=](const Arrays& in) {
            const Array part = make_array({5, 5}, [&](const Index& i) {
                return at(in[0], {i[1], 7 - 3 - i[0]});
            });
            return map(padded(part, options), [](double v) { return v * v; });
        };
        view.forward = {.units = 4};
        run_op_cases({view});
    }

    TEST_CASE("pad: costs one dispatch, and so does its gradient's, and a slice's") {
        const Tensor x = input({4, 6, 6});
        const Tensor y = pad(x, {.axes = {{-1, 1, 1}, {-2, 1, 1}}});
        CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
        const Tensor part = slice(slice(x, {.axis = 1, .begin = 1}), {.axis = 2, .step = 2});
        const Tensor d = gradients(sum(part * input(part.shape())), std::array{x})[0];
        CHECK(test_device().compile({.outputs = {d}}).stats().dispatches <= 2);
    }

    TEST_CASE("pad: errors name the sizes") {
        const Tensor x = input({4, 6});
        const auto message = [&](const PadOptions& options) {
            return thrown_message([&] { pad(x, options); });
        };
        CHECK(message({.axes = {{1, 6, 0}}, .mode = PadMode::kReflect}) ==
              "invalid argument: pad: 6 before and 0 after are too much for axis 1 of [4, 6] in "
              "mode reflect");
        CHECK(message({.axes = {{0, 0, 5}}, .mode = PadMode::kCircular}).find("mode circular") !=
              std::string::npos);
        CHECK(message({.axes = {{0, -2, -2}}}).find("pad: -2 before and -2 after") !=
              std::string::npos);
        CHECK(message({.axes = {{0, 1, 0}, {-2, 1, 0}}}).find("axis -2 of [4, 6] is named twice") !=
              std::string::npos);
        CHECK(message({.axes = {{2, 1, 0}}}).find("pad: ") != std::string::npos);
        CHECK(thrown_message([&] {
                  pad(input({3}, i32), {.axes = {{0, 1, 1}}, .value = 0.5F});
              }).find("i32[3] cannot be padded with 0.5") != std::string::npos);
        for (const float value : {-1.0F, 256.0F, 0.5F, NAN}) {
            const PadOptions options{.axes = {{0, 1, 1}}, .value = value};
            CHECK(thrown_message([&] { pad(input({4}, u8), options); }).find("pad: u8[4] cannot") !=
                  std::string::npos);
        }
        CHECK(thrown_message([&] {
                  pad(input({4}, boolean), {.axes = {{0, 1, 1}}, .value = 2});
              }) == "invalid argument: pad: bool[4] cannot be padded with 2");
    }
}
