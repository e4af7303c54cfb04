// SPDX-License-Identifier: MIT
#include "graph/leaf.h"

#include <bit>

namespace ingot::graph {
namespace {

std::vector<TensorSpec> infer_same(std::span<const Tensor> inputs, const Attributes&) {
    return {inputs[0].spec()};
}

std::optional<View> view_same(const Node&, const View& input) {
    return input;
}

std::vector<Tensor> gradient_same(const GradientContext& context) {
    return {context.d_y()};
}

}  // namespace

void check_update(const char* operation, const Update& update) {
    if (!update.target) {
        fail(ErrorKind::kInvalidArgument, "{}: an empty Parameter cannot be updated", operation);
    }
    if (update.value.spec() != update.target.spec()) {
        fail(ErrorKind::kInvalidArgument, "{}: '{}' is {}, its new value {}", operation,
             update.target.name(), to_string(update.target.spec()), to_string(update.value.spec()));
    }
}

Tensor leaf(const OpDef& def, Attributes attributes, TensorSpec spec) {
    auto node = std::make_shared<Node>();
    node->def = &def;
    node->attributes = std::move(attributes);
    node->outputs = {std::move(spec)};
    node->id = next_id();
    return Tensor(node, 0);
}

const OpDef kInputOp{.name = "input",
                     .listed = in_list<kInputOp>,
                     .autocast = AutocastRule::kAsGiven,
                     .kind = OpKind::kLeaf};
const OpDef kScalarOp{.name = "scalar",
                      .listed = in_list<kScalarOp>,
                      .autocast = AutocastRule::kAsGiven,
                      .kind = OpKind::kLeaf};
const OpDef kStateOp{.name = "parameter",
                     .listed = in_list<kStateOp>,
                     .autocast = AutocastRule::kAsGiven,
                     .kind = OpKind::kLeaf};
const OpDef kConstantOp{.name = "constant",
                        .listed = in_list<kConstantOp>,
                        .autocast = AutocastRule::kAsGiven,
                        .kind = OpKind::kLeaf};
const OpDef kWithUpdateOp{.name = "with_update",
                          .listed = in_list<kWithUpdateOp>,
                          .autocast = AutocastRule::kAsGiven,
                          .kind = OpKind::kView,
                          .infer = infer_same,
                          .gradient = gradient_same,
                          .view = view_same};
const OpDef kStopGradientOp{
    .name = "stop_gradient",
    .listed = in_list<kStopGradientOp>,
    .autocast = AutocastRule::kAsGiven,
    .kind = OpKind::kView,
    .infer = infer_same,
    .gradient = [](const GradientContext&) { return std::vector<Tensor>{Tensor()}; },
    .view = view_same};

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> id{0};
    return ++id;
}

Tensor constant_word(std::uint32_t word, DType dtype) {
    return leaf(kConstantOp, Attributes::of(ConstantAttributes{word}), {Shape{}, dtype});
}

Tensor scalar_tensor(std::shared_ptr<ScalarCell> cell, DType dtype) {
    return leaf(kScalarOp, Attributes::of(ScalarAttributes{std::move(cell)}), {Shape{}, dtype});
}

Tensor tensor_of(const std::shared_ptr<State>& state) {
    if (const auto node = state->node.lock()) return Tensor(node, 0);
    const Tensor tensor = leaf(kStateOp, Attributes::of(StateAttributes{state}), state->spec);
    state->node = tensor.node();
    return tensor;
}

std::shared_ptr<State> state_of(const Tensor& tensor) {
    if (!tensor || tensor.node()->def != &kStateOp) return nullptr;
    return tensor.node()->attributes.as<StateAttributes>().state;
}

}  // namespace ingot::graph

namespace ingot {

Tensor::Tensor(float value)
    : Tensor(graph::constant_word(std::bit_cast<std::uint32_t>(value), f32)) {}

Tensor input(Shape shape, DType dtype, std::string name) {
    const std::uint64_t id = graph::next_id();
    if (shape.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "input: {} has no elements", to_string(shape));
    }
    if (name.empty()) name = fmt::format("input{}", id);
    return graph::leaf(graph::kInputOp,
                       graph::Attributes::of(graph::InputAttributes{id, std::move(name)}),
                       {shape, dtype});
}

Scalar::Scalar(float value, std::string name) {
    auto cell = std::make_shared<graph::ScalarCell>();
    cell->id = graph::next_id();
    cell->name = std::move(name);
    cell->word = std::bit_cast<std::uint32_t>(value);
    tensor_ = graph::scalar_tensor(std::move(cell), f32);
}

void Scalar::set(float value) {
    tensor_.node()->attributes.as<graph::ScalarAttributes>().cell->word =
        std::bit_cast<std::uint32_t>(value);
}

float Scalar::get() const {
    return std::bit_cast<float>(
        tensor_.node()->attributes.as<graph::ScalarAttributes>().cell->word.load());
}

Tensor Scalar::tensor() const {
    return tensor_;
}

Tensor with_update(const Tensor& tensor, const Parameter& target, const Tensor& value) {
    graph::check_update("with_update", {target, value});
    auto node = std::make_shared<graph::Node>();
    node->def = &graph::kWithUpdateOp;
    node->inputs = {tensor};
    node->outputs = {tensor.spec()};
    node->updates = {{target.state(), value}};
    node->id = graph::next_id();
    return Tensor(node, 0);
}

Tensor stop_gradient(const Tensor& tensor) {
    return graph::apply(graph::kStopGradientOp, {}, {tensor});
}

}  // namespace ingot
