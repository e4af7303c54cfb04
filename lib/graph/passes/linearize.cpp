// SPDX-License-Identifier: MIT
// Expressions to Body, one node after the other in the order of their ids. What is not reachable
// never enters (dead code), what was computed before is found again (common subexpressions), views
// are followed instead of computed, and a view that a kernel cannot follow is copied first. What
// hangs on several nodes as an update of one state (a layer applied twice) becomes one update.
#include "graph/body.h"

#include <ingot/autocast.h>
#include <ingot/ops.h>

#include "shaders/pointwise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <unordered_map>

namespace ingot::graph {

const OpDef kCopyOp{.name = "copy", .listed = kUnlisted, .kind = OpKind::kPointwise, .opcode = 1};

namespace {

// `value` where what it reads of `from` by pointwise operations and views is read of `to` instead.
// What lies behind other operations, or carries updates, was computed before and stays as it is.
Tensor replaced(const Tensor& value, const Tensor& from, const Tensor& to) {
    const auto behind = [](const Node* node) {
        const OpKind kind = node->def->kind;
        return (kind != OpKind::kPointwise && kind != OpKind::kView) || !node->updates.empty();
    };
    std::unordered_map<const Node*, std::shared_ptr<const Node>> copies;
    const auto now = [&](const Tensor& tensor) {
        if (tensor == from) return to;
        const auto copy = copies.find(tensor.node().get());
        return copy == copies.end() ? tensor : Tensor(copy->second, tensor.output());
    };
    for (const auto& node : reachable(std::span(&value, 1), behind)) {
        std::vector<Tensor> inputs;
        for (const Tensor& input : node->inputs)
            inputs.push_back(now(input));
        if (inputs == node->inputs) continue;
        copies[node.get()] = apply(*node->def, node->attributes, std::move(inputs)).node();
    }
    return now(value);
}

class Linearizer {
public:
    Body run(const ingot::Graph& graph) {
        std::vector<Tensor> roots = graph.outputs;
        for (std::size_t i = 0; i < roots.size(); ++i) {
            if (!roots[i]) {
                fail(ErrorKind::kInvalidArgument, "graph: output {} is an empty Tensor", i);
            }
        }
        for (const Update& update : graph.updates) {
            check_update("graph", update);
            roots.push_back(update.value);
        }
        if (graph.attached_if) {
            check_condition(graph.attached_if);
            condition_ = graph.attached_if;
            roots.push_back(condition_);
        }
        chain_updates(roots);
        for (const auto& [id, update] : chained_)
            roots.push_back(update.value);
        const auto in_chain = [&](const AttachedUpdate& update) {
            return chained_.contains(update.target->id);
        };
        for (const auto& node : reachable(roots, {}, in_chain))
            emit(node);
        for (const auto& [id, update] : chained_)
            attached_.push_back(update);
        for (const AttachedUpdate& update : attached_)
            add_attached(update);
        for (const Tensor& tensor : graph.outputs) {
            body_.outputs.push_back({tensor, contiguous(use_of(tensor))});
        }
        for (const Update& update : graph.updates)
            add_update(update.target.state(), update.value);
        drop_unused(body_);  // a composite is expanded whole, whichever of its outputs is read
        return std::move(body_);
    }

private:
    // Updates of one state that hang on several nodes are carried out in the order in which these
    // were made: each reads what the one before it leaves, and the state receives the last value.
    void chain_updates(std::span<const Tensor> roots) {
        std::unordered_map<const State*, Tensor> newest;
        for (const auto& node : reachable(roots)) {
            for (const AttachedUpdate& update : node->updates) {
                const auto [before, first] = newest.emplace(update.target.get(), update.value);
                if (first) continue;
                before->second = replaced(update.value, tensor_of(update.target), before->second);
                chained_[update.target->id] = {update.target, before->second};
            }
        }
    }

