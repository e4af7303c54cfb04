// SPDX-License-Identifier: MIT
// Confusion matrices, counted on the device from run to run and fetched when somebody wants to
// know.
#pragma once

#include <ingot/graph.h>
#include <ingot/metrics.h>
#include <ingot/parameter.h>

#include <map>
#include <span>
#include <string>
#include <vector>

namespace ingot::train {

// What programs measure besides the loss.
struct Measure {
    std::vector<float> thresholds{};  // of each confusion matrix that is wanted
    bool outputs = false;             // all of them are read back

    // Throws where two metrics have one name, or one that histories use.
    static Measure of(std::span<const metrics::Metric> metrics);
    std::string key() const;  // equal for equal measures
};

// Whether labels [B] are compared with the largest of the outputs [B, C]. If not, each output is
// compared with its target, or with the label as one.
bool by_largest(const Shape& output, DType target);

using Confusions = std::map<float, metrics::ConfusionMatrix>;  // by threshold

class ClassCounts {
public:
    explicit ClassCounts(std::string name) : name_(std::move(name)) {}

    // Adds to a step: count this batch, or of its samples those where the mask [B] is 1.
    void count(Graph& graph, const Measure& measure, const Tensor& output, const Tensor& target,
               const Tensor& mask = {});

    void ran(std::int64_t compared);  // call after each run of a program that counts
    void forget();                    // what was counted, after an error say
    // Adds what was counted since the last time; waits for the device.
    void fetch_into(Confusions& confusions);
    // f32 counts up to 2^24: fetch before.
    bool full() const { return compared_ >= (std::int64_t{1} << 23); }

private:
    struct Counted {
        Parameter counts;  // f32 [C, C] by labels and predictions
        std::int64_t classes = 0;
    };

    std::string name_;
    std::map<float, Counted> counted_;
    std::int64_t compared_ = 0;  // since the last fetch
};

}  // namespace ingot::train
