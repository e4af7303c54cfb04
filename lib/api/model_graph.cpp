// SPDX-License-Identifier: MIT
// Where layers and operations meet: the expression is written while a recorder says which layer is
// at work, and what became reachable between its beginning and its end is the layer's.
#include "core/check.h"
#include "graph/leaf.h"
#include "graph/op_def.h"
#include "nn/record.h"

#include <ingot/model_graph.h>

#include <cctype>
#include <unordered_map>

namespace ingot::nn {
namespace {

// What readers of such graphs allow in a name, slashes apart.
std::string tidied(std::string name) {
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') c = '_';
    }
    return name.empty() ? "_" : name;
}

class Sketch : public Recorder {
public:
    explicit Sketch(const Module& module) { add(module, ""); }

    void enter(const Layer& layer, std::initializer_list<Tensor> inputs) override {
        for (const Tensor& x : inputs)
            take(x);  // what made the inputs belongs to the layer around
        const auto found = scopes_.find(&layer);
        open_.push_back(found != scopes_.end() ? found->second : open_.back());
    }
    void gave(const Tensor& output) override { take(output); }
    void leave() override { open_.pop_back(); }
    void reads(const Layer&) override {}

    void take(const Tensor& tensor) {
        const auto known = [&](const graph::Node* node) { return names_.contains(node); };
        for (const auto& node : graph::reachable(std::span(&tensor, 1), known)) {
            held_.push_back(node);
            add(*node);
        }
    }

    std::vector<io::GraphNode> nodes;

private:
    void add(const Module& module, const std::string& scope) {
        if (!scopes_.emplace(module.layer().get(), scope).second) return;
        for (const auto& [name, below] : module.children())
            add(below, scope + tidied(name + "_" + below.type()) + "/");
    }

    std::string input_name(const Tensor& input) const {
        const std::string& name = names_.at(input.node().get());
        return input.output() == 0 ? name : fmt::format("{}:{}", name, input.output());
    }

    void add(const graph::Node& node) {
        std::string operation{node.def->name}, label = operation;
        if (node.def == &graph::kInputOp) {
            label = node.attributes.as<graph::InputAttributes>().name;
        } else if (node.def == &graph::kStateOp) {
            operation = "parameter";
            label = node.attributes.as<graph::StateAttributes>().state->name;
            // "0.weight" lies in the box of layer 0.
            label = label.substr(label.rfind('.') + 1);
        }
        const std::string wish = open_.back() + tidied(label);
        const int number = count_[wish]++;
        io::GraphNode drawn{.name = number == 0 ? wish : fmt::format("{}_{}", wish, number),
                            .operation = operation};
        for (const Tensor& input : node.inputs)
            drawn.inputs.push_back(input_name(input));
        for (const TensorSpec& output : node.outputs)
            drawn.outputs.push_back(output.shape);
        if (const std::string text = node.attributes.text(); !text.empty())
            drawn.attributes.emplace_back("attributes", text);
        names_.emplace(&node, drawn.name);
        nodes.push_back(std::move(drawn));
    }

    std::unordered_map<const Layer*, std::string> scopes_;
    std::vector<std::string> open_{""};
    std::unordered_map<const graph::Node*, std::string> names_;
    std::vector<std::shared_ptr<const graph::Node>> held_;  // so that no address is used twice
    std::unordered_map<std::string, int> count_;
};

}  // namespace

std::vector<io::GraphNode> model_graph(const Module& module, const Tensor& x) {
    Sketch sketch(module);
    sketch.take(x);
    {
        const RecorderScope scope(sketch);
        sketch.take(module.forward(x, Mode::kEval));
    }
    return std::move(sketch.nodes);
}

}  // namespace ingot::nn
