// SPDX-License-Identifier: MIT
// Random steps for property tests: pointwise operations, broadcasts, views, reductions, products,
// concatenations, state and its updates, with values that stay near 1 however deep the graph.
#pragma once

#include <ingot/error.h>
#include <ingot/graph.h>
#include <ingot/ops.h>

#include <cstdint>
#include <vector>

namespace ingot::testing {

struct RandomGraph {
    std::vector<Tensor> inputs;
    std::vector<Parameter> parameters;
    Graph graph;
};

struct RandomGraphOptions {
    std::size_t operations = 30;
    bool kernels = true;     // matmul, sum, max, concatenate
    bool updates = true;     // of parameters, some by a slab
    std::int64_t scale = 1;  // of all sizes
};

RandomGraph random_graph(std::uint64_t seed, const RandomGraphOptions& options = {});

// Values in [-1, 1], exact in float.
std::vector<float> random_values(std::uint64_t seed, std::int64_t count);

}  // namespace ingot::testing
