// SPDX-License-Identifier: MIT
// Which commands need a barrier before them: those that touch memory which another command since
// the last barrier has written, or write what one has read. Derived from the access the shaders
// declare; a barrier is global, so one serves all that is pending.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ingot::exec {

struct MemoryAccess {
    std::uint64_t buffer = 0;  // any identity
    std::uint64_t begin = 0, end = 0;
    bool writes = false;
};

class Hazards {
public:
    // Whether a barrier must come first. Either way the accesses are pending from now on.
    bool add(std::span<const MemoryAccess> accesses);
    void clear() { pending_.clear(); }

private:
    std::vector<MemoryAccess> pending_;
};

}  // namespace ingot::exec
