// SPDX-License-Identifier: MIT
#include "train/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace ingot::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// visit(positives, negatives) for each run of equal scores, from the highest on; not at all where a
// score is no number.
template <typename Visit>
void each_threshold(std::span<const double> scores, std::span<const char> positive, Visit visit) {
    if (std::ranges::any_of(scores, [](double score) { return std::isnan(score); })) return;
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    for (std::size_t i = 0; i < order.size();) {
        double positives = 0, negatives = 0;
        const double score = scores[order[i]];
        for (; i < order.size() && scores[order[i]] == score; ++i)
            ++(positive[order[i]] ? positives : negatives);
        visit(positives, negatives);
    }
}

}  // namespace

double area_under_roc(std::span<const double> scores, std::span<const char> positive) {
    double before = 0, pairs = 0, negatives_seen = 0;
    each_threshold(scores, positive, [&](double positives, double negatives) {
        pairs += negatives * (before + positives / 2);
        before += positives;
        negatives_seen += negatives;
    });
    return before == 0 || negatives_seen == 0 ? kUndefined : pairs / (before * negatives_seen);
}

double average_precision_of(std::span<const double> scores, std::span<const char> positive) {
    double right = 0, taken = 0, sum = 0;
    each_threshold(scores, positive, [&](double positives, double negatives) {
        right += positives;
        taken += positives + negatives;
        sum += positives * right / taken;
    });
    return right == 0 ? kUndefined : sum / right;
}

}  // namespace ingot::metrics
