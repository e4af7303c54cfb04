// SPDX-License-Identifier: MIT
// Sizes on their way into a kernel's parameters, which are words.
#pragma once

#include <cstdint>

namespace ingot::ops {

inline std::uint32_t word(std::int64_t value) {
    return static_cast<std::uint32_t>(value);
}

}  // namespace ingot::ops
