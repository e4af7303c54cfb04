// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <ingot/event_file.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ingot::io {

Histogram histogram(std::span<const float> values, std::int64_t bins) {
    if (bins < 1) fail(ErrorKind::kInvalidArgument, "histogram: {} bins", bins);
    Histogram result;
    result.min = std::numeric_limits<double>::infinity();
    result.max = -result.min;
    std::int64_t finite = 0;
    for (const float value : values) {
        if (!std::isfinite(value)) {
            ++result.not_finite;
            continue;
        }
        const double x = value;
        ++finite;
        result.min = std::min(result.min, x);
        result.max = std::max(result.max, x);
        result.sum += x;
        result.sum_of_squares += x * x;
    }
    if (finite == 0) return {.not_finite = result.not_finite};
    if (result.min == result.max) {
        result.counts = {finite};
        return result;
    }
    result.counts.assign(static_cast<std::size_t>(bins), 0);
    const double scale = static_cast<double>(bins) / (result.max - result.min);
    for (const float value : values) {
        if (!std::isfinite(value)) continue;
        const auto bin = static_cast<std::int64_t>((value - result.min) * scale);
        ++result.counts[static_cast<std::size_t>(std::min(bin, bins - 1))];
    }
    return result;
}

std::int64_t Histogram::count() const {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

double Histogram::mean() const {
    return counts.empty() ? 0 : sum / static_cast<double>(count());
}

double Histogram::deviation() const {
    if (counts.empty()) return 0;
    const double m = mean();
    return std::sqrt(std::max(0.0, sum_of_squares / static_cast<double>(count()) - m * m));
}

}  // namespace ingot::io
