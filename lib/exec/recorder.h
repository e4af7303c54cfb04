// SPDX-License-Identifier: MIT
// Records a compiled step: descriptor sets, barriers, dispatches, timestamps, in one command buffer
// for each submission it is cut into.
#pragma once

#include "exec/compile.h"
#include "exec/context.h"
#include "vk/descriptors.h"
#include "vk/timestamps.h"

namespace ingot::exec {

// Where the regions of a plan lie on the device.
struct RegionBuffers {
    VkBuffer arena = VK_NULL_HANDLE;
    Range inputs;
    Range constants;
};

struct Recording {
    vk::DescriptorPool descriptors;
    std::vector<vk::CommandBuffer> pieces;
    std::vector<std::size_t> cuts;  // the first step of each piece after the first
    std::uint32_t barriers = 0;
    bool times_steps = false;  // see RecorderOptions
};

// What a Recording is made with. With `times_steps`, query i + 1 follows step i and query 0 comes
// first; otherwise queries 0 and 1 stand round the whole.
struct RecorderOptions {
    std::vector<std::size_t> cuts;
    const vk::Timestamps* timestamps = nullptr;
    bool times_steps = false;
};

// `pipelines` and `sites` have one entry for each step. Command buffers come from `pool` where
// `reuse` has too few.
Recording record(Context& context, vk::CommandPool& pool, const Compiled& compiled,
                 std::span<const vk::Pipeline* const> pipelines,
                 std::span<const std::uint32_t> sites, const RegionBuffers& buffers,
                 std::vector<vk::CommandBuffer> reuse, const RecorderOptions& options);

const vk::Pipeline& pipeline_for(vk::Device& device, const KernelCall& call,
                                 bool statistics = false);
Range locate(const Context& context, const RegionBuffers& buffers, const ResolvedOperand& operand);

}  // namespace ingot::exec
