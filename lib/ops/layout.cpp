// SPDX-License-Identifier: MIT
// Views: reshape, permute, expand, slice and flip show the elements of their input in another way
// and compute nothing. Their gradients are views too, but for expand (a sum) and slice (the
// gradient laid into zeros, ops/pad.h).
#include "graph/op_def.h"
#include "ops/pad.h"
#include "ops/pointwise.h"

#include <algorithm>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::Node;
using graph::OpDef;
using graph::OpKind;
using graph::View;

struct ShapeAttributes {
    Shape shape;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("shape", shape);
    }
};

struct PermuteAttributes {
    std::vector<std::size_t> axes;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axes", axes);
    }
};

struct SliceAttributes {
    std::size_t axis;
    std::int64_t begin, count, step;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("begin", begin);
        visit("count", count);
        visit("step", step);
    }
};

std::vector<TensorSpec> infer_shape(std::span<const Tensor> inputs, const Attributes& attributes) {
    return {{attributes.as<ShapeAttributes>().shape, inputs[0].dtype()}};
}

const OpDef reshape_op{
    .name = "reshape",
    .listed = graph::in_list<reshape_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kView,
    .infer = infer_shape,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {reshape(c.d_y(), c.x(0).shape())};
    },
    .view = [](const Node& node,
               const View& input) { return graph::reshaped(input, node.outputs[0].shape); }};

const OpDef expand_op{.name = "expand",
                      .listed = graph::in_list<expand_op>,
                      .autocast = graph::AutocastRule::kAsGiven,
                      .kind = OpKind::kView,
                      .infer = infer_shape,
                      .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                          return {sum_to(c.d_y(), c.x(0).shape())};
                      },
                      .view =
                          [](const Node& node, const View& input) {
                              return std::optional(graph::expanded(input, node.outputs[0].shape));
                          }};

const OpDef permute_op{.name = "permute",
                       .listed = graph::in_list<permute_op>,
                       .autocast = graph::AutocastRule::kAsGiven,
                       .kind = OpKind::kView,
                       .infer = [](std::span<const Tensor> inputs,
                                   const Attributes& attributes) -> std::vector<TensorSpec> {
                           Shape shape = inputs[0].shape();
                           const auto& axes = attributes.as<PermuteAttributes>().axes;
                           for (std::size_t i = 0; i < axes.size(); ++i) {
                               shape = shape.with(i, inputs[0].shape()[axes[i]]);
                           }
                           return {{shape, inputs[0].dtype()}};
                       },
                       .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                           const auto& axes = c.attributes<PermuteAttributes>().axes;
                           std::vector<std::int64_t> back(axes.size());
                           for (std::size_t i = 0; i < axes.size(); ++i)
                               back[axes[i]] = static_cast<std::int64_t>(i);
                           return {permute(c.d_y(), back)};
                       },
                       .view =
                           [](const Node& node, const View& input) {
                               return std::optional(graph::permuted(
                                   input, node.attributes.as<PermuteAttributes>().axes));
                           }};

const OpDef slice_op{
    .name = "slice",
    .listed = graph::in_list<slice_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kView,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& slice = attributes.as<SliceAttributes>();
        return {{inputs[0].shape().with(slice.axis, slice.count), inputs[0].dtype()}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& slice = c.attributes<SliceAttributes>();
        const auto axis = static_cast<std::int64_t>(slice.axis);
        return {placed(c.d_y(), c.x(0).shape(), {{axis, slice.begin, slice.step}})};
    },
    .view =
        [](const Node& node, const View& input) {
            const auto& slice = node.attributes.as<SliceAttributes>();
            return std::optional(
                graph::sliced(input, slice.axis, slice.begin, slice.count, slice.step));
        }};

// `axes` are those that run backwards.
const OpDef flip_op{
    .name = "flip",
    .listed = graph::in_list<flip_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kView,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& axes = c.attributes<PermuteAttributes>().axes;
        return {flip(c.d_y(), std::vector<std::int64_t>(axes.begin(), axes.end()))};
    },
    .view =
        [](const Node& node, const View& input) {
            View view = input;
            for (const std::size_t axis : node.attributes.as<PermuteAttributes>().axes) {
                view = graph::sliced(view, axis, view.shape[axis] - 1, view.shape[axis], -1);
            }
            return std::optional(view);
        }};

