// SPDX-License-Identifier: MIT
// How many pieces of a step to hand the device at a time, so that it is busy about as long as
// asked. Keeps what each piece has taken and what is still on the device; reads no clock.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace ingot::exec {

class Pacer {
public:
    Pacer() = default;
    explicit Pacer(const std::vector<double>& piece_ns);  // by estimate

    // Whether the next piece may follow: the device has nothing to do, or what it has and the
    // piece take no longer than the budget.
    bool admits(double budget_ns) const;
    void hand_over();              // the next piece; after the last comes the first
    void finish();                 // the oldest that was handed over
    void finish(double taken_ns);  // the same, and how long it took

    std::size_t oldest() const { return pending_.front(); }  // of those on the device
    std::size_t next() const { return next_; }
    std::size_t pending() const { return pending_.size(); }
    double expected_ns(std::size_t piece) const;
    double mean_ns(std::size_t piece) const { return estimates_[piece].mean; }
    bool is_measured(std::size_t piece) const { return estimates_[piece].is_measured; }

private:
    // Mean and mean deviation as of TCP's round trips (Jacobson, "Congestion avoidance and
    // control", 1988): the sum of both is exceeded seldom, whatever the noise.
    struct Estimate {
        double mean = 0, deviation = 0;
        bool is_measured = false;
    };

    std::vector<Estimate> estimates_;
    std::deque<std::size_t> pending_;  // pieces on the device, the oldest first
    std::size_t next_ = 0;
};

}  // namespace ingot::exec
