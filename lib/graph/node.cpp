// SPDX-License-Identifier: MIT
#include "graph/node.h"

#include "graph/autocast.h"
#include "graph/cast.h"
#include "graph/leaf.h"
#include "graph/op_def.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

namespace ingot {

std::string to_string(const TensorSpec& spec) {
    return fmt::format("{}{}", to_string(spec.dtype), to_string(spec.shape));
}

const TensorSpec& Tensor::spec() const {
    if (!node_) fail(ErrorKind::kInvalidArgument, "tensor: an empty Tensor has no shape or value");
    return node_->outputs[output_];
}

}  // namespace ingot

namespace ingot::graph {
namespace {

// Kernels are written for f32; 16-bit floats are converted on both sides of them, by casts that
// fuse with what surrounds the kernel, or, where a device has 16-bit storage, with the kernel
// itself (passes/read_narrow.cpp).
bool widen(const OpDef& def, std::span<const Tensor> inputs) {
    return (def.kind == OpKind::kKernel || def.kind == OpKind::kComposite) &&
           std::any_of(inputs.begin(), inputs.end(),
                       [](const Tensor& input) { return is_narrow_float(input.dtype()); });
}

// Output 0 is the result and takes the operands' type; others (statistics) stay f32.
std::vector<Tensor> apply_widened(const OpDef& def, Attributes attributes,
                                  std::vector<Tensor> inputs) {
    const DType dtype = promoted(inputs);
    for (Tensor& input : inputs) {
        if (is_narrow_float(input.dtype())) input = cast(input, f32);
    }
    std::vector<Tensor> outputs = apply_all(def, std::move(attributes), std::move(inputs));
    if (is_floating(outputs[0].dtype())) outputs[0] = cast(outputs[0], dtype);
    return outputs;
}

thread_local std::uint64_t current_section = 0;

// Takes what the node refers to away from it.
void give_up(Node& node, std::vector<Tensor>& to) {
    std::move(node.inputs.begin(), node.inputs.end(), std::back_inserter(to));
    node.inputs.clear();
    for (AttachedUpdate& update : node.updates)
        to.push_back(std::move(update.value));
    node.updates.clear();
}

}  // namespace

Node::~Node() {
    std::vector<Tensor> open;
    give_up(*this, open);
    while (!open.empty()) {
        const Tensor last = std::move(open.back());
        open.pop_back();
        // The only owner may change it; it ends with `last`, and has nothing left to end with it.
        if (last && last.node().use_count() == 1) give_up(const_cast<Node&>(*last.node()), open);
    }
}

Section::Section() : outer_(std::exchange(current_section, next_id())) {}

Section::~Section() {
    current_section = outer_;
}

std::vector<Tensor> apply_all(const OpDef& def, Attributes attributes, std::vector<Tensor> inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i]) {
            fail(ErrorKind::kInvalidArgument, "{}: input {} is an empty Tensor", def.name, i);
        }
    }
    const Casting casting(def.autocast);
    for (Tensor& input : inputs)
        input = casting(input);
    std::vector<Tensor> outputs =
        widen(def, inputs) ? apply_widened(def, std::move(attributes), std::move(inputs))
                           : apply_unwidened(def, std::move(attributes), std::move(inputs));
    outputs[0] = casting.result(outputs[0]);
    return outputs;
}

std::vector<Tensor> apply_unwidened(const OpDef& def, Attributes attributes,
                                    std::vector<Tensor> inputs) {
    auto node = std::make_shared<Node>();
    node->def = &def;
    node->outputs = def.infer(inputs, attributes);
    node->attributes = std::move(attributes);
    node->inputs = std::move(inputs);
    node->id = next_id();
    node->section = current_section;
    std::vector<Tensor> outputs;
    for (std::uint32_t i = 0; i < node->outputs.size(); ++i)
        outputs.emplace_back(node, i);
    return outputs;
}

Tensor apply(const OpDef& def, Attributes attributes, std::vector<Tensor> inputs) {
    return apply_all(def, std::move(attributes), std::move(inputs))[0];
}

std::vector<std::shared_ptr<const Node>> reachable(
    std::span<const Tensor> from, const std::function<bool(const Node*)>& known,
    const std::function<bool(const AttachedUpdate&)>& passed_over) {
    std::vector<std::shared_ptr<const Node>> found;
    std::unordered_set<const Node*> seen;
    const auto visit = [&](const Tensor& tensor) {
        if (!tensor || (known && known(tensor.node().get()))) return;
        if (seen.insert(tensor.node().get()).second) found.push_back(tensor.node());
    };
    for (const Tensor& tensor : from)
        visit(tensor);
    for (std::size_t next = 0; next < found.size(); ++next) {
        const std::shared_ptr<const Node> node = found[next];
        for (const Tensor& tensor : node->inputs)
            visit(tensor);
        for (const AttachedUpdate& update : node->updates) {
            if (!passed_over || !passed_over(update)) visit(update.value);
        }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a->id < b->id; });
    return found;
}

}  // namespace ingot::graph
