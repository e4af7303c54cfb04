// SPDX-License-Identifier: MIT
// Convolution against a plain loop over doubles, in all three directions: the harness takes the
// gradients, so every row runs the forward kernel and both gradient kernels.
#include "ops/conv_reference.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(conv);

namespace {

ConvWindow window_of(const Conv2dOptions& o) {
    return {.stride = numbers(o.stride),
            .padding = numbers(o.padding),
            .dilation = numbers(o.dilation),
            .groups = o.groups,
            .same = o.same};
}

Array convolved(const Array& x, const Array& w, const Array* bias, const Conv2dOptions& o) {
    return testing::convolved(x, w, bias, window_of(o));
}

struct Row {
    const char* name;
    Shape x, weight;
    Conv2dOptions options = {};
};

OpCase plain(const Row& row) {
    const auto length = static_cast<double>(row.weight.count() / row.weight[0]);
    const auto pixels = static_cast<double>(row.x.count() / row.x[1]);
    return {.name = row.name,
            .inputs = {{.shape = row.x}, {.shape = row.weight}},
            .build = [o = row.options](const Tensors& in) { return conv2d(in[0], in[1], {}, o); },
            .reference =
                [o = row.options](const Arrays& in) { return convolved(in[0], in[1], nullptr, o); },
            .forward = {.units = 1, .length = length},
            // d_w sums over all pixels of the batch, d_x over output channels and taps.
            .gradient = {.units = 2, .length = std::max(pixels, length)}};
}

OpCase with_bias(const Row& row, bool then_relu) {
    OpCase result = plain(row);
    // Where relu comes behind, outputs that might fall on its kink would spoil the differences:
    // positive operands keep them away from it on one side or the other with the bias.
    result.inputs.push_back({.shape = {row.weight[0]}, .low = then_relu ? -0.5 : -1, .high = 1});
    if (then_relu) {
        result.inputs[0].low = result.inputs[1].low = 0.1;
        result.inputs[2].values.assign(static_cast<std::size_t>(row.weight[0]), 0.25);
        for (std::size_t o = 0; o < result.inputs[2].values.size(); o += 2) {
            result.inputs[2].values[o] = -1000;  // these channels are switched off
        }
    }
    result.build = [o = row.options, then_relu](const Tensors& in) {
        const Tensor y = conv2d(in[0], in[1], in[2], o);
        return then_relu ? relu(y) : y;
    };
    result.reference = [o = row.options, then_relu](const Arrays& in) {
        Array y = convolved(in[0], in[1], &in[2], o);
        for (double& value : y.values)
            value = then_relu ? std::max(value, 0.0) : value;
        return y;
    };
    return result;
}

void run(std::initializer_list<Row> rows) {
    std::vector<OpCase> cases;
    for (const Row& row : rows)
        cases.push_back(plain(row));
    run_op_cases(cases);
}

std::string message(const Shape& x, const Shape& weight, const Conv2dOptions& options,
                    const Tensor& bias = {}) {
    const std::string text =
        thrown_message([&] { conv2d(input(x), input(weight), bias, options); });
    const std::string kind = "invalid argument: ";
    return text.starts_with(kind) ? text.substr(kind.size()) : text;
}

}  // namespace

