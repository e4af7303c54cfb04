// SPDX-License-Identifier: MIT
// Which of the library's operators a number of graphs contain, and through which of them a gradient
// was taken that was compared with a reference.
#pragma once

#include <ingot/graph.h>

#include <set>
#include <string>
#include <vector>

namespace ingot::graph {
struct OpDef;
struct Node;
}  // namespace ingot::graph

namespace ingot::testing {

class OpCoverage {
public:
    // All nodes of the graph, and what composites among them expand to. A row's gradients
    // (GraphVisitor) are compared, so the operators between inputs and output count as
    // differentiated there.
    void look_at(const Graph& graph, bool is_row);

    // Operators of the library that no graph contained, or whose gradient none took, each with
    // what is missing.
    std::vector<std::string> missing() const;
    std::size_t count() const { return seen_.size(); }

private:
    void add(const Tensor& output);

    std::set<const graph::OpDef*> seen_, differentiated_;
};

}  // namespace ingot::testing