// Axes resolved, ascending, each named once.
std::vector<std::size_t> resolve_axes(const char* operation, std::span<const std::int64_t> axes,
                                      const Shape& shape) {
    std::vector<std::size_t> resolved;
    for (const std::int64_t axis : axes)
        resolved.push_back(resolve_axis(operation, axis, shape));
    std::sort(resolved.begin(), resolved.end());
    if (std::adjacent_find(resolved.begin(), resolved.end()) != resolved.end()) {
        fail(ErrorKind::kInvalidArgument, "{}: axes [{}] of {} name one axis twice", operation,
             fmt::join(axes, ", "), to_string(shape));
    }
    return resolved;
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor reshape(const Tensor& x, const Shape& shape) {
    if (shape.count() != x.shape().count()) {
        fail(ErrorKind::kInvalidArgument, "reshape: {} has {} elements, {} has {}",
             to_string(x.shape()), x.shape().count(), to_string(shape), shape.count());
    }
    if (shape == x.shape()) return x;
    return graph::apply(reshape_op, graph::Attributes::of(ShapeAttributes{shape}), {x});
}

Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes) {
    std::vector<std::int64_t> filled(sizes);
    const auto open = std::find(filled.begin(), filled.end(), -1);
    if (open != filled.end()) {
        *open = 1;
        const std::int64_t rest = Shape(filled).count();
        if (rest == 0 || x.shape().count() % rest != 0) {
            fail(ErrorKind::kInvalidArgument,
                 "reshape: the {} elements of {} do not divide by the {} of the sizes given",
                 x.shape().count(), to_string(x.shape()), rest);
        }
        *open = x.shape().count() / rest;
    }
    return reshape(x, Shape(filled));
}

Tensor flatten(const Tensor& x, std::int64_t start_axis, std::int64_t end_axis) {
    if (x.shape().rank() == 0) return reshape(x, Shape{1});
    const std::size_t start = resolve_axis("flatten", start_axis, x.shape());
    const std::size_t end = resolve_axis("flatten", end_axis, x.shape());
    if (start > end) {
        fail(ErrorKind::kInvalidArgument, "flatten: axis {} lies behind axis {} in {}", start_axis,
             end_axis, to_string(x.shape()));
    }
    Shape shape = x.shape();
    for (std::size_t axis = start; axis < end; ++axis) {
        shape = shape.with(start, shape[start] * shape[start + 1]).without(start + 1);
    }
    return reshape(x, shape);
}

Tensor permute(const Tensor& x, std::span<const std::int64_t> axes) {
    std::vector<std::size_t> resolved;
    for (const std::int64_t axis : axes) {
        resolved.push_back(resolve_axis("permute", axis, x.shape()));
    }
    std::vector<std::size_t> sorted = resolved;
    std::sort(sorted.begin(), sorted.end());
    const bool distinct = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
    if (axes.size() != x.shape().rank() || !distinct) {
        fail(ErrorKind::kInvalidArgument, "permute: [{}] does not name every axis of {} once",
             fmt::join(axes, ", "), to_string(x.shape()));
    }
    if (std::is_sorted(resolved.begin(), resolved.end())) return x;
    return graph::apply(permute_op, graph::Attributes::of(PermuteAttributes{resolved}), {x});
}

Tensor permute(const Tensor& x, std::initializer_list<std::int64_t> axes) {
    return permute(x, std::span<const std::int64_t>(axes.begin(), axes.size()));
}

Tensor transpose(const Tensor& x, std::int64_t axis_a, std::int64_t axis_b) {
    const std::size_t a = resolve_axis("transpose", axis_a, x.shape());
    const std::size_t b = resolve_axis("transpose", axis_b, x.shape());
    std::vector<std::int64_t> axes(x.shape().rank());
    for (std::size_t i = 0; i < axes.size(); ++i)
        axes[i] = static_cast<std::int64_t>(i);
    std::swap(axes[a], axes[b]);
    return permute(x, axes);
}

Tensor expand(const Tensor& x, const Shape& shape) {
    if (broadcast("expand", x.shape(), shape) != shape) {
        fail(ErrorKind::kInvalidArgument, "expand: {} cannot be broadcast to {}",
             to_string(x.shape()), to_string(shape));
    }
    if (shape == x.shape()) return x;
    return graph::apply(expand_op, graph::Attributes::of(ShapeAttributes{shape}), {x});
}

