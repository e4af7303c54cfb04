// SPDX-License-Identifier: MIT
// A model as a drawing: its operations, in boxes named by the layers that wrote them.
#pragma once

#include <ingot/event_file.h>
#include <ingot/nn/module.h>

#include <vector>

namespace ingot::nn {

// The operations of module(x) in evaluation, in an order in which each comes after its inputs; for
// EventWriter::graph(). Nothing is computed. Throws what forward() throws.
INGOT_API std::vector<io::GraphNode> model_graph(const Module& module, const Tensor& x);

}  // namespace ingot::nn
