// SPDX-License-Identifier: MIT
#include "nn/pattern.h"

#include "core/check.h"

#include <algorithm>
#include <numeric>

namespace ingot::nn {
namespace {

// The characters that pattern[at] stands for: a set in brackets, or one. Moves `at` behind it.
bool takes(std::string_view pattern, std::size_t& at, char c) {
    // As in fnmatch, a bracket that comes first in a set belongs to it, and one that is never
    // closed is a character like others.
    const std::size_t first = at + 1 < pattern.size() && pattern[at + 1] == '!' ? at + 2 : at + 1;
    const std::size_t end =
        pattern[at] == '[' ? pattern.find(']', first + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
        const char wanted = pattern[at++];
        return wanted == '?' || wanted == c;
    }
    const std::string_view set = pattern.substr(first, end - first);
    const bool negated = pattern[at + 1] == '!';
    bool found = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (i + 2 < set.size() && set[i + 1] == '-') {
            found = found || (set[i] <= c && c <= set[i + 2]);
            i += 2;
        } else {
            found = found || set[i] == c;
        }
    }
    at = end + 1;
    return found != negated;
}

// The latest * takes one more character whenever what follows it does not fit.
bool fits_whole(std::string_view pattern, std::string_view name) {
    std::size_t p = 0, n = 0, behind_star = std::string_view::npos, star_ends = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            behind_star = ++p;
            star_ends = n;
        } else if (std::size_t next = p; p < pattern.size() && takes(pattern, next, name[n])) {
            p = next;
            ++n;
        } else if (behind_star != std::string_view::npos) {
            p = behind_star;
            n = ++star_ends;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
        }
    }
    return row[b.size()];
}

// Up to three: names, and the modules that they are in.
std::vector<std::string> nearest(std::string_view pattern, std::span<const std::string> names) {
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& name : names) {
        for (std::size_t end = 0; end != std::string::npos;) {
            end = name.find('.', end + 1);
            std::string part = name.substr(0, end);
            const std::size_t edits = edits_between(pattern, part);
            near.emplace_back(edits, std::move(part));
        }
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> result;
    for (auto& [edits, name] : near) {
        const std::string quoted = fmt::format("'{}'", name);
        if (std::find(result.begin(), result.end(), quoted) == result.end())
            result.push_back(quoted);
        if (result.size() == 3) break;
    }
    return result;
}

}  // namespace

bool fits(std::string_view pattern, std::string_view name) {
    if (fits_whole(pattern, name)) return true;
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos;
         dot = name.find('.', dot + 1)) {
        if (fits_whole(pattern, name.substr(0, dot))) return true;
    }
    return false;
}

std::vector<bool> chosen(const char* what, std::span<const std::string> names,
                         const Patterns& patterns) {
    if (patterns.empty()) {
        fail(ErrorKind::kInvalidArgument, "{}: there is no pattern; \"*\" is all", what);
    }
    std::vector<bool> result(names.size());
    for (const std::string& pattern : patterns) {
        bool found = false;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (!fits(pattern, names[i])) continue;
            result[i] = true;
            found = true;
        }
        if (!found) {
            const std::vector<std::string> near = nearest(pattern, names);
            fail(ErrorKind::kInvalidArgument, "{}: '{}' fits none of {} names{}{}", what, pattern,
                 names.size(), near.empty() ? "" : "; the nearest are ", fmt::join(near, ", "));
        }
    }
    return result;
}

}  // namespace ingot::nn
