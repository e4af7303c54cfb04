// SPDX-License-Identifier: MIT
// Taking tensors apart and putting them together, in terms of slice, expand and concatenate:
//   split: y_i = the slices of x      d_x = the d_y_i side by side, zeros for parts nobody used
//   roll:  y[(i + s) mod n] = x[i]    d_x = roll(d_y, -s)
// Both are operators only for their gradients, which would else add up a whole tensor for each
// part.
#include "graph/op_def.h"

#include <ingot/ops.h>

#include <algorithm>
#include <numeric>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::Node;
using graph::OpDef;
using graph::OpKind;

struct SplitAttributes {
    std::size_t axis;
    std::vector<std::int64_t> sizes;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("sizes", sizes);
    }
};

struct RollAttributes {
    std::size_t axis;
    std::int64_t shift;  // in (0, size)
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("shift", shift);
    }
};

const OpDef split_op{
    .name = "split",
    .listed = graph::in_list<split_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& split = attributes.as<SplitAttributes>();
        std::vector<TensorSpec> parts;
        for (const std::int64_t size : split.sizes) {
            parts.push_back({inputs[0].shape().with(split.axis, size), inputs[0].dtype()});
        }
        return parts;
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        std::vector<Tensor> parts = c.d_outputs;
        parts.resize(c.outputs.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const TensorSpec& spec = c.outputs[i].spec();
            if (!parts[i]) parts[i] = cast(constant(0.0F, spec.shape), spec.dtype);
        }
        const auto axis = c.attributes<SplitAttributes>().axis;
        return {concatenate(parts, static_cast<std::int64_t>(axis))};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const auto& split = node.attributes.as<SplitAttributes>();
        std::vector<Tensor> parts;
        std::int64_t begin = 0;
        for (const std::int64_t size : split.sizes) {
            parts.push_back(slice(node.inputs[0], {.axis = static_cast<std::int64_t>(split.axis),
                                                   .begin = begin,
                                                   .end = begin + size}));
            begin += size;
        }
        return parts;
    }};

const OpDef roll_op{
    .name = "roll",
    .listed = graph::in_list<roll_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& a = c.attributes<RollAttributes>();
        return {roll(c.d_y(), -a.shift, static_cast<std::int64_t>(a.axis))};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const auto& a = node.attributes.as<RollAttributes>();
        const auto axis = static_cast<std::int64_t>(a.axis);
        const Tensor& x = node.inputs[0];
        const Tensor parts[] = {slice(x, {.axis = axis, .begin = -a.shift}),
                                slice(x, {.axis = axis, .end = -a.shift})};
        return {concatenate(parts, axis)};
    }};

// `repeats` copies side by side along a new axis in front of `axis`.
Tensor repeated(const Tensor& x, std::size_t axis, std::int64_t repeats) {
    const Shape with_axis = x.shape().inserted(axis, 1);
    return expand(reshape(x, with_axis), with_axis.with(axis, repeats));
}

void expect_room(const char* operation, const Tensor& x) {
    if (x.shape().rank() < Shape::kMaxRank) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} has no room for one axis more (at most {})",
         operation, to_string(x.shape()), Shape::kMaxRank);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

std::vector<Tensor> split(const Tensor& x, std::span<const std::int64_t> sizes, std::int64_t axis) {
    const std::size_t at = resolve_axis("split", axis, x.shape());
    const bool positive =
        std::all_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size > 0; });
    const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    if (!positive || total != x.shape()[at]) {
        fail(ErrorKind::kInvalidArgument, "split: sizes [{}] do not make up axis {} of {}",
             fmt::join(sizes, ", "), axis, to_string(x.shape()));
    }
    if (sizes.size() == 1) return {x};
    return graph::apply_unwidened(  // nothing is computed: all parts are of the type of x
        ops::split_op,
        graph::Attributes::of(ops::SplitAttributes{at, {sizes.begin(), sizes.end()}}), {x});
}

std::vector<Tensor> split(const Tensor& x, std::initializer_list<std::int64_t> sizes,
                          std::int64_t axis) {
    return split(x, std::span<const std::int64_t>(sizes.begin(), sizes.size()), axis);
}

