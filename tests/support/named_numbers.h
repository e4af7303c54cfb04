// SPDX-License-Identifier: MIT
// Numbers that tests and PyTorch compute by one formula from a name, so that no file of weights is
// needed and names that differ from PyTorch's are found, too: pytorch_side.py.
#pragma once

#include <ingot/host_tensor.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ingot::testing {

// `count` words that depend on the name.
std::vector<std::uint32_t> numbers(std::string_view name, std::int64_t count);
// In [-1, 1), 24 bits: equal in float and in double.
std::vector<float> uniform(std::string_view name, const Shape& shape);
// Of a parameter or buffer: scaled by its fan-in, or around 1 for scales and variances.
HostTensor start_value(std::string_view name, const Shape& shape);

}  // namespace ingot::testing
