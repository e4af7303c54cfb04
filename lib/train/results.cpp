// SPDX-License-Identifier: MIT
#include "train/results.h"

#include <ingot/ops.h>

#include <array>

namespace ingot::train {

Results::Results(const std::string& name)
    : list_(HostTensor::zeros(name, {2 * kCapacity}), {.name = name, .trainable = false}) {}

void Results::push(Graph& graph, const Tensor& loss, const Tensor& correct) const {
    const std::array parts{slice(list_, {.begin = 2}), reshape(loss, {1}), reshape(correct, {1})};
    graph.update(list_, concatenate(parts));
}

std::vector<Result> Results::fetch() {
    if (unseen_ == 0) return {};
    const HostTensor contents = list_.read();
    const auto values = contents.values<float>().last(2 * static_cast<std::size_t>(unseen_));
    std::vector<Result> results;
    for (std::size_t i = 0; i < values.size(); i += 2) {
        results.push_back({values[i], values[i + 1]});
    }
    unseen_ = 0;
    return results;
}

}  // namespace ingot::train
