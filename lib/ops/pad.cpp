// SPDX-License-Identifier: MIT
// pad, and place, on which constant padding and the gradient of a slice rest:
//   y[begin + step i] = x[i] along each axis, a fill word elsewhere      d_x = the slice of d_y
// One kernel writes each element of y once. The other modes lay slices of x side by side, turned
// round or repeated as views, so that their gradients are those of slice, flip and expand.
#include "ops/pad.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/pointwise.h"
#include "ops/word.h"
#include "shaders/place.h"

#include <ingot/ops.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::View;

struct PlaceAttributes {
    Shape shape;
    std::vector<std::int64_t> begin, step;  // by axis
    std::uint32_t fill;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("shape", shape);
        visit("begin", begin);
        visit("step", step);
        visit("fill", fill);
    }
};

Tensor taken_back(const GradientContext& c) {
    const auto& place = c.attributes<PlaceAttributes>();
    Tensor d = c.d_y();
    for (std::size_t axis = 0; axis < place.shape.rank(); ++axis) {
        const std::int64_t count = c.x(0).shape()[axis];
        d = slice(d, {.axis = static_cast<std::int64_t>(axis),
                      .begin = place.begin[axis],
                      .end = place.begin[axis] + (count - 1) * place.step[axis] + 1,
                      .step = place.step[axis]});
    }
    return d;
}

// The axes of y, those merged along which x lies as it does in y.
shaders::PlaceParameters parameters_of(const PlaceAttributes& place, const View& x) {
    using shaders::kPlaceAxes;
    struct Axis {
        std::int64_t size, count, stride, begin, step;
        bool whole() const { return size == count; }
    };
    std::vector<Axis> axes;
    for (std::size_t i = 0; i < place.shape.rank(); ++i) {
        const Axis axis{place.shape[i], x.shape[i], x.strides[i], place.begin[i], place.step[i]};
        if (axis.size == 1) continue;
        const bool merges = !axes.empty() && axes.back().whole() && axis.whole() &&
                            axes.back().stride == axis.stride * axis.size;
        if (merges) {
            const std::int64_t size = axes.back().size * axis.size;
            axes.back() = {size, size, axis.stride, 0, 1};
        } else {
            axes.push_back(axis);
        }
    }
    if (axes.size() > kPlaceAxes || place.shape.count() > 0xffffffffll) {
        fail(ErrorKind::kUnsupported,
             "pad: {} has more axes than the kernel follows ({}), or more than 2^32 elements",
             to_string(place.shape), kPlaceAxes);
    }
    shaders::PlaceParameters p{};
    for (shaders::PlaceAxis& axis : p.axes)
        axis = {1, 1, 0, 0, 1};
    for (std::size_t i = 0; i < axes.size(); ++i) {
        p.axes[kPlaceAxes - axes.size() + i] = {word(axes[i].size), word(axes[i].count),
                                                word(axes[i].stride), word(axes[i].begin),
                                                word(axes[i].step)};
    }
    p.offset = word(x.offset);
    p.count = word(place.shape.count());
    p.fill = place.fill;
    return p;
}

std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto p = parameters_of(op.attributes.as<PlaceAttributes>(), op.inputs[0].view);
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make("place");
    call.constant("LOCAL_SIZE", kLocalSize)
        .bind("x", graph::operand_of(context.body, op.inputs[0].value))
        .bind("y", graph::operand_of(context.body, op.outputs[0]))
        .parameters(p)
        .dispatch(groups_for(p.count, kLocalSize, context.device));
    Candidate candidate{.name = "place", .calls = {std::move(call)}, .scratch_bytes = {}};
    candidate.bytes = 4.0 * static_cast<double>(p.count + op.inputs[0].view.shape.count());
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

const OpDef place_op{
    .name = "place",
    .listed = graph::in_list<place_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<PlaceAttributes>().shape, inputs[0].dtype()}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> { return {taken_back(c)}; },
    .lower = lower,
    .accepts = [](std::size_t,
                  const View& view) { return view.shape.rank() <= shaders::kPlaceAxes; }};

// The elements put before or behind x along one axis, `count` of them.
Tensor continuation(const Tensor& x, std::int64_t axis, std::int64_t count, bool before,
                    PadMode mode) {
    const std::int64_t size = x.shape()[static_cast<std::size_t>(axis)];
    const auto part = [&](std::int64_t begin, std::int64_t end) {
        return slice(x, {.axis = axis, .begin = begin, .end = end});
    };
    if (mode == PadMode::kReflect) {
        return flip(before ? part(1, count + 1) : part(size - 1 - count, size - 1), {axis});
    }
    if (mode == PadMode::kCircular) return before ? part(size - count, size) : part(0, count);
    return expand(before ? part(0, 1) : part(size - 1, size),
                  x.shape().with(static_cast<std::size_t>(axis), count));
}

