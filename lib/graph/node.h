// SPDX-License-Identifier: MIT
// One operation of an expression. Nodes never change once made and are shared by the tensors that
// name their outputs; ids grow, so a node's id is larger than those of everything it reads.
#pragma once

#include "graph/attributes.h"

#include <ingot/tensor.h>

#include <functional>
#include <span>
#include <vector>

namespace ingot::graph {

struct OpDef;
struct State;

// A state that changes when the node is computed (see with_update).
struct AttachedUpdate {
    std::shared_ptr<State> target;
    Tensor value;
};

struct Node {
    const OpDef* def = nullptr;
    Attributes attributes;
    std::vector<Tensor> inputs;
    std::vector<TensorSpec> outputs;
    std::vector<AttachedUpdate> updates;
    std::uint64_t id = 0;
    std::uint64_t section = 0;  // the Section it was made in, or 0

    ~Node();  // without recursion, however deep the expression
};

// While it lives, the nodes that this thread makes belong to a section of their own: they are
// neither merged with equal operations outside nor fused with what was written before the section,
// so that values inside are computed again rather than kept.
class Section {
public:
    Section();
    ~Section();
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

private:
    std::uint64_t outer_;
};

// Makes a node and returns its outputs. Inputs are checked by the operator's `infer`, after what an
// Autocast makes of them.
std::vector<Tensor> apply_all(const OpDef& def, Attributes attributes, std::vector<Tensor> inputs);
Tensor apply(const OpDef& def, Attributes attributes, std::vector<Tensor> inputs);
// ... without the casts that surround a kernel which is given 16-bit floats, and of an Autocast.
std::vector<Tensor> apply_unwidened(const OpDef& def, Attributes attributes,
                                    std::vector<Tensor> inputs);

// All nodes that the tensors depend on, attached updates included, in the order of their ids.
// The search does not go into nodes for which `known` says yes, nor from a node to the new value of
// an attached update that `passed_over` names.
std::vector<std::shared_ptr<const Node>> reachable(
    std::span<const Tensor> from, const std::function<bool(const Node*)>& known = {},
    const std::function<bool(const AttachedUpdate&)>& passed_over = {});

}  // namespace ingot::graph
