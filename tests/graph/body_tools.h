// SPDX-License-Identifier: MIT
// What the tests of this room ask of a Body, and how they run one.
#pragma once

#include "core/check.h"
#include "graph/group.h"
#include "support/interpreter.h"
#include "support/random_graph.h"

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <cstring>
#include <string>
#include <vector>

namespace ingot::testing {

inline Graph outputs(std::vector<Tensor> tensors) {
    Graph graph;
    graph.outputs = std::move(tensors);
    return graph;
}

inline Parameter parameter(const std::string& name, const Shape& shape) {
    return Parameter(HostTensor::of(name, shape, random_values(name.size(), shape.count())));
}

inline std::vector<std::string> names(const graph::Body& body) {
    std::vector<std::string> result;
    for (const graph::Operation& op : body.operations)
        result.emplace_back(op.def->name);
    return result;
}

inline std::vector<std::string> names(const graph::Body& body, const graph::Group& group) {
    std::vector<std::string> result;
    for (const std::size_t operation : group.operations)
        result.emplace_back(body.operations[operation].def->name);
    return result;
}

// What the host has put into a state; a slab counts as soon as there is one.
inline std::vector<double> contents_of(const graph::State& state) {
    std::vector<float> floats(static_cast<std::size_t>(state.spec.shape.count()));
    if (state.slab) {
        const auto bytes = state.slab->initial_contents();
        std::memcpy(floats.data(), bytes.data() + state.offset_bytes, floats.size() * 4);
    } else {
        std::memcpy(floats.data(), state.contents->data.data(), floats.size() * 4);
    }
    return {floats.begin(), floats.end()};
}

// The numbers that a leaf starts with. Inputs have random ones, the same in every body that reads
// them.
inline std::vector<double> leaf_values(const graph::Body& body, graph::ValueId id) {
    const graph::Value& value = body.values[id];
    const std::int64_t count = value.spec.shape.count();
    if (value.kind == graph::ValueKind::kState) return contents_of(*value.state);
    if (value.kind == graph::ValueKind::kScalar || value.spec.dtype != f32)
        return std::vector<double>(static_cast<std::size_t>(count), 1.0);
    const std::vector<float> floats = random_values(value.leaf->id, count);
    return {floats.begin(), floats.end()};
}

inline void set_leaves(Interpreter& interpreter, const graph::Body& body) {
    for (graph::ValueId id = 0; id < body.values.size(); ++id) {
        const auto kind = body.values[id].kind;
        if (kind == graph::ValueKind::kComputed || kind == graph::ValueKind::kConstant) continue;
        interpreter.set(id, leaf_values(body, id));
    }
}

// The outputs of a graph in double precision.
inline std::vector<std::vector<double>> evaluate(const Graph& graph) {
    const graph::Body body = graph::linearize(graph);
    Interpreter interpreter(body);
    set_leaves(interpreter, body);
    interpreter.run_body();
    std::vector<std::vector<double>> results;
    for (const graph::BodyOutput& output : body.outputs)
        results.push_back(interpreter.get(output.use));
    return results;
}

}  // namespace ingot::testing
