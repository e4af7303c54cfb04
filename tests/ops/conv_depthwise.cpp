// SPDX-License-Identifier: MIT
// Convolutions with few channels a group, for which there are kernels of their own: their tiles are
// 4 x 4, 2 x 4, 1 x 8, 1 x 4 pixels and single ones, and those of the weights' gradient sum over 8
// or 64 lanes.
#include "ops/conv_reference.h"
#include "support/op_case.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

struct Row {
    const char* name;
    Shape x;
    std::int64_t each;  // outputs of each channel
    std::array<std::int64_t, 2> kernel;
    Conv2dOptions options = {};  // groups are set to the channels
    bool bias = false;
};

void run(std::initializer_list<Row> rows) {
    std::vector<OpCase> cases;
    for (const Row& row : rows) {
        Conv2dOptions o = row.options;
        o.groups = row.x[1];
        const Shape weight{row.x[1] * row.each, 1, row.kernel[0], row.kernel[1]};
        const auto length = static_cast<double>(row.kernel[0] * row.kernel[1] * row.each);
        const auto pixels = static_cast<double>(row.x.count() / row.x[1]);
        OpCase made{.name = row.name,
                    .inputs = {{.shape = row.x}, {.shape = weight}},
                    .forward = {.units = 1, .length = length},
                    .gradient = {.units = 2, .length = std::max(pixels, length)}};
        if (row.bias) made.inputs.push_back({.shape = {weight[0]}});
        made.build = [o, bias = row.bias](const Tensors& in) {
            return conv2d(in[0], in[1], bias ? in[2] : Tensor(), o);
        };
        const ConvWindow window{.stride = numbers(o.stride),
                                .padding = numbers(o.padding),
                                .dilation = numbers(o.dilation),
                                .groups = o.groups};
        made.reference = [window, bias = row.bias](const Arrays& in) {
            return convolved(in[0], in[1], bias ? &in[2] : nullptr, window);
        };
        cases.push_back(std::move(made));
    }
    run_op_cases(cases);
}

}  // namespace

TEST_SUITE("conv") {
    TEST_CASE("depthwise: sizes") {
        run({{"1x1", {2, 3, 5, 7}, 1, {1, 1}},
             {"one pixel", {3, 17, 1, 1}, 1, {3, 3}, {.padding = {1, 1}}},
             {"3 columns", {2, 5, 9, 3}, 1, {3, 3}, {.padding = {1, 1}}},
             {"4 columns", {2, 5, 4, 4}, 1, {3, 3}, {.padding = {1, 1}}},
             {"5 columns", {2, 5, 5, 5}, 1, {3, 3}, {.padding = {1, 1}}},
             {"one row of 7", {2, 3, 1, 7}, 1, {1, 3}, {.padding = {0, 1}}},
             {"one row of 9", {2, 3, 1, 9}, 1, {1, 3}, {.padding = {0, 1}}},
             {"one column of 9", {2, 3, 9, 1}, 1, {3, 1}, {.padding = {1, 0}}},
             {"whole tiles, no padding", {1, 3, 10, 10}, 1, {3, 3}},
             {"several groups", {2, 37, 17, 19}, 1, {3, 3}, {.padding = {1, 1}}, true},
             {"5x5", {2, 3, 13, 11}, 1, {5, 5}, {.padding = {2, 2}}, true},
             {"7x7", {1, 5, 14, 14}, 1, {7, 7}, {.padding = {3, 3}}, true},
             {"2x4", {1, 3, 9, 10}, 1, {2, 4}, {.padding = {1, 2}}},
             {"8x8: too many taps", {1, 2, 11, 12}, 1, {8, 8}, {.padding = {4, 4}}}});
    }
    TEST_CASE("depthwise: several outputs of each channel") {
        run({{"two of each", {2, 5, 9, 8}, 2, {3, 3}, {.padding = {1, 1}}, true},
             {"seven of each", {1, 3, 6, 7}, 7, {3, 5}, {.padding = {1, 2}}},
             {"32 of one", {2, 1, 14, 14}, 32, {3, 3}, {.padding = {1, 1}}, true},
             {"two of each, stride 2", {2, 3, 9, 8}, 2, {3, 3}, {.stride = {2, 2}}}});
    }
    TEST_CASE("depthwise: stride and dilation") {
        run({{"stride 2", {2, 5, 14, 13}, 1, {3, 3}, {.stride = {2, 2}, .padding = {1, 1}}, true},
             {"stride 1x3", {2, 3, 9, 14}, 1, {3, 2}, {.stride = {1, 3}}},
             {"stride 4, 5x5", {1, 3, 21, 23}, 1, {5, 5}, {.stride = {4, 4}, .padding = {2, 2}}},
             {"dilation 2", {2, 3, 12, 11}, 1, {3, 3}, {.padding = {2, 2}, .dilation = {2, 2}}},
             {"dilation 1x5", {1, 3, 8, 19}, 1, {3, 3}, {.padding = {1, 5}, .dilation = {1, 5}}},
             {"dilation 12: beyond a line", {1, 2, 26, 27}, 1, {3, 3}, {.dilation = {12, 12}}},
             {"stride 2, dilation 3",
              {1, 3, 15, 16},
              1,
              {3, 2},
              {.stride = {2, 2}, .padding = {2, 1}, .dilation = {3, 3}}},
             {"stride 3, dilation 2",
              {1, 3, 16, 17},
              1,
              {3, 3},
              {.stride = {3, 3}, .padding = {1, 2}, .dilation = {2, 2}}}});
    }
    TEST_CASE("depthwise: split sums of the weights' gradient") {
        run({{"one channel, many pixels", {3, 1, 67, 71}, 1, {3, 3}, {.padding = {1, 1}}},
             {"two channels, a long row", {5, 2, 1, 997}, 1, {1, 3}, {.stride = {1, 2}}}});
    }
    TEST_CASE("depthwise: kernels of their own, the bias and relu inside") {
        const Tensor x = input({2, 16, 14, 14}), w = input({16, 1, 3, 3}), b = input({16});
        const Tensor y = relu(conv2d(x, w, b, {.padding = {1, 1}, .groups = 16}));
        Graph forward;
        forward.output(y);
        Program program = test_device().compile(forward);
        CHECK(program.stats().dispatches == 1);
        CHECK(program.to_text().find("conv_window") != std::string::npos);
        const Tensor wrt[] = {x, w};
        Graph backward;
        for (const Tensor& d : gradients(sum(y), wrt))
            backward.output(d);
        const std::string text = test_device().compile(backward).to_text();
        CHECK(text.find("conv_window_sum") != std::string::npos);
        CHECK(text.find("conv_direct") == std::string::npos);
    }
}
