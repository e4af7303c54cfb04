// SPDX-License-Identifier: MIT
// The benchmark cases: what each one computes and what it is fed.
#pragma once

#include <ingot/device.h>

#include <functional>
#include <string>
#include <vector>

namespace ingot::cli {

struct BenchCase {
    Graph graph;
    std::vector<std::pair<Tensor, std::vector<float>>> floats;  // fed at each run
    std::vector<std::pair<Tensor, std::vector<std::int32_t>>> ints;

    std::vector<Feed> feeds() const;
};

struct NamedBenchCase {
    std::string name;
    std::function<BenchCase()> make;  // afresh
    bool for_cards = false;           // too large for software drivers, which run it when named
};
std::vector<NamedBenchCase> bench_cases();  // in order

}  // namespace ingot::cli
