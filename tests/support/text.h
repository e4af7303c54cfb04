// SPDX-License-Identifier: MIT
// Looking for parts of a text.
#pragma once

#include <string_view>

namespace ingot::testing {

inline bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

inline int count_of(std::string_view text, std::string_view part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

}  // namespace ingot::testing
