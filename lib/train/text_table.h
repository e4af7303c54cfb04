// SPDX-License-Identifier: MIT
// Rows of text in columns that line up: the first to the left, numbers to the right.
#pragma once

#include <string>
#include <vector>

namespace ingot::train {

std::string text_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows);

// Four significant digits; "-" for what was not measured.
std::string short_number(double value);

}  // namespace ingot::train
