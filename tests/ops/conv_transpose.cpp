// SPDX-License-Identifier: MIT
// Transposed convolution against loops that scatter: every product of the convolution whose data
// gradient it is, added to where it came from.
#include "ops/conv_rows.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

template <typename Options>
void run(ConvFunction<Options> conv, std::initializer_list<ConvRow<Options>> rows) {
    std::vector<OpCase> cases;
    for (const ConvRow<Options>& row : rows) {
        const auto length = static_cast<double>(row.weight.count() / row.weight[1]);
        const auto pixels = static_cast<double>(row.x.count() / row.x[1]);
        OpCase made = conv_case(conv, row, row.weight[1] * row.options.groups, length,
                                4 * std::max(pixels, length));
        const ConvWindow window{.stride = numbers(row.options.stride),
                                .padding = numbers(row.options.padding),
                                .dilation = numbers(row.options.dilation),
                                .output_padding = numbers(row.options.output_padding),
                                .groups = row.options.groups};
        made.reference = [=, bias = row.bias](const Arrays& in) {
            return conv_transposed(in[0], in[1], bias ? &in[2] : nullptr, window);
        };
        cases.push_back(std::move(made));
    }
    run_op_cases(cases);
}

}  // namespace

TEST_SUITE("conv") {
    TEST_CASE("conv_transpose1d") {
        run<ConvTranspose1dOptions>(
            conv_transpose1d,
            {{"one of everything", {1, 1, 1}, {1, 1, 1}},
             {"primes", {2, 5, 37}, {5, 7, 3}, {}, true},
             {"stride 2, one more", {2, 3, 17}, {3, 4, 4}, {.stride = 2, .output_padding = 1}},
             {"stride 3, padding 2", {2, 3, 9}, {3, 2, 5}, {.stride = 3, .padding = 2}, true},
             {"gaps", {2, 3, 9}, {3, 2, 2}, {.stride = 5, .output_padding = 4}},
             {"dilation 3, two more", {2, 3, 9}, {3, 2, 3}, {.output_padding = 2, .dilation = 3}},
             {"2 groups", {2, 4, 11}, {4, 3, 3}, {.stride = 2, .groups = 2}, true},
             {"stride 70", {2, 3, 4}, {3, 5, 90}, {.stride = 70, .padding = 7}, true}});
    }
    TEST_CASE("conv_transpose2d") {
        run<ConvTranspose2dOptions>(
            conv_transpose2d,
            {{"one of everything", {1, 1, 1, 1}, {1, 1, 1, 1}},
             {"one pixel", {3, 4, 1, 1}, {4, 2, 4, 3}, {}, true},
             {"2x2, stride 2", {2, 5, 6, 7}, {5, 3, 2, 2}, {.stride = {2, 2}}, true},
             {"3x3, stride 2, padding 1, one more",
              {2, 3, 5, 6},
              {3, 17, 3, 3},
              {.stride = {2, 2}, .padding = {1, 1}, .output_padding = {1, 1}},
              true},
             {"4x4, stride 2, padding 1",
              {1, 16, 4, 4},
              {16, 8, 4, 4},
              {.stride = {2, 2}, .padding = {1, 1}}},
             {"stride 1x3, dilation 2x1, 1x0 more",
              {2, 3, 5, 4},
              {3, 2, 3, 2},
              {.stride = {1, 3}, .output_padding = {1, 0}, .dilation = {2, 1}}},
             {"padding beyond the kernel", {1, 2, 8, 7}, {2, 3, 2, 1}, {.padding = {2, 1}}},
             {"depthwise, two of each",
              {2, 5, 4, 5},
              {5, 2, 3, 3},
              {.stride = {2, 2}, .groups = 5},
              true}});
    }
    TEST_CASE("conv_transpose3d") {
        run<ConvTranspose3dOptions>(
            conv_transpose3d,
            {{"one of everything", {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}},
             {"primes", {2, 3, 2, 3, 5}, {3, 7, 2, 3, 2}, {}, true},
             {"2x2x2, stride 2", {2, 3, 3, 2, 4}, {3, 5, 2, 2, 2}, {.stride = {2, 2, 2}}},
             {"stride 1x2x3, padding, more",
              {1, 4, 3, 4, 3},
              {4, 2, 3, 3, 3},
              {.stride = {1, 2, 3}, .padding = {1, 0, 1}, .output_padding = {0, 1, 2}, .groups = 2},
              true}});
    }
    TEST_CASE("conv_transpose2d: bias and relu run inside the kernel") {
        const Tensor x = input({2, 3, 8, 8}), w = input({3, 5, 3, 3}), b = input({5});
        Graph graph;
        graph.output(relu(conv_transpose2d(x, w, b)));
        CHECK(test_device().compile(graph).stats().dispatches == 1);
    }
    TEST_CASE("conv_transpose: errors name the sizes") {
        const auto two = [](const Shape& x, const Shape& w, const ConvTranspose2dOptions& o,
                            const Tensor& bias = {}) {
            return message([&] { conv_transpose2d(input(x), input(w), bias, o); });
        };
        CHECK(two({2, 3, 8}, {3, 4, 3, 3}, {}) ==
              "conv_transpose2d: takes f32 x [B, C, H, W] and weight [C, O / groups, kh, kw], not "
              "f32[2, 3, 8] and f32[3, 4, 3, 3]");
        CHECK(two({2, 3, 8, 8}, {4, 3, 3, 3}, {}) ==
              "conv_transpose2d: weight [4, 3, 3, 3] takes 4 channels, x [2, 3, 8, 8] has 3");
        CHECK(two({2, 3, 8, 8}, {3, 4, 3, 3}, {.groups = 2}) ==
              "conv_transpose2d: 2 groups do not divide the 3 channels of x [2, 3, 8, 8]");
        CHECK(two({2, 3, 8, 8}, {3, 4, 3, 3}, {.groups = 0})
                  .starts_with("conv_transpose2d: 0 groups"));
        CHECK(
            two({2, 3, 8, 8}, {3, 4, 3, 3}, {.stride = {0, 1}}) ==
            "conv_transpose2d: in height: stride 0 and dilation 1 must be at least 1, padding 0 at "
            "least 0");
        CHECK(
            two({2, 3, 8, 8}, {3, 4, 3, 3}, {.stride = {2, 1}, .output_padding = {2, 0}}) ==
            "conv_transpose2d: in height: output_padding 2 must be at least 0 and below the larger "
            "of stride 2 and dilation 1");
        CHECK(two({2, 3, 8, 8}, {3, 4, 3, 3}, {.output_padding = {0, -1}})
                  .starts_with("conv_transpose2d: in width: output_padding -1 must"));
        CHECK(two({2, 3, 1, 8}, {3, 4, 3, 3}, {.padding = {2, 1}}) ==
              "conv_transpose2d: in height: padding 2 leaves nothing of the 3 that x [2, 3, 1, 8] "
              "and "
              "weight [3, 4, 3, 3] give");
        CHECK(two({2, 3, 8, 8}, {3, 4, 3, 3}, {.groups = 3}, input({4})) ==
              "conv_transpose2d: bias f32[4] does not fit weight [3, 4, 3, 3]: takes f32 [12]");
        CHECK(message([] {
                  conv_transpose1d(input({1, 2}), input({2, 1, 1}));
              }).starts_with("conv_transpose1d: takes f32 x [B, C, L]"));
        CHECK(message([] {
                  conv_transpose3d(input({1, 2, 3}), input({2, 1, 1}));
              }).starts_with("conv_transpose3d: takes f32 x [B, C, D, H, W]"));
        CHECK(two({1, 1, 9, 9}, {1, 1, 1, 1}, {.stride = {1 << 28, 1}})
                  .starts_with("unsupported: conv_transpose2d: in height: an unpadded result of"));
        CHECK(two({1, 1, 9, 9}, {1, 1, 1, 1}, {.stride = {1 << 20, 1 << 20}})
                  .starts_with("unsupported: conv_transpose2d: [1, 1, 8388609, 8388609] has more"));
    }
}
