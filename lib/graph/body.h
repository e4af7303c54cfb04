// SPDX-License-Identifier: MIT
// Body: one step as a list, made from the expressions of a Graph. Views have become strides on the
// uses, composites have been expanded, equal operations merged, constants folded. Operations stand
// in an order in which they can run.
#pragma once

#include "graph/leaf.h"
#include "graph/op_def.h"

#include <ingot/graph.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::graph {

using ValueId = std::uint32_t;

enum class ValueKind { kComputed, kInput, kScalar, kState, kConstant };

struct Value {
    TensorSpec spec;
    ValueKind kind = ValueKind::kComputed;
    std::shared_ptr<const Node> leaf;  // kInput: what the host names when it feeds the step
    std::shared_ptr<ScalarCell> cell;  // kScalar
    std::shared_ptr<State> state;      // kState
    std::uint32_t word = 0;            // kConstant
    std::string name;
};

struct Use {
    ValueId value = 0;
    View view;
};

struct Operation {
    const OpDef* def = nullptr;
    Attributes attributes;
    std::vector<Use> inputs;
    std::vector<ValueId> outputs;
    std::uint64_t section = 0;  // see Section
};

struct BodyUpdate {
    std::shared_ptr<State> target;
    Use value;  // contiguous, from its first element
};

struct BodyOutput {
    Tensor tensor;
    Use use;  // contiguous
};

struct Body {
    std::vector<Value> values;
    std::vector<Operation> operations;
    std::vector<BodyOutput> outputs;
    std::vector<BodyUpdate> updates;
};

// Throws an Error naming every operation that cannot be compiled.
Body linearize(const ingot::Graph& graph);

// For devices with 16-bit storage: kernels read f16 and bf16 as they lie, where they can.
void read_narrow(Body& body);

// Takes away operations of which nobody reads an output.
void drop_unused(Body& body);

// Whether an operator's kernels read this use as it is; others are copied first.
bool follows(const Body& body, const OpDef& def, std::size_t input, const Use& use);

std::string to_text(const Body& body);

// A use that covers its value from the first element to the last, in order.
bool is_whole(const Body& body, const Use& use);

// The identity as a pointwise operation, with which views are made contiguous.
extern const OpDef kCopyOp;
// A use of the f32 constant `value`, bit for bit.
bool is_constant(const Body& body, const Use& use, float value);

}  // namespace ingot::graph
