// SPDX-License-Identifier: MIT
// Views: reshape, permute, expand and slice show the elements of their input in another way and
// compute nothing. Their gradients are views too, but for expand (a sum) and slice (the gradient
// laid into zeros by pad).
#include "graph/op_def.h"
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
    .kind = OpKind::kView,
    .infer = infer_shape,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {reshape(c.d_y(), c.x(0).shape())};
    },
    .view = [](const Node& node,
               const View& input) { return graph::reshaped(input, node.outputs[0].shape); }};

const OpDef expand_op{.name = "expand",
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

// The gradient of a slice: zeros, with `d` where the slice was taken.
Tensor embedded(const Tensor& d, const Shape& shape, const SliceAttributes& slice) {
    const std::size_t axis = slice.axis;
    Tensor spread = d;
    if (slice.step > 1) {  // step - 1 zeros behind each element
        const Shape gaps = d.shape().inserted(axis + 1, slice.step - 1);
        const Tensor pair[] = {reshape(d, d.shape().inserted(axis + 1, 1)), constant(0.0F, gaps)};
        spread = reshape(concatenate(pair, static_cast<std::int64_t>(axis) + 1),
                         d.shape().with(axis, slice.count * slice.step));
    }
    const std::int64_t after = shape[axis] - slice.begin - spread.shape()[axis];
    if (after < 0) {  // the last element's gap reaches beyond the end
        const std::int64_t size = spread.shape()[axis];
        spread =
            ingot::slice(spread, {.axis = static_cast<std::int64_t>(axis), .end = size + after});
    }
    std::vector<Tensor> parts;
    if (slice.begin > 0) parts.push_back(constant(0.0F, shape.with(axis, slice.begin)));
    parts.push_back(spread);
    if (after > 0) parts.push_back(constant(0.0F, shape.with(axis, after)));
    return parts.size() == 1 ? parts[0] : concatenate(parts, static_cast<std::int64_t>(axis));
}

const OpDef slice_op{
    .name = "slice",
    .kind = OpKind::kView,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& slice = attributes.as<SliceAttributes>();
        return {{inputs[0].shape().with(slice.axis, slice.count), inputs[0].dtype()}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {embedded(c.d_y(), c.x(0).shape(), c.attributes<SliceAttributes>())};
    },
    .view =
        [](const Node& node, const View& input) {
            const auto& slice = node.attributes.as<SliceAttributes>();
            return std::optional(
                graph::sliced(input, slice.axis, slice.begin, slice.count, slice.step));
        }};

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

}  // namespace ingot
