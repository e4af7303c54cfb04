// SPDX-License-Identifier: MIT
// A Graph says what one step computes: outputs that can be read back, and updates that change
// parameters when the step has finished reading them. Gradients are more expressions.
#pragma once

#include <ingot/parameter.h>
#include <ingot/tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace ingot {

struct Update {
    Parameter target;
    Tensor value;  // the target's spec; every other reader in the step sees the old contents
};

struct INGOT_API Graph {
    std::vector<Tensor> outputs;
    std::vector<Update> updates;
    // A bool []: in runs where it is false, the updates that hang on values (with_update) are not
    // carried out. Empty: they always are.
    Tensor attached_if{};

    Graph& output(Tensor tensor);  // readable after a run
    Graph& update(Parameter target, Tensor value);
};

// d loss / d wrt[i], each of the shape of wrt[i]. `loss` has one element. A tensor that `loss` does
// not depend on gets zeros. Throws for an operator without a gradient, with its reason.
INGOT_API std::vector<Tensor> gradients(const Tensor& loss, std::span<const Tensor> wrt);

// The trainable parameters that `tensor` depends on, in the order in which they were created.
INGOT_API std::vector<Parameter> parameters_of(const Tensor& tensor);

// `tensor` itself; a graph that computes it also carries out the update (running statistics, say).
// Several such updates of one parameter are carried out one after the other, in the order in which
// they were written: where a later value reads the parameter by pointwise operations, it reads what
// the earlier one leaves.
INGOT_API Tensor with_update(const Tensor& tensor, const Parameter& target, const Tensor& value);

// The same value, seen as a constant by gradients().
INGOT_API Tensor stop_gradient(const Tensor& tensor);

// What `section` returns; its intermediate values are not kept for the gradient but computed once
// more when the gradient needs them (Chen et al., "Training deep nets with sublinear memory cost",
// 2016). Values that existed before the call, parameters and the results are kept. Random numbers
// are those of the first time, and updates are carried out once.
//     const Tensor y = checkpoint([&] { return block(x, mode); });
INGOT_API Tensor checkpoint(const std::function<Tensor()>& section);
INGOT_API std::vector<Tensor> checkpoint(const std::function<std::vector<Tensor>()>& section);

// Counts multiplications and additions, two for each product that is added up: of matrix products,
// convolutions, recurrent layers and attention (of these two without their gradients; as if nothing
// were hidden). All else counts as nothing.
class INGOT_API FlopCounter {
public:
    // Of what computing `tensor` takes beyond all that was added before.
    std::int64_t add(const Tensor& tensor);

private:
    std::unordered_map<const graph::Node*, std::shared_ptr<const graph::Node>> known_;
};

// The graph as compiled without a device: one line an operation, or a drawing for Graphviz.
INGOT_API std::string to_text(const Graph& graph);
INGOT_API std::string to_dot(const Graph& graph);

}  // namespace ingot
