// SPDX-License-Identifier: MIT
// The sort engine: the calls that put the rows along an axis in order, for sort itself and for
// whatever gathers equal indices (ops/scatter.cpp).
#pragma once

#include "graph/group.h"
#include "shaders/axis.h"

namespace ingot::ops {

struct SortTask {
    shaders::AxisParameters axis;  // of x
    std::uint32_t keep = 0;        // elements wanted of each row, from the first of the order
    bool integers = false;
    bool descending = false;
    Operand x;
    Operand values{Operand::Kind::kUnused, 0, 0, 0};  // x in order, `keep` elements a row
    Operand places{Operand::Kind::kUnused, 0, 0, 0};  // where they stood
};

// Adds the calls and the scratch that they need to `candidate`, and their cost.
void add_sort(graph::Candidate& candidate, const SortTask& task, const DeviceDescription& device);

}  // namespace ingot::ops
