// SPDX-License-Identifier: MIT
// Convolution over one and three axes, "same" padding, and what all of them refuse. The tables for
// two axes, with the tiles' edges, are in conv.cpp.
#include "ops/conv_rows.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

template <typename Options>
ConvWindow window_of(const Options& o) {
    return {.stride = numbers(o.stride),
            .padding = numbers(o.padding),
            .dilation = numbers(o.dilation),
            .groups = o.groups,
            .same = o.same};
}

template <typename Options>
void run(ConvFunction<Options> conv, std::initializer_list<ConvRow<Options>> rows) {
    std::vector<OpCase> cases;
    for (const ConvRow<Options>& row : rows) {
        const auto length = static_cast<double>(row.weight.count() / row.weight[0]);
        const auto pixels = static_cast<double>(row.x.count() / row.x[1]);
        OpCase made = conv_case(conv, row, row.weight[0], length, std::max(pixels, length));
        made.reference = [o = window_of(row.options), bias = row.bias](const Arrays& in) {
            return convolved(in[0], in[1], bias ? &in[2] : nullptr, o);
        };
        cases.push_back(std::move(made));
    }
    run_op_cases(cases);
}

}  // namespace

TEST_SUITE("conv") {
    TEST_CASE("conv1d: sizes, stride, padding, dilation, groups") {
        run<Conv1dOptions>(conv1d,
                           {{"one of everything", {1, 1, 1}, {1, 1, 1}},
                            {"primes", {2, 5, 37}, {7, 5, 3}},
                            {"95 columns", {1, 3, 97}, {16, 3, 3}, {}, true},
                            {"the kernel covers x", {3, 2, 9}, {4, 2, 9}},
                            {"padding", {2, 3, 7}, {4, 3, 3}, {.padding = 1}, true},
                            {"stride 2", {2, 3, 16}, {4, 3, 3}, {.stride = 2, .padding = 1}},
                            {"stride 3, dilation 2",
                             {2, 2, 23},
                             {3, 2, 4},
                             {.stride = 3, .padding = 2, .dilation = 2},
                             true},
                            {"2 groups", {2, 4, 11}, {6, 2, 3}, {.groups = 2}, true},
                            {"depthwise", {2, 5, 19}, {10, 1, 5}, {.groups = 5}}});
    }
    TEST_CASE("conv3d: sizes") {
        run<Conv3dOptions>(
            conv3d,
            {{"one of everything", {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}},
             {"1x1x1 kernel", {2, 3, 2, 3, 5}, {4, 3, 1, 1, 1}},
             {"primes", {2, 3, 5, 7, 11}, {5, 3, 3, 2, 3}, {}, true},
             {"the kernel covers the volume", {2, 2, 3, 4, 5}, {3, 2, 3, 4, 5}},
             {"one slice", {2, 3, 1, 5, 7}, {4, 3, 1, 3, 3}},
             {"one slice, padded", {2, 3, 1, 5, 7}, {4, 3, 3, 3, 3}, {.padding = {1, 1, 1}}},
             {"one row", {2, 3, 5, 1, 7}, {4, 3, 3, 1, 3}},
             {"one column", {2, 3, 5, 7, 1}, {4, 3, 3, 3, 1}},
             {"17 rows, 65 columns", {1, 17, 5, 13, 1}, {17, 17, 1, 1, 1}},
             {"64 rows, 96 columns", {1, 5, 2, 6, 8}, {64, 5, 1, 1, 1}},
             {"65 rows, 97 columns", {1, 2, 97, 1, 1}, {65, 2, 1, 1, 1}},
             {"few weights, many voxels", {3, 1, 13, 17, 11}, {2, 1, 2, 2, 2}}});
    }
    TEST_CASE("conv3d: stride, padding, dilation, groups") {
        run<Conv3dOptions>(
            conv3d,
            {{"padding 1", {2, 3, 4, 5, 6}, {4, 3, 3, 3, 3}, {.padding = {1, 1, 1}}, true},
             {"padding 0, 1, 2", {1, 2, 4, 5, 6}, {3, 2, 2, 3, 5}, {.padding = {0, 1, 2}}},
             {"stride 2", {2, 2, 6, 7, 8}, {3, 2, 3, 3, 3}, {.stride = {2, 2, 2}}},
             {"stride 2, padding 1",
              {2, 2, 6, 7, 8},
              {3, 2, 3, 3, 3},
              {.stride = {2, 2, 2}, .padding = {1, 1, 1}},
              true},
             {"stride 3, 1, 2",
              {1, 2, 7, 4, 9},
              {3, 2, 2, 3, 3},
              {.stride = {3, 1, 2}, .padding = {1, 0, 1}}},
             {"stride beyond the volume", {1, 2, 2, 3, 2}, {3, 2, 1, 1, 1}, {.stride = {3, 4, 3}}},
             {"dilation 2, 1, 3",
              {1, 2, 7, 5, 9},
              {3, 2, 3, 2, 3},
              {.padding = {1, 1, 2}, .dilation = {2, 1, 3}}},
             {"dilation 2, stride 2, 3, 2",
              {1, 2, 7, 8, 6},
              {2, 2, 2, 3, 2},
              {.stride = {2, 3, 2}, .padding = {1, 2, 0}, .dilation = {2, 2, 2}}},
             {"2 groups", {2, 4, 3, 4, 5}, {6, 2, 2, 2, 2}, {.groups = 2}, true},
             {"depthwise, two of each", {2, 3, 4, 5, 6}, {6, 1, 3, 3, 3}, {.groups = 3}},
             {"depthwise, stride 2, dilation 2, padding 1",
              {2, 3, 7, 8, 9},
              {3, 1, 3, 3, 2},
              {.stride = {2, 1, 2}, .padding = {1, 1, 1}, .dilation = {1, 2, 1}, .groups = 3},
              true}});
    }
    TEST_CASE("conv: same") {
        run<Conv1dOptions>(conv1d, {{"odd", {2, 3, 9}, {4, 3, 5}, {.same = true}},
                                    {"even", {2, 3, 9}, {4, 3, 4}, {.same = true}, true},
                                    {"wider than x", {2, 3, 3}, {4, 3, 8}, {.same = true}}});
        run<Conv2dOptions>(
            conv2d,
            {{"3x4", {2, 3, 5, 6}, {4, 3, 3, 4}, {.same = true}},
             {"dilation 2x3", {2, 3, 5, 6}, {4, 3, 2, 2}, {.dilation = {2, 3}, .same = true}}});
        run<Conv3dOptions>(conv3d, {{"2x3x4", {1, 2, 3, 5, 6}, {3, 2, 2, 3, 4}, {.same = true}}});
    }
    // Pixels equal modulo the stride are a phase: at first a dispatch each, but one for all of
    // many.
    TEST_CASE("conv: large strides") {
        run<Conv2dOptions>(
            conv2d,
            {{"patches of 16", {2, 3, 32, 32}, {5, 3, 16, 16}, {.stride = {16, 16}}, true},
             {"stride 9x11, dilation 2x3, padding 1x2",
              {2, 2, 40, 37},
              {3, 2, 3, 5},
              {.stride = {9, 11}, .padding = {1, 2}, .dilation = {2, 3}}},
             {"stride 10, dilation 4: half of the pixels",
              {1, 5, 31, 33},
              {3, 5, 7, 6},
              {.stride = {10, 10}, .padding = {3, 4}, .dilation = {4, 4}}},
             {"2 groups of 5", {1, 10, 18, 20}, {4, 5, 9, 9}, {.stride = {9, 9}, .groups = 2}}});
        run<Conv1dOptions>(conv1d, {{"stride 70", {2, 3, 211}, {4, 3, 5}, {.stride = 70}}});
        run<Conv3dOptions>(
            conv3d, {{"stride 5", {2, 2, 10, 11, 12}, {3, 2, 2, 3, 6}, {.stride = {5, 5, 5}}}});
        const Tensor x = input({2, 3, 64, 64}), w = input({5, 3, 32, 32});
        const Tensor wrt[] = {x};
        Graph graph;
        graph.output(gradients(sum(conv2d(x, w, {}, {.stride = {32, 32}})), wrt)[0]);
        CHECK(test_device().compile(graph).stats().dispatches <= 2);
    }
    TEST_CASE("conv: second derivatives") {
        // d/dx of sum((d y / d w)^2): through the weight gradient and back.
        const Tensor x = input({1, 1, 4}), w = input({1, 1, 2});
        const Tensor by_w[] = {w}, by_x[] = {x};
        const Tensor y = conv1d(x, w);
        const Tensor d_w = gradients(sum(y * y), by_w)[0];
        const Tensor d_x = gradients(sum(d_w), by_x)[0];
        // y_i = w0 x_i + w1 x_i+1; d_w0 + d_w1 = sum 2 y_i (x_i + x_i+1)
        const std::vector<float> xs{1, 2, -1, 3}, ws{2, -1};
        const Feed feeds[] = {{x, xs}, {w, ws}};
        const std::vector<float> result = compute({d_x}, feeds)[0];
        for (int j = 0; j < 4; ++j) {
            double expected = 0;
            for (int i = std::max(j - 1, 0); i <= std::min(j, 2); ++i) {
                const double value = ws[0] * xs[i] + ws[1] * xs[i + 1];
                expected += 2 * (ws[j - i] * (xs[i] + xs[i + 1]) + value);
            }
            CHECK(result[j] == doctest::Approx(expected));
        }
    }
    TEST_CASE("conv1d, conv3d: errors name the sizes") {
        const auto one = [](const Shape& x, const Shape& w, const Conv1dOptions& o,
                            const Tensor& bias = {}) {
            return message([&] { conv1d(input(x), input(w), bias, o); });
        };
        const auto three = [](const Shape& x, const Shape& w, const Conv3dOptions& o) {
            return message([&] { conv3d(input(x), input(w), {}, o); });
        };
        CHECK(
            one({2, 3}, {4, 3, 3}, {}) ==
            "conv1d: takes f32 x [B, C, L] and weight [O, C / groups, k], not f32[2, 3] and f32[4, "
            "3, 3]");
        CHECK(three({2, 3, 4, 4}, {4, 3, 3, 3, 3}, {}) ==
              "conv3d: takes f32 x [B, C, D, H, W] and weight [O, C / groups, kd, kh, kw], not "
              "f32[2, 3, 4, 4] and f32[4, 3, 3, 3, 3]");
        CHECK(message([] {
                  conv1d(input({1, 2, 3}, i32), input({1, 2, 3}));
              }).starts_with("conv1d: takes f32"));
        CHECK(
            one({2, 4, 8}, {6, 2, 3}, {.groups = 4}).starts_with("conv1d: 4 groups do not divide"));
        CHECK(three({2, 4, 2, 2, 2}, {6, 3, 1, 1, 1}, {}) ==
              "conv3d: weight [6, 3, 1, 1, 1] takes 3 channels a group, x [2, 4, 2, 2, 2] in 1 "
              "groups "
              "has 4");
        CHECK(
            one({2, 3, 8}, {4, 3, 3}, {.stride = 0}) ==
            "conv1d: in length: stride 0 and dilation 1 must be at least 1, padding 0 at least 0");
        CHECK(three({2, 3, 8, 8, 8}, {4, 3, 3, 3, 3}, {.padding = {-1, 0, 0}})
                  .starts_with("conv3d: in depth: stride 1 and dilation 1 must"));
        CHECK(one({2, 3, 8}, {4, 3, 3}, {.stride = std::int64_t{1} << 40})
                  .ends_with("must be at most 2^30"));
        CHECK(
            three({2, 3, 2, 8, 8}, {4, 3, 3, 3, 3}, {}) ==
            "conv3d: in depth: the kernel reaches over 3 (size 3, dilation 1), the padded image of "
            "x [2, 3, 2, 8, 8] has 2");
        CHECK(one({2, 3, 8}, {4, 3, 3}, {.stride = 2, .same = true}) ==
              "conv1d: in length: `same` takes stride 1 and no padding, not 2 and 0");
        CHECK(one({2, 3, 8}, {4, 3, 3}, {.padding = 1, .same = true}).ends_with("not 1 and 1"));
        CHECK(one({2, 3, 8}, {4, 3, 3}, {}, input({4, 1})) ==
              "conv1d: bias f32[4, 1] does not fit weight [4, 3, 3]: takes f32 [4]");
        CHECK(one({1, 1, 8}, {1, 1, 1}, {.padding = 1 << 30})
                  .starts_with("unsupported: conv1d: in length: a padded size of"));
        CHECK(
            three({1, 1, 8, 8, 8}, {1, 1, 1, 1, 1}, {.padding = {1 << 15, 1 << 15, 1 << 15}})
                .starts_with("unsupported: conv3d: [1, 1, 65544, 65544, 65544] has more elements"));
    }
}
