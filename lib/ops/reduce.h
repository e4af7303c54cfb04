// SPDX-License-Identifier: MIT
// Sets of axes, for everything that reduces along them.
#pragma once

#include <ingot/ops/reduce.h>

#include <string_view>

namespace ingot::ops {

// The axes that are named (all of them for none), ascending. Throws, naming `operation`, for one
// that does not exist or is named twice.
std::vector<std::size_t> reduced_axes(std::string_view operation,
                                      const std::vector<std::int64_t>& named, const Shape& shape);

// The shape with the axes removed, or left with size 1.
Shape reduced_shape(const Shape& shape, const std::vector<std::size_t>& axes, bool keep);

}  // namespace ingot::ops
