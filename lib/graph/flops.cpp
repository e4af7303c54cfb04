// SPDX-License-Identifier: MIT
// The arithmetic of an expression, by its operators' own count (OpDef::flops).
#include "graph/node.h"
#include "graph/op_def.h"

#include <ingot/graph.h>

namespace ingot {

std::int64_t FlopCounter::add(const Tensor& tensor) {
    const auto known = [&](const graph::Node* node) { return known_.contains(node); };
    std::int64_t flops = 0;
    for (const auto& node : graph::reachable(std::span(&tensor, 1), known)) {
        if (node->def->flops != nullptr) flops += node->def->flops(*node);
        known_.emplace(node.get(), node);
    }
    return flops;
}

}  // namespace ingot
