// SPDX-License-Identifier: MIT
// What the files of explore() share.
#pragma once

#include <ingot/explore.h>

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::data {

// From the parts and the leaks: what is to be said, the gravest first.
std::vector<Finding> findings_of(const Exploration& exploration);

// Its sentence names features or classes already; samples and files it does not.
inline bool names_samples(const Finding& finding) {
    for (const char* kind :
         {"leak", "duplicates", "contradiction", "blank", "non-finite", "unreadable"})
        if (finding.kind == kind) return !finding.samples.names.empty();
    return false;
}

std::string with_commas(std::int64_t number);  // "60,000"
std::string short_number(double number);       // "0.2861"; "-" for what was not measured

std::string sentence(const std::string& text);  // "labels count" becomes "Labels count."

// "1 sample", "2,000 samples".
inline std::string counted(std::int64_t count, const char* noun) {
    return fmt::format("{} {}{}", with_commas(count), noun, count == 1 ? "" : "s");
}

}  // namespace ingot::data
