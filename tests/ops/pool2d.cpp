// SPDX-License-Identifier: MIT
// Pooling against plain loops over doubles. The maximum's inputs are distinct, so that central
// differences see one winner a window; ties and NaN have tests of their own.
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(pool2d);

namespace {

Array pooled(const Array& x, const Pool2dOptions& o, bool mean) {
    const std::int64_t H = x.shape[2], W = x.shape[3];
    const std::int64_t sy = o.stride[0] != 0 ? o.stride[0] : o.kernel[0];
    const std::int64_t sx = o.stride[1] != 0 ? o.stride[1] : o.kernel[1];
    const std::int64_t rows = (H + 2 * o.padding[0] - o.kernel[0]) / sy + 1;
    const std::int64_t columns = (W + 2 * o.padding[1] - o.kernel[1]) / sx + 1;
    Array y(Shape{x.shape[0], x.shape[1], rows, columns});
    std::int64_t at = 0;
    for (std::int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j) {
                double sum = 0, largest = -std::numeric_limits<double>::infinity();
                for (std::int64_t u = 0; u < o.kernel[0]; ++u)
                    for (std::int64_t v = 0; v < o.kernel[1]; ++v) {
                        const std::int64_t row = i * sy + u - o.padding[0];
                        const std::int64_t column = j * sx + v - o.padding[1];
                        if (row < 0 || row >= H || column < 0 || column >= W) continue;
                        const double value = x[(plane * H + row) * W + column];
                        sum += value;
                        largest = std::max(largest, value);
                    }
                y[at++] = mean ? sum / static_cast<double>(o.kernel[0] * o.kernel[1]) : largest;
            }
    return y;
}

void run(bool mean) {
    struct Row {
        const char* name;
        Shape x;
        Pool2dOptions options;
    };
    const Row rows[] = {
        {"one of everything", {1, 1, 1, 1}, {.kernel = {1, 1}}},
        {"2x2", {2, 3, 8, 6}, {}},
        {"2x2, odd sizes", {2, 3, 7, 5}, {}},
        {"the whole image", {3, 2, 5, 7}, {.kernel = {5, 7}}},
        {"3x3, stride 2, padding 1", {2, 3, 9, 8}, {{3, 3}, {2, 2}, {1, 1}}},
        {"overlapping 3x3", {1, 2, 7, 11}, {{3, 3}, {1, 1}, {0, 0}}},
        {"overlapping 3x3, padding 1", {1, 2, 7, 5}, {{3, 3}, {1, 1}, {1, 1}}},
        {"2x4, stride 1x3, padding 1x2", {2, 2, 5, 13}, {{2, 4}, {1, 3}, {1, 2}}},
        {"5x2, stride 3x1, padding 2x0", {2, 2, 11, 4}, {{5, 2}, {3, 1}, {2, 0}}},
        {"gaps between windows", {2, 2, 11, 10}, {{2, 1}, {3, 4}, {0, 0}}},
        {"63 outputs", {1, 7, 6, 6}, {}},
        {"65 outputs", {13, 1, 3, 11}, {{2, 2}, {3, 2}, {0, 0}}},
    };
    std::vector<OpCase> cases;
    for (const Row& row : rows) {
        const auto length = static_cast<double>(row.options.kernel[0] * row.options.kernel[1]);
        const auto pool = mean ? avg_pool2d : max_pool2d;
        cases.push_back(
            {.name = row.name,
             .inputs = {{.shape = row.x, .distinct = !mean}},
             .build = [=, o = row.options](const Tensors& in) { return pool(in[0], o); },
             .reference = [=, o = row.options](const Arrays& in) { return pooled(in[0], o, mean); },
             .forward = {.units = 1, .length = mean ? length : 1},
             .gradient = {.units = 4, .length = length}});
    }
    run_op_cases(cases);
}

std::string message(const Shape& x, const Pool2dOptions& options) {
    const std::string kind = "invalid argument: ";
    const std::string text = thrown_message([&] { max_pool2d(input(x), options); });
    return text.starts_with(kind) ? text.substr(kind.size()) : text;
}

std::vector<float> computed(const Tensor& output, const Tensor& x, std::vector<float> values) {
    const Feed feeds[] = {{x, values}};
    return compute({output}, feeds)[0];
}

}  // namespace

