// SPDX-License-Identifier: MIT
#include "support/op_coverage.h"

#include "graph/leaf.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace ingot::testing {
namespace {

using graph::Node;
using graph::OpDef;
using graph::OpKind;

// Of several operators that share a name ("cast"), the opcode tells which.
std::string name_of(const OpDef& def) {
    std::string name(def.name);
    return def.kind == OpKind::kPointwise ? name + fmt::format(" (opcode {})", def.opcode) : name;
}

}  // namespace

void OpCoverage::add(const Tensor& output) {
    for (const auto& node : graph::reachable(std::array{output})) {
        seen_.insert(node->def);
        if (node->def->kind != OpKind::kComposite) continue;
        // What it is written with leads back to its inputs, which are walked anyway.
        const auto known = [&](const Node* other) { return other->id < node->id; };
        std::vector<Tensor> parts = node->def->expand(*node);
        std::erase_if(parts, [&](const Tensor& part) { return known(part.node().get()); });
        for (const auto& inner : graph::reachable(parts, known)) {
            seen_.insert(inner->def);
        }
    }
}

void OpCoverage::look_at(const Graph& graph, bool is_row) {
    for (const Tensor& output : graph.outputs)
        add(output);
    if (!is_row || graph.outputs.size() < 2) return;
    // From the inputs on: ids grow, so what a node reads comes before it.
    std::set<const Node*> depending;
    for (const auto& node : graph::reachable(std::array{graph.outputs[0]})) {
        const bool depends = std::any_of(
            node->inputs.begin(), node->inputs.end(),
            [&](const Tensor& input) { return depending.contains(input.node().get()); });
        const bool is_input = node->def == &graph::kInputOp && is_floating(node->outputs[0].dtype);
        if (!depends && !is_input) continue;
        depending.insert(node.get());
        differentiated_.insert(node->def);
    }
}

std::vector<std::string> OpCoverage::missing() const {
    std::vector<std::string> missing;
    for (const OpDef* def : graph::Listing::all()) {
        if (!seen_.contains(def)) {
            missing.push_back(name_of(*def) + " is in no row");
        } else if (def->gradient != nullptr && !differentiated_.contains(def)) {
            missing.push_back(name_of(*def) + " has a gradient that no row compares");
        }
    }
    std::sort(missing.begin(), missing.end());
    return missing;
}

}  // namespace ingot::testing