    const Use& use_of(const Tensor& tensor) {
        return uses_.at(tensor.node().get())[tensor.output()];
    }

    void emit(const std::shared_ptr<const Node>& node) {
        if (uses_.contains(node.get())) return;
        kept_.push_back(node);
        // What a composite expands to belongs where the composite does.
        const std::uint64_t outer = section_;
        if (node->section != 0) section_ = node->section;
        emit_by_kind(node);
        section_ = outer;
        for (const AttachedUpdate& update : node->updates) {
            if (!chained_.contains(update.target->id)) attached_.push_back(update);
        }
    }

    static void check_condition(const Tensor& condition) {
        if (condition.dtype() == boolean && condition.shape().rank() == 0) return;
        fail(ErrorKind::kInvalidArgument, "graph: attached_if is a bool[], not {}",
             to_string(condition.spec()));
    }

    // When all else is there: what decides may be the last of it.
    void add_attached(const AttachedUpdate& update) {
        if (!condition_) return add_update(update.target, update.value);
        const Tensor chosen = where(condition_, update.value, tensor_of(update.target));
        const auto known = [&](const Node* node) { return uses_.contains(node); };
        for (const auto& node : reachable(std::span(&chosen, 1), known))
            emit(node);
        add_update(update.target, chosen);
    }

    void emit_by_kind(const std::shared_ptr<const Node>& node) {
        switch (node->def->kind) {
            case OpKind::kLeaf: uses_[node.get()] = {emit_leaf(node)}; break;
            case OpKind::kView: uses_[node.get()] = {emit_view(*node)}; break;
            case OpKind::kComposite: uses_[node.get()] = emit_composite(*node); break;
            case OpKind::kPointwise:
            case OpKind::kKernel: uses_[node.get()] = emit_operation(*node); break;
        }
    }

    Use emit_leaf(const std::shared_ptr<const Node>& node) {
        const TensorSpec& spec = node->outputs[0];
        const std::string key =
            fmt::format("{}|{}|{}", node->def->name, node->attributes.text(), to_string(spec));
        if (const auto found = known_.find(key); found != known_.end()) {
            return {found->second[0], View::of(spec.shape)};
        }
        Value value{.spec = spec, .leaf = node, .name = std::string(node->def->name)};
        if (node->def == &kInputOp) {
            value.kind = ValueKind::kInput;
            value.name = node->attributes.as<InputAttributes>().name;
        } else if (node->def == &kScalarOp) {
            value.kind = ValueKind::kScalar;
            value.cell = node->attributes.as<ScalarAttributes>().cell;
            value.name = value.cell->name;
        } else if (node->def == &kStateOp) {
            value.kind = ValueKind::kState;
            value.state = node->attributes.as<StateAttributes>().state;
            value.name = value.state->name;
        } else {
            value.kind = ValueKind::kConstant;
            value.word = node->attributes.as<ConstantAttributes>().word;
        }
        const ValueId id = add_value(std::move(value));
        known_[key] = {id};
        return {id, View::of(spec.shape)};
    }

    Use emit_view(const Node& node) {
        const Use& input = use_of(node.inputs[0]);
        if (const auto view = node.def->view(node, input.view)) return {input.value, *view};
        const Use copy = copied(input);
        const auto view = node.def->view(node, copy.view);
        INGOT_CHECK(view.has_value());
        return {copy.value, *view};
    }

    std::vector<Use> emit_composite(const Node& node) {
        const std::vector<Tensor> tensors = node.def->expand(node);
        INGOT_CHECK(tensors.size() == node.outputs.size());
        const auto known = [&](const Node* inner) { return uses_.contains(inner); };
        for (const auto& inner : reachable(tensors, known))
            emit(inner);
        std::vector<Use> uses;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            INGOT_CHECK(tensors[i].spec() == node.outputs[i]);
            uses.push_back(use_of(tensors[i]));
        }
        return uses;
    }

