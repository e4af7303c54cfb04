// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: one sweep over the nodes between the loss and what it is
// differentiated by, from the last to the first, adding up what flows into each output. The rules
// stand beside the operators (OpDef::gradient) and make ordinary expressions.
#include "graph/autodiff.h"

#include "graph/cast.h"
#include "graph/leaf.h"

#include <ingot/autocast.h>
#include <ingot/graph.h>
#include <ingot/ops.h>

#include <algorithm>
#include <unordered_map>

namespace ingot {
namespace {

using graph::Node;

// What has flowed back into each output of a node so far.
using Flow = std::unordered_map<const Node*, std::vector<Tensor>>;

void add_flow(Flow& flow, const Tensor& to, const Tensor& d) {
    std::vector<Tensor>& slots = flow[to.node().get()];
    slots.resize(to.node()->outputs.size());
    Tensor& slot = slots[to.output()];
    const Tensor typed = graph::cast(d, to.dtype());
    slot = slot ? slot + typed : typed;
}

void check_rule(const Node& node, const std::vector<Tensor>& d_inputs) {
    INGOT_CHECK(d_inputs.size() == node.inputs.size());
    for (std::size_t i = 0; i < d_inputs.size(); ++i) {
        INGOT_CHECK(!d_inputs[i] || d_inputs[i].shape() == node.inputs[i].shape());
    }
}

}  // namespace

std::vector<Tensor> graph::pull_back(std::span<const Tensor> outputs,
                                     std::span<const Tensor> d_outputs, std::span<const Tensor> wrt,
                                     const std::function<bool(const Node*)>& beyond) {
    const Autocast as_written(f32);  // the forward pass has decided what is of 16 bits
    const auto nodes = graph::reachable(outputs, beyond);

    // A node matters when one of `wrt` is reached through its inputs.
    std::unordered_map<const Node*, bool> matters;
    for (const Tensor& tensor : wrt)
        matters[tensor.node().get()] = true;
    const auto wanted = [&](const Tensor& input) {
        return is_floating(input.dtype()) && matters[input.node().get()];
    };
    for (const auto& node : nodes) {
        const bool some = std::any_of(node->inputs.begin(), node->inputs.end(), wanted);
        matters[node.get()] = matters[node.get()] || some;
    }

    Flow flow;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (d_outputs[i]) add_flow(flow, outputs[i], d_outputs[i]);
    }
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
        const Node& node = **it;
        const auto found = flow.find(&node);
        if (found == flow.end()) continue;
        graph::GradientContext context{node, {}, found->second, {}};
        for (const Tensor& input : node.inputs)
            context.wanted.push_back(wanted(input));
        if (std::none_of(context.wanted.begin(), context.wanted.end(), std::identity())) continue;
        if (node.def->gradient == nullptr) {
            fail(ErrorKind::kInvalidArgument, "{}: has no gradient: {}", node.def->name,
                 node.def->no_gradient);
        }
        for (std::uint32_t i = 0; i < node.outputs.size(); ++i)
            context.outputs.emplace_back(*it, i);
        const std::vector<Tensor> d_inputs = node.def->gradient(context);
        check_rule(node, d_inputs);
        for (std::size_t i = 0; i < d_inputs.size(); ++i) {
            if (d_inputs[i] && context.wanted[i]) add_flow(flow, node.inputs[i], d_inputs[i]);
        }
    }

    std::vector<Tensor> result;
    for (const Tensor& tensor : wrt) {
        const auto found = flow.find(tensor.node().get());
        const bool reached = found != flow.end() && found->second[tensor.output()];
        result.push_back(reached ? found->second[tensor.output()] : Tensor());
    }
    return result;
}

std::vector<Tensor> gradients(const Tensor& loss, std::span<const Tensor> wrt) {
    if (loss.shape().count() != 1 || !is_floating(loss.dtype())) {
        fail(ErrorKind::kInvalidArgument,
             "gradients: the loss must be one floating-point number, not {}",
             to_string(loss.spec()));
    }
    for (const Tensor& tensor : wrt) {
        if (is_floating(tensor.dtype())) continue;
        fail(ErrorKind::kInvalidArgument, "gradients: {} is not differentiable",
             to_string(tensor.spec()));
    }
    const Tensor one = constant(1.0F, loss.shape());
    std::vector<Tensor> result = graph::pull_back(std::span(&loss, 1), std::span(&one, 1), wrt);
    for (std::size_t i = 0; i < wrt.size(); ++i) {
        if (!result[i]) result[i] = graph::cast(constant(0.0F, wrt[i].shape()), wrt[i].dtype());
    }
    return result;
}

std::vector<Parameter> parameters_of(const Tensor& tensor) {
    std::vector<Parameter> parameters;
    for (const auto& node : graph::reachable(std::span(&tensor, 1))) {
        const auto state = graph::state_of(Tensor(node, 0));
        if (state && state->trainable) parameters.emplace_back(state);
    }
    std::sort(parameters.begin(), parameters.end(),
              [](const Parameter& a, const Parameter& b) { return a.state()->id < b.state()->id; });
    return parameters;
}

Graph& Graph::output(Tensor tensor) {
    outputs.push_back(std::move(tensor));
    return *this;
}

Graph& Graph::update(Parameter target, Tensor value) {
    Update update{std::move(target), std::move(value)};
    graph::check_update("update", update);
    updates.push_back(std::move(update));
    return *this;
}

}  // namespace ingot
