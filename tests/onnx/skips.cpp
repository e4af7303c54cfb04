// SPDX-License-Identifier: MIT
#include "skips.h"

#include "adapter.h"
#include "core/check.h"

#include <fstream>
#include <iomanip>
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
        Case line;
        words >> kind >> line.pattern >> std::ws;
        if (kind == "case" && words.peek() == '"') words >> std::quoted(line.symptom) >> std::ws;
        std::getline(words, line.reason);
        const bool is_whole = kind == "operator" || (kind == "case" && !line.symptom.empty());
        if (!is_whole || line.reason.empty()) {
            fail(ErrorKind::kFile,
                 "{}:{}: a line is `operator NAME REASON` or `case PATTERN \"SYMPTOM\" REASON`",
                 file, number);
        }
        (kind == "case" ? cases_ : operators_).push_back(std::move(line));
    }
}

std::optional<std::string> Skips::reason_for_operator(const std::string& operation) {
    for (Case& line : operators_) {
        if (line.pattern != operation) continue;
        line.used = true;
        return line.reason;
    }
    return {};
}

const Skips::Case* Skips::find_case(const std::string& name) {
    for (Case& line : cases_) {
        if (!matches(line.pattern, name)) continue;
        line.used = true;
        return &line;
    }
    return nullptr;
}

std::vector<std::string> Skips::unused() const {
    std::vector<std::string> patterns;
    for (const auto* lines : {&operators_, &cases_}) {
        for (const Case& line : *lines) {
            if (!line.used) patterns.push_back(line.pattern);
        }
    }
    return patterns;
}

std::vector<std::string> Skips::stale_operators() const {
    std::vector<std::string> names;
    for (const Case& line : operators_) {
        if (has_adapter(line.pattern)) names.push_back(line.pattern);
    }
    return names;
}

}  // namespace ingot::onnx_tests