    std::vector<Use> emit_operation(const Node& node) {
        const bool pointwise = node.def->kind == OpKind::kPointwise;
        const Shape& space = node.outputs[0].shape;
        std::vector<Use> inputs;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            Use use = use_of(node.inputs[i]);
            if (pointwise) {
                use.view = expanded(use.view, space);
                use = within_axes(use);
            } else if (!follows(body_, *node.def, i, use)) {
                use = copied(use);
            }
            inputs.push_back(std::move(use));
        }
        if (pointwise) {
            if (const auto simpler = simplified(*node.def, inputs, node.outputs[0])) {
                return {*simpler};
            }
        }
        return add_operation(*node.def, node.attributes, std::move(inputs), node.outputs);
    }

    std::vector<Use> add_operation(const OpDef& def, const Attributes& attributes,
                                   std::vector<Use> inputs,
                                   const std::vector<TensorSpec>& outputs) {
        // By address: two operators that users define may have one name.
        std::string key =
            fmt::format("{}|{}|{}", section_, static_cast<const void*>(&def), attributes.text());
        for (const Use& use : inputs)
            key += fmt::format("|{}:{}", use.value, to_string(use.view));
        for (const TensorSpec& spec : outputs)
            key += fmt::format(">{}", to_string(spec));
        auto found = known_.find(key);
        if (found == known_.end()) {
            Operation operation{&def, attributes, std::move(inputs), {}, section_};
            for (const TensorSpec& spec : outputs) {
                operation.outputs.push_back(
                    add_value({.spec = spec, .name = fmt::format("%{}", body_.values.size())}));
            }
            found = known_.emplace(std::move(key), operation.outputs).first;
            body_.operations.push_back(std::move(operation));
        }
        std::vector<Use> uses;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            uses.push_back({found->second[i], View::of(outputs[i].shape)});
        }
        return uses;
    }

    // What arithmetic on constants, and with the neutral element, comes to without a kernel.
    std::optional<Use> simplified(const OpDef& def, const std::vector<Use>& inputs,
                                  const TensorSpec& output) {
        const auto neutral = [&](std::size_t at, float value) {
            return is_constant(body_, inputs[at], value) &&
                   body_.values[inputs[1 - at].value].spec.dtype == output.dtype;
        };
        if (def.name == "multiply" && neutral(1, 1.0F)) return inputs[0];
        if (def.name == "multiply" && neutral(0, 1.0F)) return inputs[1];
        if (def.name == "divide" && neutral(1, 1.0F)) return inputs[0];
        if ((def.name == "add" || def.name == "subtract") && neutral(1, 0.0F)) return inputs[0];
        if (def.name == "add" && neutral(0, 0.0F)) return inputs[1];
        if (def.fold == nullptr) return std::nullopt;
        float operands[3] = {};
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const Value& value = body_.values[inputs[i].value];
            if (value.kind != ValueKind::kConstant) return std::nullopt;
            operands[i] = std::bit_cast<float>(value.word);
        }
        const float result = def.fold(operands[0], operands[1], operands[2]);
        const Tensor folded = constant_word(std::bit_cast<std::uint32_t>(result), output.dtype);
        emit(folded.node());
        Use use = use_of(folded);
        use.view = expanded(use.view, output.shape);
        return use;
    }

    // A view of more axes than kernels follow, but spread over some: it is spread over the first of
    // those only after it was copied without.
    Use within_axes(const Use& use) {
        const View& view = use.view;
        const std::array views{View::of(view.shape), view};
        if (collapse(view.shape, views).sizes.size() <= shaders::kStridedAxes) return use;
        for (std::size_t axis = 0; axis < view.shape.rank(); ++axis) {
            if (view.strides[axis] != 0 || view.shape[axis] == 1) continue;
            Use narrow = use;
            narrow.view.shape = view.shape.with(axis, 1);
            Use copy = copied(narrow);
            copy.view = expanded(copy.view, view.shape);
            return copy;
        }
        return use;  // fuse() names it
    }

    Use copied(const Use& whole) {
        const Use use = within_axes(whole);
        const std::vector<TensorSpec> copy{{use.view.shape, body_.values[use.value].spec.dtype}};
        return add_operation(kCopyOp, {}, {use}, copy)[0];
    }

    Use contiguous(const Use& use) {
        const bool computed = body_.values[use.value].kind == ValueKind::kComputed;
        return computed && use.view.is_contiguous() ? use : copied(use);
    }

    void add_update(const std::shared_ptr<State>& target, const Tensor& value) {
        for (const BodyUpdate& other : body_.updates) {
            if (other.target == target) {
                fail(ErrorKind::kInvalidArgument, "graph: '{}' is updated twice in one step",
                     target->name);
            }
            if (overlap(*other.target, *target)) {
                fail(ErrorKind::kInvalidArgument,
                     "graph: '{}' and '{}' share memory and are both updated", target->name,
                     other.target->name);
            }
        }
        Use use = use_of(value);
        const bool whole_computed =
            body_.values[use.value].kind == ValueKind::kComputed && is_whole(body_, use);
        body_.updates.push_back({target, whole_computed ? use : copied(use)});
    }

    ValueId add_value(Value value) {
        body_.values.push_back(std::move(value));
        return static_cast<ValueId>(body_.values.size() - 1);
    }

    Body body_;
    Tensor condition_;                      // Graph::attached_if
    std::vector<AttachedUpdate> attached_;  // of the nodes that were emitted, in that order
    std::map<std::uint64_t, AttachedUpdate> chained_;  // by state: what several updates come to
    std::unordered_map<const Node*, std::vector<Use>> uses_;
    std::uint64_t section_ = 0;  // of the operation being emitted
    std::map<std::string, std::vector<ValueId>> known_;
    std::vector<std::shared_ptr<const Node>> kept_;  // expanded nodes must outlive uses_
};

}  // namespace