TEST_SUITE("conv") {
    TEST_CASE("conv2d: sizes") {
        run({{"one of everything", {1, 1, 1, 1}, {1, 1, 1, 1}},
             {"1x1 kernel", {2, 3, 5, 7}, {4, 3, 1, 1}},
             {"the kernel covers the image", {3, 2, 4, 5}, {3, 2, 4, 5}},
             {"primes", {2, 5, 11, 7}, {13, 5, 3, 3}},
             {"even kernel", {1, 2, 6, 8}, {3, 2, 2, 4}},
             {"one row of pixels", {2, 3, 1, 37}, {5, 3, 1, 3}},
             {"one column of pixels", {2, 3, 37, 1}, {5, 3, 3, 1}}});
    }
    // Tiles have 8, 16, 32 or 64 rows (output channels, input channels) and 16, 32, 64 or 96
    // columns (pixels, or input channels times taps).
    TEST_CASE("conv2d: one either side of a tile") {
        run({{"7 rows", {1, 3, 8, 8}, {7, 3, 1, 1}},
             {"9 rows, 15 columns", {1, 3, 3, 5}, {9, 3, 1, 1}},
             {"15 rows, 17 columns", {1, 2, 1, 17}, {15, 2, 1, 1}},
             {"16 rows, 16 columns", {1, 16, 4, 4}, {16, 16, 1, 1}},
             {"17 rows, 31 columns", {1, 17, 1, 31}, {17, 17, 1, 1}},
             {"31 rows, 33 columns", {1, 31, 3, 11}, {31, 31, 1, 1}},
             {"33 rows, 63 columns", {1, 3, 7, 9}, {33, 3, 1, 1}},
             {"63 rows, 65 columns", {1, 65, 5, 13}, {63, 65, 1, 1}},
             {"64 rows, 64 columns", {1, 7, 8, 8}, {64, 7, 1, 1}},
             {"65 rows, 95 columns", {1, 63, 5, 19}, {65, 63, 1, 1}},
             {"97 columns", {1, 5, 1, 97}, {5, 5, 1, 1}}});
    }
    TEST_CASE("conv2d: padding and stride") {
        run({{"padding 1", {2, 3, 7, 7}, {4, 3, 3, 3}, {.padding = {1, 1}}},
             {"padding 2, 0", {2, 3, 6, 7}, {4, 3, 5, 3}, {.padding = {2, 0}}},
             {"padding 0, 2", {2, 3, 6, 7}, {4, 3, 2, 5}, {.padding = {0, 2}}},
             {"padding wider than the kernel", {1, 2, 3, 4}, {2, 2, 1, 1}, {.padding = {2, 3}}},
             {"stride 2", {2, 3, 8, 9}, {4, 3, 3, 3}, {.stride = {2, 2}}},
             {"stride 2, padding 1",
              {2, 3, 8, 9},
              {4, 3, 3, 3},
              {.stride = {2, 2}, .padding = {1, 1}}},
             {"stride 3, 1", {2, 2, 10, 6}, {3, 2, 3, 3}, {.stride = {3, 1}, .padding = {1, 2}}},
             {"stride 1, 3", {1, 2, 6, 11}, {3, 2, 2, 3}, {.stride = {1, 3}, .padding = {0, 1}}},
             {"stride beyond the kernel", {2, 3, 9, 8}, {4, 3, 1, 1}, {.stride = {2, 3}}},
             {"stride beyond the image", {2, 3, 2, 3}, {4, 3, 1, 1}, {.stride = {3, 4}}},
             {"pixels that no tap meets", {1, 1, 10, 10}, {1, 1, 2, 2}, {.stride = {4, 4}}}});
    }
    TEST_CASE("conv2d: dilation") {
        run({{"dilation 2", {2, 3, 9, 8}, {4, 3, 3, 3}, {.dilation = {2, 2}}},
             {"dilation 2, 1, padding 2, 1",
              {2, 3, 9, 8},
              {4, 3, 3, 3},
              {.padding = {2, 1}, .dilation = {2, 1}}},
             {"dilation 2, stride 2",
              {1, 2, 9, 10},
              {3, 2, 3, 3},
              {.stride = {2, 2}, .padding = {1, 2}, .dilation = {2, 2}}},
             {"dilation 2, stride 3",
              {1, 2, 11, 10},
              {3, 2, 3, 3},
              {.stride = {3, 3}, .padding = {2, 1}, .dilation = {2, 2}}},
             {"dilation 4, stride 6",
              {1, 1, 17, 14},
              {2, 1, 3, 2},
              {.stride = {6, 6}, .padding = {4, 2}, .dilation = {4, 3}}}});
    }
    TEST_CASE("conv2d: groups") {
        run({{"2 groups", {2, 4, 6, 5}, {6, 2, 3, 3}, {.padding = {1, 1}, .groups = 2}},
             {"depthwise", {2, 5, 6, 7}, {5, 1, 3, 3}, {.padding = {1, 1}, .groups = 5}},
             {"depthwise, stride 2",
              {2, 3, 8, 7},
              {3, 1, 3, 3},
              {.stride = {2, 2}, .padding = {1, 1}, .groups = 3}},
             {"depthwise, three of each", {1, 4, 5, 5}, {12, 1, 3, 3}, {.groups = 4}},
             {"2 groups of one row too many", {1, 34, 4, 4}, {34, 17, 1, 1}, {.groups = 2}}});
    }
    // Few weights and many pixels: the sum over the batch is split.
    TEST_CASE("conv2d: split sums") {
        run({{"few weights", {4, 1, 33, 29}, {3, 1, 3, 3}, {.padding = {1, 1}}},
             {"one weight", {3, 1, 61, 67}, {1, 1, 1, 1}},
             {"deep", {1, 300, 3, 3}, {4, 300, 3, 3}, {.padding = {1, 1}}},
             {"deep, stride 2", {1, 4, 4, 4}, {300, 4, 3, 3}, {.stride = {2, 2}}}});
    }
    TEST_CASE("conv2d: bias and relu") {
        const Row rows[] = {
            {"bias", {2, 3, 5, 7}, {19, 3, 3, 3}, {.padding = {1, 1}}},
            {"bias, groups", {2, 4, 5, 6}, {6, 2, 3, 3}, {.stride = {2, 1}, .groups = 2}},
            {"bias, one pixel", {3, 4, 3, 3}, {6, 4, 3, 3}},
            {"bias, one image", {1, 2, 5, 5}, {5, 2, 3, 3}},
            {"bias, one channel", {2, 2, 5, 5}, {1, 2, 3, 3}},
            {"bias, split", {1, 300, 3, 3}, {4, 300, 3, 3}, {.padding = {1, 1}}}};
        std::vector<OpCase> cases;
        for (const Row& row : rows)
            cases.push_back(with_bias(row, false));
        for (const Row& row : rows) {
            cases.push_back(with_bias(row, true));
            cases.back().name += ", relu";
        }
        run_op_cases(cases);
    }
    TEST_CASE("conv2d: bias and relu run inside the kernel") {
        const Tensor x = input({2, 3, 8, 8}), w = input({5, 3, 3, 3}), b = input({5});
        Graph graph;
        graph.output(relu(conv2d(x, w, b, {.padding = {1, 1}})));
        CHECK(test_device().compile(graph).stats().dispatches == 1);
    }
    TEST_CASE("conv2d: errors name the sizes") {
        CHECK(
            message({2, 3, 8}, {4, 3, 3, 3}, {}) ==
            "conv2d: takes f32 x [B, C, H, W] and weight [O, C / groups, kh, kw], not f32[2, 3, 8] "
            "and f32[4, 3, 3, 3]");
        CHECK(
            message({2, 3, 8, 8}, {4, 2, 3, 3}, {}) ==
            "conv2d: weight [4, 2, 3, 3] takes 2 channels a group, x [2, 3, 8, 8] in 1 groups has "
            "3");
        CHECK(message({2, 4, 8, 8}, {6, 2, 3, 3}, {.groups = 4}) ==
              "conv2d: 4 groups do not divide the 4 channels of x [2, 4, 8, 8] and the 6 of weight "
              "[6, 2, 3, 3]");
        CHECK(message({2, 3, 8, 8}, {4, 3, 3, 3}, {.groups = 0}).starts_with("conv2d: 0 groups"));
        CHECK(message({2, 3, 8, 8}, {4, 3, 3, 3}, {.stride = {1, 0}}) ==
              "conv2d: in width: stride 0 and dilation 1 must be at least 1, padding 0 at least 0");
        CHECK(
            message({2, 3, 8, 8}, {4, 3, 3, 3}, {.padding = {-1, 0}}) ==
            "conv2d: in height: stride 1 and dilation 1 must be at least 1, padding -1 at least 0");
        CHECK(message({2, 3, 8, 8}, {4, 3, 3, 3}, {.dilation = {0, 1}})
                  .starts_with("conv2d: in height: stride 1 and dilation 0"));
        CHECK(message({2, 3, 4, 8}, {4, 3, 3, 3}, {.padding = {1, 0}, .dilation = {3, 1}}) ==
              "conv2d: in height: the kernel reaches over 7 (size 3, dilation 3), the padded image "
              "of x [2, 3, 4, 8] has 6");
        CHECK(message({2, 3, 8, 8}, {4, 3, 3, 3}, {}, input({3})) ==
              "conv2d: bias f32[3] does not fit weight [4, 3, 3, 3]: takes f32 [4]");
    }
}