Tensor constant(float value, Shape shape) {
    if (shape.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "constant: {} has no elements", to_string(shape));
    }
    return expand(Tensor(value), shape);
}

Tensor slice(const Tensor& x, const SliceOptions& options) {
    const std::size_t axis = resolve_axis("slice", options.axis, x.shape());
    const std::int64_t size = x.shape()[axis];
    const auto from_front = [&](std::int64_t at) { return at < 0 ? at + size : at; };
    const std::int64_t begin = from_front(options.begin);
    const std::int64_t end = from_front(options.end.value_or(size));
    if (begin < 0 || end > size || begin >= end || options.step < 1) {
        fail(ErrorKind::kInvalidArgument,
             "slice: [{}, {}) in steps of {} is not a part of axis {} of {}", begin, end,
             options.step, axis, to_string(x.shape()));
    }
    const std::int64_t count = (end - begin + options.step - 1) / options.step;
    if (count == size) return x;
    return graph::apply(
        slice_op, graph::Attributes::of(SliceAttributes{axis, begin, count, options.step}), {x});
}

Tensor flip(const Tensor& x, std::span<const std::int64_t> axes) {
    std::vector<std::size_t> backwards = resolve_axes("flip", axes, x.shape());
    std::erase_if(backwards, [&](std::size_t axis) { return x.shape()[axis] == 1; });
    if (backwards.empty()) return x;
    return graph::apply(flip_op, graph::Attributes::of(PermuteAttributes{backwards}), {x});
}

Tensor flip(const Tensor& x, std::initializer_list<std::int64_t> axes) {
    return flip(x, std::span<const std::int64_t>(axes.begin(), axes.size()));
}

Tensor unsqueeze(const Tensor& x, std::int64_t axis) {
    const auto rank = static_cast<std::int64_t>(x.shape().rank());
    if (axis < -rank - 1 || axis > rank || x.shape().rank() == Shape::kMaxRank) {
        fail(ErrorKind::kInvalidArgument,
             "unsqueeze: no axis {} can be added to {} (at most {} axes)", axis,
             to_string(x.shape()), Shape::kMaxRank);
    }
    const std::int64_t at = axis < 0 ? axis + rank + 1 : axis;
    return reshape(x, x.shape().inserted(static_cast<std::size_t>(at), 1));
}

Tensor squeeze(const Tensor& x) {
    Shape shape = x.shape();
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        if (shape[axis] == 1) shape = shape.without(axis);
    }
    return reshape(x, shape);
}

Tensor squeeze(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis("squeeze", axis, x.shape());
    return x.shape()[at] == 1 ? reshape(x, x.shape().without(at)) : x;
}

// Row-major, the diagonal of [N, M] is every (M + 1)-th element.
Tensor diagonal(const Tensor& x, std::int64_t offset, std::int64_t axis_a, std::int64_t axis_b) {
    const std::size_t a = resolve_axis("diagonal", axis_a, x.shape());
    const std::size_t b = resolve_axis("diagonal", axis_b, x.shape());
    if (a == b) {
        fail(ErrorKind::kInvalidArgument, "diagonal: axes {} and {} of {} are one axis", axis_a,
             axis_b, to_string(x.shape()));
    }
    const std::int64_t rows = x.shape()[a], columns = x.shape()[b];
    const std::int64_t count = std::min(rows + std::min<std::int64_t>(offset, 0),
                                        columns - std::max<std::int64_t>(offset, 0));
    if (count < 1) {
        fail(ErrorKind::kInvalidArgument, "diagonal: offset {} lies outside the {} x {} of {}",
             offset, rows, columns, to_string(x.shape()));
    }
    std::vector<std::int64_t> order;
    for (std::size_t axis = 0; axis < x.shape().rank(); ++axis) {
        if (axis != a && axis != b) order.push_back(static_cast<std::int64_t>(axis));
    }
    order.push_back(static_cast<std::int64_t>(a));
    order.push_back(static_cast<std::int64_t>(b));
    const Tensor flat = flatten(permute(x, order), -2);
    const std::int64_t begin = offset < 0 ? -offset * columns : offset;
    return slice(flat, {.axis = -1,
                        .begin = begin,
                        .end = begin + (count - 1) * (columns + 1) + 1,
                        .step = columns + 1});
}

}  // namespace ingot
