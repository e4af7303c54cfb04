// SPDX-License-Identifier: MIT
// Writes the pointwise operations of a group as one program, or says that they do not fit: too many
// inputs, outputs, immediates or instructions, or an access that the anchor cannot offer.
#pragma once

#include "graph/group.h"

#include <functional>

namespace ingot::graph {

// `is_output` tells which values must be stored; `stores_narrow`, whether a kernel with an epilogue
// can store elements of 16 bits.
std::optional<PointwiseProgram> build_program(const Body& body, const Group& group,
                                              const std::function<bool(ValueId)>& is_output,
                                              bool stores_narrow);

}  // namespace ingot::graph
