// SPDX-License-Identifier: MIT
// The benchmark cases: what each one computes and what it is fed.
#pragma once

#include <ingot/device.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ingot::cli {

struct BenchCase {
    Graph graph;
    std::vector<std::pair<Tensor, std::vector<float>>> floats;  // fed at each run
    std::vector<std::pair<Tensor, std::vector<std::int32_t>>> ints;

    std::vector<Feed> feeds() const;
};

// By name, in order. Each makes its case afresh.
std::vector<std::pair<std::string, std::function<BenchCase()>>> bench_cases();

}  // namespace ingot::cli
