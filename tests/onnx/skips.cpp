// SPDX-License-Identifier: MIT
#include "skips.h"

#include "adapter.h"
#include "core/check.h"

#include <fstream>
#include <sstream>
#include <string_view>

namespace ingot::onnx_tests {

namespace {

bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '*') {
        return matches(pattern.substr(1), name) ||
               (!name.empty() && matches(pattern, name.substr(1)));
    }
    return !name.empty() && pattern.front() == name.front() &&
           matches(pattern.substr(1), name.substr(1));
}

}  // namespace

Skips::Skips(const std::string& file) {
    std::ifstream in(file);
    if (!in) fail(ErrorKind::kFile, "cannot read {}", file);
    int number = 0;
    for (std::string text; std::getline(in, text);) {
        ++number;
        if (text.empty() || text.front() == '#') continue;
        std::istringstream words(text);
        std::string kind;
        Line line;
        words >> kind >> line.pattern >> std::ws;
        std::getline(words, line.reason);
        if (line.reason.empty() || (kind != "operator" && kind != "case")) {
            fail(ErrorKind::kFile, "{}:{}: a line is `operator NAME REASON` or `case NAME REASON`",
                 file, number);
        }
        (kind == "case" ? cases_ : operators_).push_back(std::move(line));
    }
}

std::optional<std::string> Skips::reason_for_operator(const std::string& operation) {
    for (Line& line : operators_) {
        if (line.pattern != operation) continue;
        line.used = true;
        return line.reason;
    }
    return {};
}

std::optional<std::string> Skips::reason_for_case(const std::string& name) {
    for (Line& line : cases_) {
        if (!matches(line.pattern, name)) continue;
        line.used = true;
        return line.reason;
    }
    return {};
}

std::vector<std::string> Skips::unused() const {
    std::vector<std::string> patterns;
    for (const auto* lines : {&operators_, &cases_}) {
        for (const Line& line : *lines) {
            if (!line.used) patterns.push_back(line.pattern);
        }
    }
    return patterns;
}

std::vector<std::string> Skips::stale_operators() const {
    std::vector<std::string> names;
    for (const Line& line : operators_) {
        if (has_adapter(line.pattern)) names.push_back(line.pattern);
    }
    return names;
}

}  // namespace ingot::onnx_tests