Body linearize(const ingot::Graph& graph) {
    const Autocast as_written(f32);  // composites expand to what was written, wherever that was
    return Linearizer().run(graph);
}

void drop_unused(Body& body) {
    std::vector<bool> used(body.values.size(), false);
    for (const BodyOutput& output : body.outputs)
        used[output.use.value] = true;
    for (const BodyUpdate& update : body.updates)
        used[update.value.value] = true;
    std::vector<Operation> kept;
    for (std::size_t i = body.operations.size(); i-- > 0;) {
        Operation& operation = body.operations[i];
        if (std::none_of(operation.outputs.begin(), operation.outputs.end(),
                         [&](ValueId value) { return used[value]; })) {
            continue;
        }
        for (const Use& use : operation.inputs)
            used[use.value] = true;
        kept.push_back(std::move(operation));
    }
    std::reverse(kept.begin(), kept.end());
    body.operations = std::move(kept);
}

bool follows(const Body& body, const OpDef& def, std::size_t input, const Use& use) {
    const std::size_t element_bytes = size_bytes_of(body.values[use.value].spec.dtype);
    const auto offset_bytes = static_cast<std::uint64_t>(use.view.offset) * element_bytes;
    return (use.view.is_contiguous() && offset_bytes % kAlignmentBytes == 0) ||
           (def.accepts != nullptr && def.accepts(input, use.view));
}

bool is_whole(const Body& body, const Use& use) {
    return use.view.offset == 0 && use.view.is_contiguous() &&
           use.view.shape.count() == body.values[use.value].spec.shape.count();
}

bool is_constant(const Body& body, const Use& use, float value) {
    const Value& held = body.values[use.value];
    return held.kind == ValueKind::kConstant && held.spec.dtype == f32 &&
           held.word == std::bit_cast<std::uint32_t>(value);
}

}  // namespace ingot::graph
