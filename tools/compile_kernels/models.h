// SPDX-License-Identifier: MIT
// Whole training steps of usual sizes: what the tables' small rows do not lead to, such as large
// tiles, long fused programs and the updates of optimizers.
#pragma once

#include <ingot/graph.h>

#include <string>
#include <utility>
#include <vector>

namespace ingot::compile_kernels {

std::vector<std::pair<std::string, Graph>> models();

}  // namespace ingot::compile_kernels
