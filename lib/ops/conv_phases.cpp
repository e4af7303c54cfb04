// SPDX-License-Identifier: MIT
// The data gradient of a convolution with large strides in one dispatch (shaders/conv_phases.comp),
// where a product for each phase of the stride would be hundreds.
#include "shaders/conv_phases.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/conv_lower.h"

#include <algorithm>
#include <numeric>

namespace ingot::ops {

using graph::Candidate;
using graph::LowerContext;

std::vector<Candidate> lower_phases(const LowerContext& context, const ConvGeometry& g) {
    constexpr std::uint32_t kBlock = 4, kLocalSize = 64;
    constexpr std::int64_t kMostRounds = 60'000;  // see lower_products
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    Triple step{};
    std::int64_t rounds = g.outputs / g.groups;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        step[axis] = g.stride[axis] / std::gcd(g.stride[axis], g.dilation[axis]);
        rounds *= (g.kernel[axis] + step[axis] - 1) / step[axis];
        rounds += std::min(step[axis], g.kernel[axis]);
    }
    if (rounds > kMostRounds) return {};

    const std::int64_t channels = g.channels / g.groups;
    const std::int64_t blocks = (channels + kBlock - 1) / kBlock;
    shaders::ConvPhasesParameters p{};
    p.blocks = word(blocks);
    p.groups = word(g.groups);
    p.count = word(g.batch * g.groups * blocks * product(g.image));
    p.group_channels = word(channels);
    p.group_outputs = word(g.outputs / g.groups);
    p.depth = word(g.image[0]);
    p.height = word(g.image[1]);
    p.width = word(g.image[2]);
    p.slices = word(g.result[0]);
    p.rows = word(g.result[1]);
    p.columns = word(g.result[2]);
    p.taps_z = word(g.kernel[0]);
    p.taps_y = word(g.kernel[1]);
    p.taps_x = word(g.kernel[2]);
    p.padding_z = word(g.padding[0]);
    p.padding_y = word(g.padding[1]);
    p.padding_x = word(g.padding[2]);

    const auto number = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
    const graph::PointwiseProgram& program = context.group.program;
    KernelCall call = KernelCall::make("conv_phases");
    graph::set_program(call, context.body, program);
    call.constant("LOCAL_SIZE", kLocalSize)
        .constant("BLOCK", kBlock)
        .constant("STRIDE_Z", number(g.stride[0]))
        .constant("STRIDE_Y", number(g.stride[1]))
        .constant("STRIDE_X", number(g.stride[2]))
        .constant("DILATION_Z", number(g.dilation[0]))
        .constant("DILATION_Y", number(g.dilation[1]))
        .constant("DILATION_X", number(g.dilation[2]))
        .constant("STEP_Z", number(step[0]))
        .constant("STEP_Y", number(step[1]))
        .constant("STEP_X", number(step[2]))
        .bind("a", graph::operand_of(context.body, op.inputs[0]))
        .bind("x", graph::operand_of(context.body, op.inputs[1]))
        .parameters(p)
        .dispatch(groups_for(p.count, kLocalSize, context.device));

    Candidate candidate;
    candidate.name = "conv_phases";
    candidate.calls.push_back(std::move(call));
    candidate.bytes = bytes_of(g);
    candidate.flops = 2.0 * p.count * kBlock * static_cast<double>(rounds);
    // A load costs as much as four multiplications, as conv_window.cpp has it.
    const double one = static_cast<double>(rounds) * (4 * (kBlock + 1) + kBlock) / 1.3 + 100;
    candidate.cost_ns =
        std::max<double>(p.count, cpu ? 16 : 8192) * one / (cpu ? 10 : 5000) + dispatch_ns(context);
    return {std::move(candidate)};
}

}  // namespace ingot::ops
