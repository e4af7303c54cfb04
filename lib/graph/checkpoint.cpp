// SPDX-License-Identifier: MIT
// Activation checkpointing: a composite that is its section's results when the step is written
// down, and whose gradient writes the section once more and differentiates that.
//   inputs: results y..., then what enters the section from outside x...  ->  y...
// The section is what lies between the two; the nodes themselves remember it.
#include "graph/autodiff.h"
#include "graph/leaf.h"
#include "graph/op_def.h"

#include <ingot/graph.h>

#include <unordered_map>
#include <unordered_set>

namespace ingot {
namespace graph {
namespace {

struct CheckpointAttributes {
    std::uint64_t results;  // how many of the inputs are results
    template <typename Visit>
    void fields(Visit visit) const {
        visit("results", results);
    }
};

std::span<const Tensor> results_of(const Node& node) {
    return std::span(node.inputs).first(node.attributes.as<CheckpointAttributes>().results);
}

std::span<const Tensor> entries_of(const Node& node) {
    return std::span(node.inputs).subspan(node.attributes.as<CheckpointAttributes>().results);
}

// The results, computed again from the same entries: the same random numbers, no updates.
std::vector<Tensor> again(const Node& node, const std::function<bool(const Node*)>& outside) {
    std::unordered_map<const Node*, std::shared_ptr<const Node>> copies;
    const auto now = [&](const Tensor& tensor) {
        const auto copy = copies.find(tensor.node().get());
        return copy == copies.end() ? tensor : Tensor(copy->second, tensor.output());
    };
    const auto no_updates = [](const AttachedUpdate&) { return true; };
    for (const auto& inner : reachable(results_of(node), outside, no_updates)) {
        std::vector<Tensor> inputs;
        for (const Tensor& input : inner->inputs)
            inputs.push_back(now(input));
        copies[inner.get()] =
            apply_unwidened(*inner->def, inner->attributes, std::move(inputs))[0].node();
    }
    std::vector<Tensor> results;
    for (const Tensor& result : results_of(node))
        results.push_back(now(result));
    return results;
}

std::vector<Tensor> gradient_checkpoint(const GradientContext& c) {
    std::unordered_set<const Node*> entering;
    std::vector<Tensor> wrt;
    const auto entries = entries_of(c.node);
    const std::size_t first = c.node.inputs.size() - entries.size();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entering.insert(entries[i].node().get());
        if (c.wanted[first + i]) wrt.push_back(entries[i]);
    }
    const auto outside = [&](const Node* node) {
        return node->inputs.empty() || entering.contains(node);
    };
    const Section section;
    const auto flows = pull_back(again(c.node, outside), c.d_outputs, wrt, outside);
    std::vector<Tensor> d_inputs(c.node.inputs.size());
    for (std::size_t i = 0, next = 0; i < entries.size(); ++i) {
        if (c.wanted[first + i]) d_inputs[first + i] = flows[next++];
    }
    return d_inputs;
}

const OpDef checkpoint_op{
    .name = "checkpoint",
    .listed = in_list<checkpoint_op>,
    .autocast = AutocastRule::kAsGiven,
    .kind = OpKind::kComposite,
    .infer =
        [](std::span<const Tensor> inputs, const Attributes& attributes) {
            std::vector<TensorSpec> specs;
            for (const Tensor& result : inputs.first(attributes.as<CheckpointAttributes>().results))
                specs.push_back(result.spec());
            return specs;
        },
    .gradient = gradient_checkpoint,
    .expand =
        [](const Node& node) {
            const auto results = results_of(node);
            return std::vector<Tensor>(results.begin(), results.end());
        }};

}  // namespace
}  // namespace graph

std::vector<Tensor> checkpoint(const std::function<std::vector<Tensor>()>& section) {
    const std::uint64_t begin = graph::next_id();
    std::vector<Tensor> inputs = section();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i]) {
            fail(ErrorKind::kInvalidArgument, "checkpoint: result {} of the section is empty", i);
        }
    }
    if (inputs.empty()) fail(ErrorKind::kInvalidArgument, "checkpoint: the section has no result");
    const std::uint64_t results = inputs.size();
    // What was there before enters from outside, and so do parameters, whenever they were drawn.
    const auto outside = [&](const graph::Node* node) {
        return node->id < begin || node->inputs.empty();
    };
    std::vector<Tensor> entries;
    const auto enter = [&](const Tensor& tensor) {
        const bool known = std::find(entries.begin(), entries.end(), tensor) != entries.end();
        if (outside(tensor.node().get()) && !known) entries.push_back(tensor);
    };
    for (const Tensor& result : inputs)
        enter(result);
    for (const auto& node : graph::reachable(inputs, outside)) {
        for (const Tensor& input : node->inputs)
            enter(input);
    }
    inputs.insert(inputs.end(), entries.begin(), entries.end());
    return graph::apply_unwidened(graph::checkpoint_op,
                                  graph::Attributes::of(graph::CheckpointAttributes{results}),
                                  std::move(inputs));
}

Tensor checkpoint(const std::function<Tensor()>& section) {
    return checkpoint([&] { return std::vector{section()}; })[0];
}

}  // namespace ingot