std::vector<Tensor> split(const Tensor& x, std::int64_t size, std::int64_t axis) {
    const std::int64_t whole = x.shape()[resolve_axis("split", axis, x.shape())];
    if (size < 1) {
        fail(ErrorKind::kInvalidArgument, "split: parts of size {}, must be at least 1", size);
    }
    std::vector<std::int64_t> sizes;
    for (std::int64_t begin = 0; begin < whole; begin += size)
        sizes.push_back(std::min(size, whole - begin));
    return split(x, std::span<const std::int64_t>(sizes), axis);
}

std::vector<Tensor> chunk(const Tensor& x, std::int64_t chunks, std::int64_t axis) {
    const std::int64_t whole = x.shape()[resolve_axis("chunk", axis, x.shape())];
    if (chunks < 1) {
        fail(ErrorKind::kInvalidArgument, "chunk: {} chunks, must be at least 1", chunks);
    }
    return split(x, (whole + chunks - 1) / chunks, axis);
}

std::vector<Tensor> unbind(const Tensor& x, std::int64_t axis) {
    const std::size_t at = resolve_axis("unbind", axis, x.shape());
    std::vector<Tensor> parts = split(x, 1, axis);
    for (Tensor& part : parts)
        part = reshape(part, part.shape().without(at));
    return parts;
}

Tensor stack(std::span<const Tensor> tensors, std::int64_t axis) {
    if (tensors.empty()) fail(ErrorKind::kInvalidArgument, "stack: no tensors");
    std::vector<Tensor> parts;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].spec() != tensors[0].spec()) {
            fail(ErrorKind::kInvalidArgument, "stack: input {} is {}, input 0 is {}", i,
                 to_string(tensors[i].spec()), to_string(tensors[0].spec()));
        }
        parts.push_back(unsqueeze(tensors[i], axis));
    }
    return concatenate(parts, axis);
}

Tensor tile(const Tensor& x, std::span<const std::int64_t> repeats) {
    Tensor y = x;
    while (y.shape().rank() < repeats.size())
        y = unsqueeze(y, 0);
    const std::size_t lead = y.shape().rank() - repeats.size();
    for (std::size_t i = 0; i < repeats.size(); ++i) {
        if (repeats[i] < 1) {
            fail(ErrorKind::kInvalidArgument, "tile: repeats [{}] must be at least 1",
                 fmt::join(repeats, ", "));
        }
        if (repeats[i] == 1) continue;
        const std::size_t axis = lead + i;
        const Shape shape = y.shape().with(axis, y.shape()[axis] * repeats[i]);
        if (y.shape()[axis] == 1) {
            y = expand(y, shape);
            continue;
        }
        ops::expect_room("tile", y);
        y = reshape(ops::repeated(y, axis, repeats[i]), shape);
    }
    return y;
}

Tensor tile(const Tensor& x, std::initializer_list<std::int64_t> repeats) {
    return tile(x, std::span<const std::int64_t>(repeats.begin(), repeats.size()));
}

Tensor repeat_interleave(const Tensor& x, std::int64_t repeats, std::int64_t axis) {
    const std::size_t at = resolve_axis("repeat_interleave", axis, x.shape());
    if (repeats < 1) {
        fail(ErrorKind::kInvalidArgument, "repeat_interleave: {} repeats, must be at least 1",
             repeats);
    }
    if (repeats == 1) return x;
    ops::expect_room("repeat_interleave", x);
    return reshape(ops::repeated(x, at + 1, repeats), x.shape().with(at, x.shape()[at] * repeats));
}

Tensor roll(const Tensor& x, std::int64_t shift, std::int64_t axis) {
    const std::size_t at = resolve_axis("roll", axis, x.shape());
    const std::int64_t size = x.shape()[at];
    const std::int64_t forward = (shift % size + size) % size;
    if (forward == 0) return x;
    return graph::apply(ops::roll_op, graph::Attributes::of(ops::RollAttributes{at, forward}), {x});
}

}  // namespace ingot
