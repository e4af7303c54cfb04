// SPDX-License-Identifier: MIT
// How the work of many equal reductions is laid out over groups: rows of lanes, one row an output
// (shaders/common/group_reduce.glsl), and several partial results an output when there are too few
// outputs to keep a device busy.
#pragma once

#include "kernels/kernel_call.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace ingot::ops {

struct LanePlan {
    std::uint32_t local_size = 64;
    std::uint32_t lanes = 64;
    bool lanes_fast = true;
    std::uint32_t splits = 1;  // partial results an output
    std::uint32_t chunk = 0;   // reduced elements of each

    std::uint32_t rows() const { return local_size / lanes; }

    void apply(KernelCall& call) const {
        call.constant("LOCAL_SIZE", local_size)
            .constant("LANES", lanes)
            .constant("LANES_FAST", lanes_fast);
    }
    std::array<std::uint32_t, 3> groups(std::uint64_t outputs,
                                        const DeviceDescription& device) const {
        const std::uint64_t row_groups = (outputs + rows() - 1) / rows();
        return groups_for(row_groups * splits, 1, device);
    }
};

// `contiguous`: whether neighbours along the reduced axis are neighbours in memory; else
// neighbouring outputs are taken to be. `max_splits` is 1 where partial results cannot be joined.
inline LanePlan plan_lanes(std::uint64_t outputs, std::uint64_t reduced, bool contiguous,
                           const DeviceDescription& device, std::uint32_t max_splits = 1) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    LanePlan plan;
    plan.lanes_fast = contiguous;
    plan.local_size = std::min(cpu ? 32u : 256u, std::bit_floor(device.max_invocations));
    // lavapipe before Mesa 25 leaves an invocation's loops after 65535 rounds: three passes of
    // this.
    constexpr std::uint64_t kLongestPass = 16384;
    const std::uint64_t least_lanes =
        cpu ? (reduced / max_splits + kLongestPass - 1) / kLongestPass : 1;
    while (plan.local_size < least_lanes &&
           2 * plan.local_size <= std::min(device.max_invocations, 256u))
        plan.local_size *= 2;
    const std::uint64_t local_size = plan.local_size;

    // A card wants memory read side by side and short loops. For a processor barriers are dear and
    // loops are not: one lane a row, unless there are too few rows for its vectors.
    std::uint64_t lanes = std::bit_floor(std::max<std::uint64_t>(reduced / (cpu ? 64 : 4), 1));
    std::uint64_t most_lanes = local_size;
    if (cpu) {
        most_lanes = local_size / std::min(std::bit_ceil(outputs), local_size);
    } else if (!contiguous) {  // a stretch of outputs side by side first
        most_lanes = local_size / std::min<std::uint64_t>(std::bit_ceil(outputs), 32);
    }
    lanes = std::min(lanes, std::max<std::uint64_t>(most_lanes, 1));
    lanes = std::max(lanes, std::min(std::bit_ceil(least_lanes), local_size));
    plan.lanes = static_cast<std::uint32_t>(lanes);

    const std::uint64_t groups = (outputs + plan.rows() - 1) / plan.rows();
    const std::uint64_t wanted_groups = cpu ? 64 : 512;
    const std::uint64_t shortest = lanes * (cpu ? 1024 : 16);
    std::uint64_t splits =
        std::min({wanted_groups / groups, reduced / shortest, std::uint64_t{max_splits}});
    splits = std::max<std::uint64_t>(splits, 1);
    const std::uint64_t chunk = (reduced + splits - 1) / splits;
    plan.chunk = static_cast<std::uint32_t>(chunk);
    plan.splits = static_cast<std::uint32_t>((reduced + chunk - 1) / chunk);
    return plan;
}

}  // namespace ingot::ops
