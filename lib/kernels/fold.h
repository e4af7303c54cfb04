// SPDX-License-Identifier: MIT
// SPIR-V's integer and boolean operations on words that are known: 32-bit integers, and bools as 0
// or 1.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ingot::spirv {

// One value for each operand, empty where it is not known. Empty: the result is not known either,
// is undefined, or the operation is none of these.
std::optional<std::uint32_t> fold(std::uint32_t op,
                                  std::span<const std::optional<std::uint32_t>> operands);

}  // namespace ingot::spirv
