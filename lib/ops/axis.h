// SPDX-License-Identifier: MIT
// Kernels over the rows along one axis of a tensor: [A, cols, S] for whichever axis it is, so that
// none needs a transposed copy.
#pragma once

#include "graph/program_call.h"
#include "ops/lanes.h"
#include "shaders/axis.h"

namespace ingot::ops {

struct AxisAttributes {
    std::size_t axis;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
    }
};

inline shaders::AxisParameters axis_parameters(std::string_view operation, const Shape& shape,
                                               std::size_t axis) {
    if (shape.count() > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             operation, to_string(shape));
    }
    shaders::AxisParameters parameters{};
    parameters.cols = static_cast<std::uint32_t>(shape[axis]);
    parameters.stride = static_cast<std::uint32_t>(contiguous_strides(shape)[axis]);
    parameters.rows = static_cast<std::uint32_t>(shape.count() / shape[axis]);
    return parameters;
}

// A call of `kernel` with the lanes and parameters of an axis, and its group count.
inline KernelCall axis_call(const char* kernel, const shaders::AxisParameters& parameters,
                            const DeviceDescription& device) {
    const LanePlan plan =
        plan_lanes(parameters.rows, parameters.cols, parameters.stride == 1, device);
    KernelCall call = KernelCall::make(kernel);
    plan.apply(call);
    call.parameters(parameters).dispatch(plan.groups(parameters.rows, device));
    return call;
}

// One call as the only candidate; every operand is read or written once, so bytes are the cost.
inline std::vector<graph::Candidate> only_candidate(const graph::LowerContext& context,
                                                    std::vector<KernelCall> calls,
                                                    double flops_per_byte) {
    graph::Candidate candidate;
    candidate.name = std::string(calls[0].kernel->name);
    candidate.calls = std::move(calls);
    for (const auto& values :
         {context.group.reads(context.body), context.group.writes(context.body)}) {
        for (const graph::ValueId value : values) {
            candidate.bytes +=
                static_cast<double>(graph::size_bytes_of(context.body.values[value].spec));
        }
    }
    candidate.flops = candidate.bytes * flops_per_byte;
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

}  // namespace ingot::ops
