// SPDX-License-Identifier: MIT
// Operators of users: values, gradients and guard bytes of four of them, by the op table.
#include "custom_operators.h"
#include "linear_scan.comp.h"
#include "linear_scan_backward.comp.h"
#include "ramp.comp.h"
#include "rms_rows.comp.h"
#include "support/op_case.h"
#include "swish.comp.h"
#include "take_rows.comp.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(custom);

namespace ingot::testing {
namespace {

custom::Launch each_element(const custom::Call& call, const custom::Limits& limits) {
    const auto count = call.inputs[0].shape.count();
    return custom::Launch{}
        .parameter("count", count)
        .constant("LOCAL_SIZE", limits.is_processor ? 32 : 128)
        .invocations(count)
        .flops(4.0 * static_cast<double>(count));
}

custom::Launch scan(const custom::Call& call, const custom::Limits&) {
    const Shape& a = call.inputs[0].shape;
    return custom::Launch{}
        .parameter("batch", a[0])
        .parameter("time", a[1])
        .parameter("channels", a[2])
        .invocations(a[0] * a[2]);
}

std::vector<TensorSpec> as_input(const custom::Call& call) {
    return {call.inputs[0]};
}

std::vector<TensorSpec> as_input_twice(const custom::Call& call) {
    return {call.inputs[0], call.inputs[0]};
}

}  // namespace

const custom::Operator& swish() {
    static const custom::Operator backward{{.name = "swish_backward",
                                            .spirv = shaders::swish_backward,
                                            .inputs = {"x", "d_y"},
                                            .outputs = {"d_x"},
                                            .attributes = {{"beta", 1}},
                                            .infer = as_input,
                                            .launch = each_element,
                                            .no_gradient = "it is a gradient"}};
    static const custom::Operator forward{
        {.name = "swish",
         .spirv = shaders::swish,
         .inputs = {"x"},
         .outputs = {"y"},
         .attributes = {{"beta", 1}},
         .infer = as_input,
         .launch = each_element,
         .gradient = [](const custom::Gradient& g) -> std::vector<Tensor> {
             const auto with_beta = backward.with({{"beta", g.attribute("beta")}});
             return {with_beta(g.inputs[0], g.d_outputs[0])};
         }}};
    return forward;
}

const custom::Operator& rms_rows() {
    static const custom::Operator rows{
        {.name = "rms_rows",
         .spirv = shaders::rms_rows,
         .inputs = {"x"},
         .outputs = {"y", "r"},
         .attributes = {{"epsilon", 0}},
         .infer =
             [](const custom::Call& call) {
                 call.require(call.inputs[0].shape.rank() == 2, "takes rows");
                 return std::vector{call.inputs[0], TensorSpec{{call.inputs[0].shape[0]}, f32}};
             },
         .launch =
             [](const custom::Call& call, const custom::Limits&) {
                 const Shape& x = call.inputs[0].shape;
                 return custom::Launch{}
                     .parameter("rows", x[0])
                     .parameter("cols", x[1])
                     .groups(x[0]);
             },
         .gradient = [](const custom::Gradient& g) -> std::vector<Tensor> {
             const auto& y = g.outputs[0];
             const Tensor r = unsqueeze(g.outputs[1], -1);
             const auto row_mean = [](const Tensor& t) {
                 return mean(t, {.axes = {1}, .keep_axes = true});
             };
             Tensor d_x = constant(0.0F, y.shape());
             if (const Tensor& d_y = g.d_outputs[0]) d_x = r * (d_y - y * row_mean(y * d_y));
             if (const Tensor& d_r = g.d_outputs[1]) {
                 const auto cols = static_cast<float>(y.shape()[1]);
                 d_x = d_x - unsqueeze(d_r, -1) * r * r * y / cols;
             }
             return {d_x};
         }}};
    return rows;
}

const custom::Operator& take_rows() {
    static const custom::Operator take{
        {.name = "take_rows",
         .spirv = shaders::take_rows,
         .inputs = {"x", "index"},
         .outputs = {"y", "twice"},
         .infer = [](const custom::Call& call) -> std::vector<TensorSpec> {
             const auto& x = call.inputs[0];
             const auto& index = call.inputs[1];
             call.require(x.shape.rank() == 2 && index.shape.rank() == 1, "takes rows by index");
             call.require(index.dtype == i32, "an index is i32");
             return {{{index.shape[0], x.shape[1]}, f32}, index};
         },
         .launch =
             [](const custom::Call& call, const custom::Limits&) {
                 const Shape& x = call.inputs[0].shape;
                 const auto count = call.inputs[1].shape[0];
                 return custom::Launch{}
                     .parameter("sizes.count", count)
                     .parameter("sizes.of_x", x[0], x[1])
                     .invocations(count);
             },
         .no_gradient = "nobody wrote it",
         .reported = "there is no row for index"}};
    return take;
}

const custom::Operator& ramp() {
    static const custom::Operator made{
        {.name = "ramp",
         .spirv = shaders::ramp,
         .outputs = {"y"},
         .attributes = {{"count", 0}, {"start", 0}, {"step", 1}},
         .infer =
             [](const custom::Call& call) {
                 const auto count = static_cast<std::int64_t>(call.attribute("count"));
                 call.require(count > 0, "count must be positive");
                 return std::vector{TensorSpec{{count}, f32}};
             },
         .launch =
             [](const custom::Call& call, const custom::Limits&) {
                 return custom::Launch{}.invocations(call.outputs[0].shape.count());
             },
         .no_gradient = "it has no inputs"}};
    return made;
}

const custom::Operator& linear_scan() {
    static const custom::Operator backward{{.name = "linear_scan_backward",
                                            .spirv = shaders::linear_scan_backward,
                                            .inputs = {"a", "h", "d_h"},
                                            .outputs = {"d_a", "d_x"},
                                            .infer = as_input_twice,
                                            .launch = scan,
                                            .no_gradient = "it is a gradient"}};
    static const custom::Operator forward{
        {.name = "linear_scan",
         .spirv = shaders::linear_scan,
         .inputs = {"a", "x"},
         .outputs = {"h"},
         .infer = as_input,
         .launch = scan,
         .gradient = [](const custom::Gradient& g) {
             return backward.apply({g.inputs[0], g.outputs[0], g.d_outputs[0]});
         }}};
    return forward;
}

}  // namespace ingot::testing

