// SPDX-License-Identifier: MIT
// Few labelled samples to learn from, and how several tries came out.
#pragma once

#include <ingot/data.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

// `per_class` samples of each class, drawn by the seed, and all others.
inline std::pair<ingot::data::Dataset, ingot::data::Dataset> few_of_each(
    const ingot::data::Dataset& data, std::int64_t per_class, std::uint64_t seed) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(data.size()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::mt19937_64 random(seed);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random() % i]);
    std::vector<std::int64_t> wanted(static_cast<std::size_t>(data.class_count()), per_class);
    std::vector<std::int64_t> few, others;
    for (const std::int64_t sample : order)
        (wanted[static_cast<std::size_t>(data.label(sample))]-- > 0 ? few : others)
            .push_back(sample);
    return {data.subset(few), data.subset(others)};
}

// Their mean, which it prints with its standard error.
inline double print_row(const std::string& name, const std::vector<double>& accuracies) {
    const auto n = static_cast<double>(accuracies.size());
    double mean = 0, squares = 0;
    for (const double accuracy : accuracies)
        mean += accuracy / n;
    for (const double accuracy : accuracies)
        squares += (accuracy - mean) * (accuracy - mean);
    const double error = n > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
    std::printf("%-30s accuracy %.2f %% +- %.2f\n", name.c_str(), 100 * mean, 100 * error);
    std::fflush(stdout);
    return mean;
}
