// SPDX-License-Identifier: MIT
// How well scores put positive samples before negative ones. NaN where one kind is missing. Equal
// scores stand or fall together.
#pragma once

#include <span>

namespace ingot::metrics {

// The chance that a positive sample has the higher score of a pair, equal ones counting half (Mann
// and Whitney's U).
double area_under_roc(std::span<const double> scores, std::span<const char> positive);

// Sum over the thresholds of (gain in recall) * precision.
double average_precision_of(std::span<const double> scores, std::span<const char> positive);

}  // namespace ingot::metrics
