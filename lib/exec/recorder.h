// SPDX-License-Identifier: MIT
// Records a compiled step: descriptor sets, barriers, dispatches, timestamps, in one command buffer
// for each submission it is cut into.
#pragma once

#include "exec/compile.h"
#include "exec/context.h"
#include "exec/cutting.h"
#include "vk/descriptors.h"
#include "vk/timestamps.h"

namespace ingot::exec {

// Where the regions of a plan lie on the device.
struct RegionBuffers {
    VkBuffer arena = VK_NULL_HANDLE;
    Range inputs;
    Range constants;
};

// Where timestamps are written.
enum class Timing {
    kNone,
    kWhole,   // queries 0 and 1 stand round the whole
    kSteps,   // query 0 comes first, query i + 1 after step i
    kPieces,  // queries 2 i and 2 i + 1 stand round piece i
};
std::uint32_t count_of_queries(Timing timing, std::size_t steps, std::size_t pieces);

struct Recording {
    vk::DescriptorPool descriptors;
    std::vector<vk::CommandBuffer> pieces;
    std::vector<Cut> cuts;  // between the pieces
    std::uint32_t barriers = 0;
    Timing timing = Timing::kNone;
};

struct RecorderOptions {
    std::vector<Cut> cuts;
    Timing timing = Timing::kNone;
    const vk::Timestamps* timestamps = nullptr;  // unless kNone
};

// `pipelines` and `sites` have one entry for each step. Command buffers come from `pool` where
// `reuse` has too few.
Recording record(Context& context, vk::CommandPool& pool, const Compiled& compiled,
                 std::span<const vk::Pipeline* const> pipelines,
                 std::span<const std::uint32_t> sites, const RegionBuffers& buffers,
                 std::vector<vk::CommandBuffer> reuse, const RecorderOptions& options);

struct PipelineUse {
    bool statistics = false;  // keep what vk::statistics_of() tells
    bool is_cut = false;      // its dispatch may be cut
};
const vk::Pipeline& pipeline_for(vk::Device& device, const KernelCall& call, PipelineUse use = {});
Range locate(const Context& context, const RegionBuffers& buffers, const ResolvedOperand& operand);

}  // namespace ingot::exec
