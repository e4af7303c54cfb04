// SPDX-License-Identifier: MIT
// Rotary position embedding (Su et al. 2021): pair n of a row's elements, seen as a point of the
// plane, is turned by its position times base^(-2 n / dims). The inner product of two rows then
// depends on how far apart they are. The gradient turns back by the same angles.
//   x [B, H, L, E] -> y [B, L, H, E], handed out as [B, H, L, E]
// Angles are exact at any position: shaders/rotary.comp says how.
#include "shaders/rotary.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/axis.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::View;

struct RotaryAttributes {
    double base;
    std::int64_t offset;
    std::int64_t dims;
    bool interleaved;
    bool inverse;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("base", base);
        visit("offset", offset);
        visit("dims", dims);
        visit("interleaved", interleaved);
        visit("inverse", inverse);
    }
};

// A fraction in [0, 1) in units of 2^-64, as two words.
std::pair<std::uint32_t, std::uint32_t> fixed_point(double fraction) {
    const auto bits = static_cast<std::uint64_t>(std::ldexp(fraction, 64));
    return {static_cast<std::uint32_t>(bits >> 32), static_cast<std::uint32_t>(bits)};
}

std::vector<graph::Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& a = op.attributes.as<RotaryAttributes>();
    const View& x = op.inputs[0].view;
    const auto size = [&](std::size_t axis) { return static_cast<std::uint32_t>(x.shape[axis]); };
    const auto stride = [&](std::size_t axis) {
        return x.shape[axis] == 1 ? 0 : static_cast<std::uint32_t>(x.strides[axis]);
    };
    if (x.shape.count() > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             op.def->name, to_string(x.shape));
    }
    shaders::RotaryParameters parameters{};
    parameters.B = size(0);
    parameters.H = size(1);
    parameters.L = size(2);
    parameters.E = size(3);
    parameters.pairs = static_cast<std::uint32_t>(a.dims / 2);
    parameters.first = static_cast<std::uint32_t>(a.offset);
    parameters.x_batch = stride(0);
    parameters.x_head = stride(1);
    parameters.x_row = stride(2);
    parameters.x_offset = static_cast<std::uint32_t>(x.offset);
    std::tie(parameters.turn_high, parameters.turn_low) = fixed_point(0.5 * std::numbers::inv_pi);
    for (std::uint32_t n = 0; n < shaders::kRotaryPowers; ++n) {
        const double exponent = -2.0 * std::ldexp(1.0, static_cast<int>(n));
        std::tie(parameters.power_high[n], parameters.power_low[n]) =
            fixed_point(std::pow(a.base, exponent / static_cast<double>(a.dims)));
    }

    constexpr std::uint32_t kLocalSize = 64;
    const std::uint64_t heads = static_cast<std::uint64_t>(parameters.B) * parameters.H;
    const std::uint64_t most = context.device.max_group_count[2];
    const auto per_group =
        static_cast<std::uint32_t>(std::max((heads + most - 1) / most, std::uint64_t{8}));
    const std::uint64_t units = static_cast<std::uint64_t>(parameters.E - parameters.pairs);
    auto groups = groups_for(units * parameters.L, kLocalSize, context.device);
    groups[2] = static_cast<std::uint32_t>((heads + per_group - 1) / per_group);
    KernelCall call = KernelCall::make("rotary");
    call.constant("LOCAL_SIZE", kLocalSize)
        .constant("HEADS", per_group)
        .constant("INTERLEAVED", a.interleaved)
        .constant("INVERSE", a.inverse)
        .bind("x", graph::operand_of(context.body, op.inputs[0].value))
        .bind("y", graph::operand_of(context.body, op.outputs[0]))
        .parameters(parameters)
        .dispatch(groups);
    return only_candidate(context, {std::move(call)}, 1.0);
}

extern const OpDef rotary_op;

std::vector<Tensor> gradient(const GradientContext& c) {
    RotaryAttributes attributes = c.attributes<RotaryAttributes>();
    attributes.inverse = !attributes.inverse;
    const Tensor d_x =
        graph::apply(rotary_op, Attributes::of(attributes), {transpose(c.d_y(), 1, 2)});
    return {transpose(d_x, 1, 2)};
}

const OpDef rotary_op{
    .name = "rotary",
    .listed = graph::in_list<rotary_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const Shape& x = inputs[0].shape();
        return {{{x[0], x[2], x[1], x[3]}, f32}};
    },
    .gradient = gradient,
    .lower = lower,
    .reads_narrow = true,
    .accepts = [](std::size_t,
                  const View& view) { return view.shape[3] == 1 || view.strides[3] == 1; }};

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor rotary_embedding(const Tensor& x, const RotaryOptions& options) {
    constexpr const char* kName = "rotary_embedding";
    if (!is_floating(x.dtype()) || x.shape().rank() != 4 || x.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32[B, H, L, E], none of them 0, not {}",
             kName, to_string(x.spec()));
    }
    const std::int64_t width = x.shape()[3], rows = x.shape()[2];
    const std::int64_t dims = options.dims.value_or(width);
    constexpr std::int64_t kMostDims = std::int64_t{2} << shaders::kRotaryPowers;
    if (dims < 2 || dims % 2 != 0 || dims > width || dims > kMostDims) {
        fail(ErrorKind::kInvalidArgument,
             "{}: rotates {} of the {} elements of a row of {}: an even number of 2 to {}, at most "
             "the row",
             kName, dims, width, to_string(x.shape()), kMostDims);
    }
    if (!(options.base > 1.0) || !std::isfinite(options.base)) {
        fail(ErrorKind::kInvalidArgument, "{}: base is {}, not a finite number above 1", kName,
             options.base);
    }
    constexpr std::int64_t kMostPositions = std::int64_t{1} << 31;
    if (options.offset < 0 || options.offset > kMostPositions - rows) {
        fail(ErrorKind::kInvalidArgument,
             "{}: {} rows from position {} on, positions are numbered from 0 to 2^31", kName, rows,
             options.offset);
    }
    const ops::RotaryAttributes attributes{options.base, options.offset, dims, options.interleaved,
                                           false};
    const Tensor y = graph::apply(ops::rotary_op, graph::Attributes::of(attributes), {x});
    return transpose(y, 1, 2);
}

}  // namespace ingot
