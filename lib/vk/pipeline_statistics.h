// SPDX-License-Identifier: MIT
// What the driver's compiler tells about a pipeline: registers, spills, shared memory,
// instructions, each under the driver's own name. The pipeline was made with
// PipelineDesc::statistics.
#pragma once

#include "vk/pipeline.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::vk {

class Device;

struct PipelineStatistic {
    std::string name;
    double value = 0;
};

// A compute pipeline is mostly one of these; some compilers make one for each subgroup size.
struct PipelineExecutable {
    std::string name;
    std::uint32_t subgroup_size = 0;
    std::vector<PipelineStatistic> statistics;
};

std::vector<PipelineExecutable> statistics_of(const Device& device, const Pipeline& pipeline);

}  // namespace ingot::vk
