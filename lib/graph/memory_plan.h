// SPDX-License-Identifier: MIT
// Where every value of a step lies, to the byte, known before anything is allocated.
//
// Computed values share one arena by lifetime. A pointwise output takes over the memory of an input
// that dies with it. What becomes a parameter's new contents is computed in the parameter's place
// when nothing reads the old contents afterwards, and parts of a concatenation in their whole's.
#pragma once

#include "graph/group.h"

namespace ingot::graph {

enum class Region { kNone, kArena, kState, kInputs, kConstants };

struct Placement {
    Region region = Region::kNone;
    std::shared_ptr<Slab> slab;      // of kState
    std::uint64_t offset_bytes = 0;  // a multiple of kAlignmentBytes
    std::uint64_t size_bytes = 0;    // of the value itself
};

// A value moved to where it is needed, at the end of the step or before group `before`.
struct PlannedCopy {
    Use from;
    Placement to;
    std::size_t before;  // groups.size(): at the end
    bool updates_state;
};

struct Holder {  // for errors and summaries
    std::string name;
    std::uint64_t size_bytes;
};

struct Guard {  // bytes of the arena that no kernel may touch
    std::uint64_t offset_bytes;
    std::uint64_t size_bytes;
    std::string name;  // of the value it guards
};

struct MemoryPlan {
    std::vector<Placement> values;                            // by ValueId
    std::vector<std::vector<std::uint64_t>> scratch_offsets;  // by group; in the arena
    std::vector<PlannedCopy> copies;
    std::uint64_t arena_bytes = 0;
    std::uint64_t inputs_bytes = 0;
    std::uint64_t constants_bytes = 0;
    std::vector<Holder> holders;  // of the arena, the largest first
    std::vector<Guard> guards;
};

// `scratch_bytes` are those of each group's chosen candidate. Marks groups that write into a state.
// With guards, no two blocks of the arena share memory and each stands between two guards.
MemoryPlan plan_memory(const Body& body, std::vector<Group>& groups,
                       const std::vector<std::vector<std::uint64_t>>& scratch_bytes,
                       bool guard_bytes = false);

}  // namespace ingot::graph