namespace {

OpCase swish_row(std::int64_t count, double beta) {
    return {.name = "swish of " + std::to_string(count) + ", beta " + std::to_string(beta),
            .inputs = {{.shape = {count}, .low = -4, .high = 4}},
            .build =
                [=](const Tensors& in) {
                    return swish().with({{"beta", beta}})(in[0]);
                },
            .reference =
                [=](const Arrays& in) {
                    Array y = in[0];
                    for (double& value : y.values)
                        value /= 1 + std::exp(-beta * value);
                    return y;
                },
            .forward = {.units = 8}};
}

// Both outputs at work: y + r.
OpCase rms_row(std::int64_t rows, std::int64_t cols) {
    return {.name = "rms of " + std::to_string(rows) + " x " + std::to_string(cols),
            .inputs = {{.shape = {rows, cols}, .low = 0.5, .high = 2}},
            .build =
                [](const Tensors& in) {
                    const auto out = rms_rows().with({{"epsilon", 0.25}}).apply({in[0]});
                    return out[0] + unsqueeze(out[1], -1);
                },
            .reference =
                [=](const Arrays& in) {
                    Array y = in[0];
                    for (std::int64_t row = 0; row < rows; ++row) {
                        double squares = 0;
                        for (std::int64_t col = 0; col < cols; ++col)
                            squares += in[0][row * cols + col] * in[0][row * cols + col];
                        const double r = 1 / std::sqrt(squares / static_cast<double>(cols) + 0.25);
                        for (std::int64_t col = 0; col < cols; ++col)
                            y[row * cols + col] = in[0][row * cols + col] * r + r;
                    }
                    return y;
                },
            .forward = {.units = 8, .length = 4},
            .gradient = {.units = 16, .length = 4},
            .samples = 10};
}

OpCase scan_row(const Shape& shape) {
    return {.name = "linear scan of " + to_string(shape),
            .inputs = {{.shape = shape}, {.shape = shape}},
            .build = [](const Tensors& in) { return linear_scan()(in[0], in[1]); },
            .reference =
                [=](const Arrays& in) {
                    Array h = in[1];
                    for (std::int64_t i = 0; i < shape.count(); ++i) {
                        if (i / shape[2] % shape[1] > 0) h[i] += in[0][i] * h[i - shape[2]];
                    }
                    return h;
                },
            .forward = {.length = 4},
            .gradient = {.units = 16, .length = 8},
            .samples = 16};
}

}  // namespace

