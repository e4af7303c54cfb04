// SPDX-License-Identifier: MIT
#pragma once

#include "graph/node.h"

namespace ingot::graph {

// One reverse sweep: what flows back into each of `wrt` when d_outputs flow into `outputs`. Empty
// tensors stand for nothing, on both sides. The sweep does not go beyond nodes for which `beyond`
// says yes; they may be among `wrt`.
std::vector<Tensor> pull_back(std::span<const Tensor> outputs, std::span<const Tensor> d_outputs,
                              std::span<const Tensor> wrt,
                              const std::function<bool(const Node*)>& beyond = {});

}  // namespace ingot::graph
