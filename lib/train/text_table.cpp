// SPDX-License-Identifier: MIT
#include "train/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::train {

std::string text_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const std::string& name : head)
        widths.push_back(name.size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    const auto add = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += i == 0 ? fmt::format("{:<{}}", row[i], widths[i])
                           : fmt::format("  {:>{}}", row[i], widths[i]);
        }
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    };
    add(head);
    for (const auto& row : rows)
        add(row);
    return text;
}

std::string short_number(double value) {
    return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

}  // namespace ingot::train