TEST_SUITE("pool2d") {
    TEST_CASE("max_pool2d: sizes, strides, padding") {
        run(false);
    }
    TEST_CASE("avg_pool2d: sizes, strides, padding") {
        run(true);
    }
    TEST_CASE("max_pool2d: of equal maxima the first takes the gradient") {
        const Tensor x = input({1, 1, 2, 4});
        const Tensor wrt[] = {x};
        const Tensor d_x = gradients(sum(max_pool2d(x)), wrt)[0];
        CHECK(computed(d_x, x, {1, 1, 0, 2, 1, 1, 2, 2}) ==
              std::vector<float>{1, 0, 0, 1, 0, 0, 0, 0});
    }
    TEST_CASE("max_pool2d: a maximum below the padding's zero is kept") {
        const Tensor x = input({1, 1, 2, 2});
        const Pool2dOptions options{{3, 3}, {2, 2}, {1, 1}};
        CHECK(computed(max_pool2d(x, options), x, {-4, -3, -2, -1}) == std::vector<float>{-1});
        const float low = -std::numeric_limits<float>::infinity();
        CHECK(computed(max_pool2d(x, options), x, {low, low, low, low}) == std::vector<float>{low});
    }
    TEST_CASE("max_pool2d: a NaN wins wherever it stands, and takes the gradient") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const Tensor x = input({1, 1, 2, 6});
        const std::vector<float> values{nan, 1, 2, 3, 4, 5, 9, 9, 2, nan, 4, 6};
        const std::vector<float> y = computed(max_pool2d(x), x, values);
        CHECK(std::isnan(y[0]));
        CHECK(std::isnan(y[1]));
        CHECK(y[2] == 6);
        const Tensor wrt[] = {x};
        CHECK(computed(gradients(sum(max_pool2d(x)), wrt)[0], x, values) ==
              std::vector<float>{1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1});
    }
    TEST_CASE("pool2d: what follows runs inside the kernel") {
        const Tensor x = input({2, 3, 6, 6}), shift = input({3});
        for (const auto pool : {max_pool2d, avg_pool2d}) {
            Graph graph;
            graph.output(relu(pool(x, {}) + reshape(shift, {3, 1, 1})));
            Program program = test_device().compile(graph);
            CHECK(program.stats().dispatches == 1);
            std::vector<float> values(2 * 3 * 36, 2.0F);
            const std::vector<float> shifts{-1, 0, 1};
            program.run({{x, values}, {shift, shifts}});
            const std::vector<float> y = program.read_all<float>(graph.outputs[0]);
            CHECK(y[0] == 1);
            CHECK(y[9] == 2);
            CHECK(y[53] == 3);
        }
    }
    TEST_CASE("pool2d: errors name the sizes") {
        CHECK(message({2, 3, 8}, {}) == "max_pool2d: takes f32 [B, C, H, W], not f32[2, 3, 8]");
        CHECK(message({2, 3, 4, 8}, {.kernel = {5, 2}}) ==
              "max_pool2d: in height: kernel 5 is larger than the padded image of x [2, 3, 4, 8]: "
              "4");
        CHECK(message({2, 3, 8, 8}, {.kernel = {2, 3}, .padding = {1, 2}}) ==
              "max_pool2d: in width: padding 2 must be at least 0 and at most half the kernel 3");
        CHECK(message({2, 3, 8, 8}, {.padding = {-1, 0}}) ==
              "max_pool2d: in height: padding -1 must be at least 0 and at most half the kernel 2");
        CHECK(
            message({2, 3, 8, 8}, {.kernel = {2, 0}}) ==
            "max_pool2d: in width: kernel 0 must be at least 1, stride 0 at least 1, or 0 for the "
            "kernel's size");
        CHECK(message({2, 3, 8, 8}, {.stride = {2, -1}}) ==
              "max_pool2d: in width: kernel 2 must be at least 1, stride -1 at least 1, or 0 for "
              "the kernel's size");
    }
}
