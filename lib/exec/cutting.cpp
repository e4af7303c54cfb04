// SPDX-License-Identifier: MIT
#include "exec/cutting.h"

namespace ingot::exec {

std::vector<std::size_t> cut(std::span<const double> times_ns, double budget_ns) {
    std::vector<std::size_t> cuts;
    double piece = 0;
    for (std::size_t i = 0; i < times_ns.size(); ++i) {
        if (piece > 0 && piece + times_ns[i] > budget_ns) {
            cuts.push_back(i);
            piece = 0;
        }
        piece += times_ns[i];
    }
    return cuts;
}

}  // namespace ingot::exec
