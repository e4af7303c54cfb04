// SPDX-License-Identifier: MIT
#include "io/thinned.h"

#include <algorithm>
#include <cmath>

namespace ingot::io {

std::vector<StepValue> thinned(std::span<const float> values, std::size_t most) {
    std::vector<StepValue> points;
    const auto add = [&](std::size_t i, double value) {
        points.push_back({static_cast<std::int64_t>(i + 1), value});
    };
    if (values.size() <= most) {
        for (std::size_t i = 0; i < values.size(); ++i)
            add(i, std::isfinite(values[i]) ? values[i] : std::nan(""));
        return points;
    }
    const std::size_t stretch = (2 * values.size() + most - 1) / most;
    for (std::size_t begin = 0; begin < values.size(); begin += stretch) {
        const std::size_t end = std::min(values.size(), begin + stretch);
        std::size_t low = end, high = end;
        for (std::size_t i = begin; i < end; ++i) {
            if (!std::isfinite(values[i])) continue;
            if (low == end || values[i] < values[low]) low = i;
            if (high == end || values[i] > values[high]) high = i;
        }
        if (low == end) {
            add(begin, std::nan(""));  // nothing finite here: a gap
            continue;
        }
        add(std::min(low, high), values[std::min(low, high)]);
        if (low != high) add(std::max(low, high), values[std::max(low, high)]);
    }
    return points;
}

std::vector<StepValue> stretch_means(std::span<const float> values, std::size_t most) {
    const std::size_t stretch = std::max<std::size_t>(1, (values.size() + most - 1) / most);
    std::vector<StepValue> points;
    for (std::size_t begin = 0; begin < values.size(); begin += stretch) {
        const std::size_t end = std::min(values.size(), begin + stretch);
        double sum = 0, count = 0;
        for (std::size_t i = begin; i < end; ++i) {
            if (!std::isfinite(values[i])) continue;
            sum += values[i];
            count += 1;
        }
        points.push_back({static_cast<std::int64_t>((begin + end + 1) / 2), sum / count});
    }
    return points;  // of nothing finite: NaN
}

}  // namespace ingot::io
