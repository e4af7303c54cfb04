// SPDX-License-Identifier: MIT
#include "exec/pacer.h"

#include "core/check.h"

#include <cmath>

namespace ingot::exec {

Pacer::Pacer(const std::vector<double>& piece_ns) {
    for (const double ns : piece_ns)
        estimates_.push_back({ns, 0, false});
}

bool Pacer::admits(double budget_ns) const {
    double total = expected_ns(next_);
    for (const std::size_t piece : pending_)
        total += expected_ns(piece);
    return pending_.empty() || total <= budget_ns;
}

void Pacer::hand_over() {
    pending_.push_back(next_);
    next_ = (next_ + 1) % estimates_.size();
}

void Pacer::finish() {
    INGOT_CHECK(!pending_.empty());
    pending_.pop_front();
}

void Pacer::finish(double taken_ns) {
    INGOT_CHECK(!pending_.empty());
    Estimate& estimate = estimates_[pending_.front()];
    pending_.pop_front();
    if (!estimate.is_measured) {
        estimate = {taken_ns, taken_ns / 2, true};
        return;
    }
    const double error = taken_ns - estimate.mean;
    estimate.mean += error / 8;
    estimate.deviation += (std::abs(error) - estimate.deviation) / 4;
}

double Pacer::expected_ns(std::size_t piece) const {
    return estimates_[piece].mean + estimates_[piece].deviation;
}

}  // namespace ingot::exec
