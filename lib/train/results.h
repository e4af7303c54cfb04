// SPDX-License-Identifier: MIT
// Results: loss and hits of the latest runs, kept on the device in the order of the runs. A program
// pushes a pair each run, by shifting the list; the host fetches what it has not seen when it
// likes, and at the latest when the list is full. So the host learns every step's loss without
// waiting for any step.
#pragma once

#include <ingot/graph.h>
#include <ingot/parameter.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::train {

struct Result {
    float loss;     // mean over the batch
    float correct;  // samples whose largest output is at the label
};

class Results {
public:
    explicit Results(const std::string& name);

    // Adds to a step: push this pair at its end. Both have one element.
    void push(Graph& graph, const Tensor& loss, const Tensor& correct) const;

    // Call after each run of a program that pushes.
    void pushed() { ++unseen_; }
    std::int64_t unseen() const { return unseen_; }
    void forget() { unseen_ = 0; }  // after an error, say
    bool full() const { return unseen_ >= kCapacity; }
    std::vector<Result> fetch();  // those not seen yet; waits for the device

private:
    static constexpr std::int64_t kCapacity = 256;

    Parameter list_;  // f32 [2 kCapacity]: loss, correct; the latest last
    std::int64_t unseen_ = 0;
};

}  // namespace ingot::train
