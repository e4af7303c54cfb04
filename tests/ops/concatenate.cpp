// SPDX-License-Identifier: MIT
// Concatenation along every axis, of whole tensors, of views and of one tensor twice.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(concatenate);

namespace {

Array joined(const Arrays& parts, std::size_t axis) {
    std::int64_t size = 0;
    for (const Array& part : parts)
        size += part.shape[axis];
    return make_array(parts[0].shape.with(axis, size), [&](Index i) {
        std::size_t part = 0;
        while (i[axis] >= parts[part].shape[axis])
            i[axis] -= parts[part++].shape[axis];
        return at(parts[part], i);
    });
}

OpCase whole(std::vector<Shape> shapes, std::int64_t axis) {
    OpCase row{.name = "axis " + std::to_string(axis) + " of " + to_string(shapes[0]) + " and " +
                       std::to_string(shapes.size() - 1) + " more",
               .build = [axis](const Tensors& in) { return concatenate(in, axis); },
               .reference =
                   [axis](const Arrays& in) { return joined(in, static_cast<std::size_t>(axis)); },
               .forward = {.units = 0},
               .integers = 2e9};
    for (const Shape& shape : shapes)
        row.inputs.push_back({.shape = shape});
    return row;
}

}  // namespace

TEST_SUITE("concatenate") {
    TEST_CASE("concatenate: whole tensors") {
        run_op_cases({
            whole({{1}, {1}}, 0),
            whole({{63}, {64}, {65}, {1}}, 0),
            whole({{3, 5}, {2, 5}}, 0),
            whole({{3, 5}, {3, 2}, {3, 7}}, 1),
            whole({{2, 3, 4}, {2, 1, 4}}, 1),
            whole({{2, 3, 4, 5}, {2, 3, 4, 6}}, 3),
            whole({{67, 17}, {67, 65}}, 1),
        });
    }

    TEST_CASE("concatenate: views, computed parts, and one part twice") {
        run_op_cases({
            {.name = "a transpose and a slice",
             .inputs = {{.shape = {5, 3}}, {.shape = {4, 7}}},
             .build =
                 [](const Tensors& in) {
                     const Tensor parts[] = {transpose(in[0]),
                                             slice(in[1], {.axis = 0, .begin = 1})};
                     return concatenate(parts, 1);
                 },
             .reference =
                 [](const Arrays& in) {
                     return joined({permuted(in[0], {1, 0}), sliced(in[1], 0, 1, 4)}, 1);
                 },
             .forward = {.units = 0},
             .integers = 2e9},
            {.name = "computed twice over",
             .inputs = {{.shape = {4, 3}}},
             .build =
                 [](const Tensors& in) {
                     const Tensor twice = in[0] * 2.0F;
                     const Tensor parts[] = {twice, in[0], twice};
                     return concatenate(parts, 0);
                 },
             .reference =
                 [](const Arrays& in) {
                     const Array twice = map(in[0], [](double v) { return 2 * v; });
                     return joined({twice, in[0], twice}, 0);
                 }},
            {.name = "in a slab of parameters, and out of it",
             .inputs = {{.shape = {3, 5}}, {.shape = {7}}},
             .build =
                 [](const Tensors& in) {
                     std::vector<Parameter> parameters;
                     for (const Tensor& x : in)
                         parameters.emplace_back(HostTensor::zeros("p", x.shape()));
                     const ParameterSlab slab = ParameterSlab::gather(parameters)[0];
                     const Tensor packed = slab.pack(std::array{2.0F * in[0], in[1]});
                     const std::vector<Tensor> parts = slab.unpack(packed);
                     return concatenate(std::array{flatten(parts[0], 0), parts[1]});
                 },
             .reference =
                 [](const Arrays& in) {
                     const Array twice = map(in[0], [](double v) { return 2 * v; });
                     return joined({with_shape(twice, {15}), in[1]}, 0);
                 },
             .forward = {.units = 0},
             .has_gradient = false,
             .narrow = false},  // slabs are f32
        });
    }

    TEST_CASE("concatenate: errors name the sizes") {
        const Tensor parts[] = {input({2, 3}), input({3, 3})};
        CHECK(thrown_message([&] { concatenate(parts, 1); }) ==
              "invalid argument: concatenate: input 1 is f32[3, 3], input 0 is f32[2, 3]: they may "
              "differ in axis 1 only");
    }
}
