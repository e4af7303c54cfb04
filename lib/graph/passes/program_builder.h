// SPDX-License-Identifier: MIT
// Writes the pointwise operations of a group as one program, or says that they do not fit: too many
// inputs, outputs, immediates or instructions, or an access that the anchor cannot offer.
#pragma once

#include "graph/group.h"

#include <functional>

namespace ingot::graph {

// `is_output` tells which values must be stored.
std::optional<PointwiseProgram> build_program(const Body& body, const Group& group,
                                              const std::function<bool(ValueId)>& is_output);

}  // namespace ingot::graph
