// SPDX-License-Identifier: MIT
#include "exec/hazards.h"

#include <algorithm>

namespace ingot::exec {

bool Hazards::add(std::span<const MemoryAccess> accesses) {
    const bool conflicts =
        std::any_of(accesses.begin(), accesses.end(), [&](const MemoryAccess& now) {
            return std::any_of(pending_.begin(), pending_.end(), [&](const MemoryAccess& before) {
                return now.buffer == before.buffer && now.begin < before.end &&
                       before.begin < now.end && (now.writes || before.writes);
            });
        });
    if (conflicts) pending_.clear();
    pending_.insert(pending_.end(), accesses.begin(), accesses.end());
    return conflicts;
}

}  // namespace ingot::exec
