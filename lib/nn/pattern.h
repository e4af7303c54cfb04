// SPDX-License-Identifier: MIT
// Names chosen by patterns; what they mean stands in ingot/nn/transfer.h.
#pragma once

#include <ingot/nn/transfer.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::nn {

// Whether the pattern fits the name, or a part of it that ends before a dot.
bool fits(std::string_view pattern, std::string_view name);

// Which of the names any pattern chooses. Throws for a pattern that fits none, naming the nearest;
// `what` says who asks: "freeze".
std::vector<bool> chosen(const char* what, std::span<const std::string> names,
                         const Patterns& patterns);

}  // namespace ingot::nn
