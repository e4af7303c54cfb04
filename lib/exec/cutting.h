// SPDX-License-Identifier: MIT
// Where a long step is cut into submissions, so that none holds the device longer than the budget.
// One dispatch is never cut.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ingot::exec {

// The first index of each piece after the first, ascending: {} when one piece is enough.
std::vector<std::size_t> cut(std::span<const double> times_ns, double budget_ns);

}  // namespace ingot::exec