constexpr const char* kModeNames[] = {"constant", "reflect", "replicate", "circular"};

// How far a mode can continue an axis of `size` on one side.
std::int64_t reach_of(PadMode mode, std::int64_t size) {
    if (mode == PadMode::kReflect) return size - 1;
    return mode == PadMode::kCircular ? size : std::int64_t{1} << 40;
}

std::uint32_t fill_word(const Tensor& x, float value) {
    const DType dtype = x.dtype();
    if (is_floating(dtype)) return std::bit_cast<std::uint32_t>(value);
    const float low = dtype == i32 ? -0x1p30F : 0;
    const float high = dtype == i32 ? 0x1p30F : dtype == u8 ? 255 : 1;
    if (!(value == std::trunc(value) && value >= low && value <= high)) {
        fail(ErrorKind::kInvalidArgument, "pad: {} cannot be padded with {}", to_string(x.spec()),
             value);
    }
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
}

}  // namespace

Tensor placed(const Tensor& x, const Shape& shape, const std::vector<AxisPlace>& axes,
              std::uint32_t fill) {
    PlaceAttributes place{shape, std::vector<std::int64_t>(shape.rank(), 0),
                          std::vector<std::int64_t>(shape.rank(), 1), fill};
    for (const AxisPlace& at : axes) {
        place.begin[static_cast<std::size_t>(at.axis)] = at.begin;
        place.step[static_cast<std::size_t>(at.axis)] = at.step;
    }
    // What was laid into the same fill before is laid at once: slices of several axes, one after
    // the other.
    Tensor source = x;
    if (x.node()->def == &place_op) {
        const auto& inner = x.node()->attributes.as<PlaceAttributes>();
        if (inner.fill == fill) {
            source = x.node()->inputs[0];
            for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
                place.begin[axis] += place.step[axis] * inner.begin[axis];
                place.step[axis] *= inner.step[axis];
            }
        }
    }
    return graph::apply(place_op, Attributes::of(std::move(place)), {source});
}

}  // namespace ingot::ops

namespace ingot {

Tensor pad(const Tensor& x, const PadOptions& options) {
    using namespace ops;
    std::vector<bool> named(x.shape().rank());
    std::vector<AxisPlace> places;
    Shape shape = x.shape();
    Tensor y = x;
    for (const AxisPadding& padding : options.axes) {
        const std::size_t at = resolve_axis("pad", padding.axis, x.shape());
        const auto axis = static_cast<std::int64_t>(at);
        const std::int64_t size = x.shape()[at];
        if (named[at]) {
            fail(ErrorKind::kInvalidArgument, "pad: axis {} of {} is named twice", padding.axis,
                 to_string(x.shape()));
        }
        named[at] = true;
        const std::int64_t before = std::max<std::int64_t>(padding.before, 0);
        const std::int64_t after = std::max<std::int64_t>(padding.after, 0);
        const std::int64_t begin = std::max<std::int64_t>(-padding.before, 0);
        const std::int64_t end = size - std::max<std::int64_t>(-padding.after, 0);
        const std::int64_t reach = reach_of(options.mode, size);
        if (begin >= end || before > reach || after > reach) {
            fail(ErrorKind::kInvalidArgument,
                 "pad: {} before and {} after are too much for axis {} of {} in mode {}",
                 padding.before, padding.after, padding.axis, to_string(x.shape()),
                 kModeNames[static_cast<std::size_t>(options.mode)]);
        }
        if (options.mode == PadMode::kConstant) {
            y = slice(y, {.axis = axis, .begin = begin, .end = end});
            shape = shape.with(at, before + end - begin + after);
            if (before > 0 || after > 0) places.push_back({axis, before, 1});
            continue;
        }
        std::vector<Tensor> parts;
        if (before > 0) parts.push_back(continuation(y, axis, before, true, options.mode));
        parts.push_back(slice(y, {.axis = axis, .begin = begin, .end = end}));
        if (after > 0) parts.push_back(continuation(y, axis, after, false, options.mode));
        y = concatenate(parts, axis);
    }
    if (places.empty()) return y;
    return cast(placed(in_words(y), shape, places, fill_word(x, options.value)), x.dtype());
}

}  // namespace ingot
