// SPDX-License-Identifier: MIT
// From a graph to what the recorder needs: groups lowered, candidates chosen, memory planned, every
// binding resolved to a region and a range. Nothing here touches Vulkan, so it runs and is tested
// against the description of a device that is not there.
#pragma once

#include "graph/memory_plan.h"
#include "kernels/device_description.h"

#include <ingot/graph.h>

#include <string>
#include <vector>

namespace ingot::exec {

// Where a binding points once the plan is known.
struct ResolvedOperand {
    enum class Kind { kUnused, kArena, kState, kInputs, kConstants, kStatus };

    Kind kind = Kind::kUnused;
    std::shared_ptr<graph::Slab> slab;  // of kState
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;
};

struct Step {
    KernelCall call;
    std::vector<ResolvedOperand> operands;  // one for each binding of the kernel
    std::size_t group = 0;                  // groups.size() for copies at the end
    double flops = 0, bytes = 0;
    double estimate_ns = 0;
    bool reports = false;  // writes the status block: its first parameter is its site
};

struct Compiled {
    graph::Body body;
    std::vector<graph::Group> groups;
    graph::MemoryPlan memory;
    std::vector<Step> steps;
    std::vector<std::string> candidates;  // of the groups that had a choice; sorted
};

struct CompileSettings {
    bool guard_bytes = false;
    std::string candidate;  // see CompileOptions
};

Compiled compile(const Graph& graph, const DeviceDescription& device,
                 const CompileSettings& settings = {});

std::string to_text(const Compiled& compiled);

}  // namespace ingot::exec
