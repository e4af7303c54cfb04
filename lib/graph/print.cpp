// SPDX-License-Identifier: MIT
// Text and Graphviz dumps of a step, before and after fusion.
#include "graph/group.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace ingot::graph {
namespace {

std::string value_name(const Body& body, ValueId id) {
    const Value& value = body.values[id];
    if (value.kind == ValueKind::kConstant) {
        float number = 0;
        std::memcpy(&number, &value.word, sizeof(number));
        return value.spec.dtype == f32 ? fmt::format("{}", number) : fmt::format("{}", value.word);
    }
    return value.name;
}

std::string use_text(const Body& body, const Use& use) {
    const std::string name = value_name(body, use.value);
    if (use.view == View::of(body.values[use.value].spec.shape)) return name;
    return fmt::format("{}{}", name, to_string(use.view));
}

std::string operation_text(const Body& body, const Operation& op) {
    std::vector<std::string> inputs, outputs;
    for (const Use& use : op.inputs)
        inputs.push_back(use_text(body, use));
    for (const ValueId id : op.outputs) {
        outputs.push_back(
            fmt::format("{}: {}", body.values[id].name, to_string(body.values[id].spec)));
    }
    const std::string attributes = op.attributes.text();
    return fmt::format("{} = {}({}){}", fmt::join(outputs, ", "), op.def->name,
                       fmt::join(inputs, ", "),
                       attributes.empty() ? "" : fmt::format(" {{{}}}", attributes));
}

std::string updates_text(const Body& body) {
    std::string text;
    for (const BodyUpdate& update : body.updates) {
        text += fmt::format("update {} <- {}\n", update.target->name, use_text(body, update.value));
    }
    return text;
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

std::string to_text(const Body& body) {
    std::string text;
    for (const Operation& op : body.operations)
        text += operation_text(body, op) + "\n";
    return text + updates_text(body);
}

std::string to_text(const Body& body, const std::vector<Group>& groups) {
    std::string text;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        text += fmt::format("group {} over {}\n", g, to_string(groups[g].space));
        for (const std::size_t operation : groups[g].operations) {
            text += fmt::format("    {}\n", operation_text(body, body.operations[operation]));
        }
    }
    return text + updates_text(body);
}

std::string to_dot(const Body& body, const std::vector<Group>& groups) {
    std::string text = "digraph step {\n  node [shape=box, fontname=\"sans-serif\"];\n";
    std::map<ValueId, std::size_t> maker;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        for (const ValueId value : groups[g].writes(body))
            maker[value] = g;
        std::vector<std::string> names;
        for (const std::size_t operation : groups[g].operations) {
            names.emplace_back(body.operations[operation].def->name);
        }
        text += fmt::format("  g{} [label=\"{}\\n{}\"];\n", g, fmt::join(names, " "),
                            to_string(groups[g].space));
    }
    std::map<ValueId, bool> drawn;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        for (const ValueId value : groups[g].reads(body)) {
            const std::string shape = to_string(body.values[value].spec.shape);
            if (const auto found = maker.find(value); found != maker.end()) {
                text += fmt::format("  g{} -> g{} [label=\"{}\"];\n", found->second, g, shape);
                continue;
            }
            if (!drawn[value]) {
                text += fmt::format("  v{} [shape=ellipse, label=\"{}\\n{}\"];\n", value,
                                    escaped(value_name(body, value)), shape);
                drawn[value] = true;
            }
            text += fmt::format("  v{} -> g{};\n", value, g);
        }
    }
    return text + "}\n";
}

}  // namespace ingot::graph

namespace ingot {

std::string to_text(const Graph& graph) {
    const graph::Body body = graph::linearize(graph);
    return graph::to_text(body, graph::fuse(body));
}

std::string to_dot(const Graph& graph) {
    const graph::Body body = graph::linearize(graph);
    return graph::to_dot(body, graph::fuse(body));
}

}  // namespace ingot