TEST_SUITE("custom") {
    TEST_CASE("custom: elementwise, with an attribute and a kernel for the gradient") {
        run_op_cases({swish_row(1, 1), swish_row(31, 1), swish_row(257, 0.5), swish_row(4099, 2)});
    }

    TEST_CASE("custom: rows, two outputs, the gradient an expression") {
        run_op_cases({rms_row(1, 1), rms_row(3, 63), rms_row(5, 65), rms_row(2, 1025)});
    }

    TEST_CASE("custom: two inputs, a backward kernel with two outputs") {
        run_op_cases({scan_row({1, 1, 1}), scan_row({2, 7, 3}), scan_row({3, 33, 65})});
    }

    TEST_CASE("custom: views are copied first") {
        run_op_cases({{.name = "transposed and cut",
                       .inputs = {{.shape = {5, 7}}},
                       .build =
                           [](const Tensors& in) {
                               return swish()(slice(transpose(in[0]), {.axis = 0, .begin = 2}));
                           },
                       .reference =
                           [](const Arrays& in) {
                               Array y(Shape{5, 5});
                               for (std::int64_t row = 0; row < 5; ++row) {
                                   for (std::int64_t col = 0; col < 5; ++col) {
                                       const double x = in[0][col * 7 + row + 2];
                                       y[row * 5 + col] = x / (1 + std::exp(-x));
                                   }
                               }
                               return y;
                           },
                       .forward = {.units = 8}}});
    }

    TEST_CASE("custom: no inputs, attributes alone") {
        run_op_cases({{.name = "ramp added",
                       .inputs = {{.shape = {67}}},
                       .build =
                           [](const Tensors& in) {
                               const auto ramp_of = ramp().with({{"count", 67}, {"step", 0.5}});
                               return in[0] + ramp_of();
                           },
                       .reference =
                           [](const Arrays& in) {
                               Array y = in[0];
                               for (std::int64_t i = 0; i < y.count(); ++i)
                                   y[i] += 0.5 * static_cast<double>(i);
                               return y;
                           },
                       .forward = {.scale = 33},
                       .narrow = false}});
    }

    TEST_CASE("custom: integers in and out, parameters inside a struct") {
        run_op_cases({{.name = "rows by index",
                       .inputs = {{.shape = {6, 3}},
                                  {.shape = {5}, .dtype = i32, .values = {5, 0, 3, 3, 1}}},
                       .build =
                           [](const Tensors& in) {
                               const auto out = take_rows().apply({in[0], in[1]});
                               return out[0] + unsqueeze(cast(out[1], f32), -1);
                           },
                       .reference =
                           [](const Arrays& in) {
                               Array y(Shape{5, 3});
                               for (std::int64_t i = 0; i < 15; ++i) {
                                   const double index = in[1][i / 3];
                                   y[i] = in[0][static_cast<std::int64_t>(index) * 3 + i % 3] +
                                          2 * index;
                               }
                               return y;
                           },
                       .has_gradient = false}});
    }
}
