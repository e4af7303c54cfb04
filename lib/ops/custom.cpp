// SPDX-License-Identifier: MIT
// Operators of users (ingot/custom.h). Each definition has an OpDef of its own, whose functions
// find their way back to the definition through the attributes of the node.
#include "ops/axis.h"
#include "ops/custom_definition.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>

namespace ingot::custom {
namespace {

using graph::GradientContext;
using graph::LowerContext;

template <typename Name>
const Attribute* find(std::span<const Attribute> attributes, const Name& name) {
    const auto found = std::ranges::find(attributes, name, &Attribute::name);
    return found == attributes.end() ? nullptr : &*found;
}

std::string names_of(std::span<const Attribute> attributes) {
    std::string names;
    for (const Attribute& attribute : attributes)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", attribute.name);
    return names.empty() ? "none" : names;
}

[[noreturn]] void no_such_attribute(std::string_view operation, std::string_view name,
                                    std::span<const Attribute> attributes) {
    fail(ErrorKind::kInvalidArgument, "{}: it has no attribute `{}`; its attributes are {}",
         operation, name, names_of(attributes));
}

Call call_of(const CallAttributes& attributes, std::span<const TensorSpec> inputs,
             std::span<const TensorSpec> outputs) {
    Call call;
    call.name = attributes.definition->options.name;
    call.attributes = attributes.values;
    call.inputs = inputs;
    call.outputs = outputs;
    return call;
}

bool is_operand(DType dtype) {
    return dtype == f32 || dtype == i32;
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const graph::Attributes& attributes) {
    const auto& own = attributes.as<CallAttributes>();
    const Options& options = own.definition->options;
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs) {
        if (!is_operand(input.dtype())) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: input `{}` is {}; an operator of your own takes floats and i32: cast() it",
                 options.name, options.inputs[specs.size()], to_string(input.spec()));
        }
        own.definition->check_element(options.inputs[specs.size()], input.spec());
        specs.push_back(input.spec());
    }
    std::vector<TensorSpec> outputs = options.infer(call_of(own, specs, {}));
    if (outputs.size() != options.outputs.size()) {
        fail(ErrorKind::kInvalidArgument, "{}: `infer` gave {} specs for {} outputs", options.name,
             outputs.size(), options.outputs.size());
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (is_operand(outputs[i].dtype)) {
            own.definition->check_element(options.outputs[i], outputs[i]);
            continue;
        }
        fail(ErrorKind::kInvalidArgument, "{}: output `{}` is {}; f32 and i32 are possible",
             options.name, options.outputs[i], to_string(outputs[i]));
    }
    return outputs;
}

std::vector<Tensor> gradient(const GradientContext& context) {
    const auto& own = context.attributes<CallAttributes>();
    const Options& options = own.definition->options;
    Gradient given;
    given.name = options.name;
    given.attributes = own.values;
    given.inputs = context.node.inputs;
    given.outputs = context.outputs;
    given.d_outputs = context.d_outputs;
    std::vector<Tensor> d_inputs = options.gradient(given);
    if (d_inputs.size() != given.inputs.size()) {
        fail(ErrorKind::kInvalidArgument, "{}: its gradient gave {} tensors for {} inputs",
             options.name, d_inputs.size(), given.inputs.size());
    }
    for (std::size_t i = 0; i < d_inputs.size(); ++i) {
        const TensorSpec& spec = given.inputs[i].spec();
        if (!d_inputs[i]) continue;
        if (!is_floating(spec.dtype)) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: its gradient gave a tensor for `{}`, which is {}: integers have none",
                 options.name, options.inputs[i], to_string(spec));
        }
        if (d_inputs[i].shape() != spec.shape || !is_floating(d_inputs[i].dtype())) {
            fail(ErrorKind::kInvalidArgument, "{}: its gradient for `{}` is {}, and `{}` is {}",
                 options.name, options.inputs[i], to_string(d_inputs[i].spec()), options.inputs[i],
                 to_string(spec));
        }
    }
    return d_inputs;
}

std::vector<graph::Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& own = op.attributes.as<CallAttributes>();
    const Definition& definition = *own.definition;
    std::vector<TensorSpec> inputs, outputs;
    for (const graph::Use& use : op.inputs)
        inputs.push_back({use.view.shape, context.body.values[use.value].spec.dtype});
    for (const graph::ValueId value : op.outputs)
        outputs.push_back(context.body.values[value].spec);

    const DeviceDescription& device = context.device;
    const Limits limits{.is_processor = device.device_class == DeviceClass::kCpu,
                        .subgroup_size = device.subgroup_size,
                        .max_invocations = device.max_invocations,
                        .max_group_size = device.max_group_size,
                        .max_group_count = device.max_group_count,
                        .shared_memory_bytes = device.shared_memory_bytes};
    const Call call = call_of(own, inputs, outputs);
    const Launch launch = definition.options.launch(call, limits);
    KernelCall kernel_call = definition.call(call, launch, device);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        kernel_call.bind(definition.options.inputs[i],
                         graph::operand_of(context.body, op.inputs[i]));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        kernel_call.bind(definition.options.outputs[i],
                         graph::operand_of(context.body, op.outputs[i]));
    }
    if (definition.reports) kernel_call.bind("status", {.kind = Operand::Kind::kStatus});
    auto candidates = ops::only_candidate(context, {std::move(kernel_call)}, 0);
    candidates[0].flops = definition.flops(launch);
    return candidates;
}

}  // namespace

Spirv Spirv::read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) fail(ErrorKind::kFile, "spirv: {} cannot be read", path.string());
    if (bytes.size() % 4 != 0) {
        fail(ErrorKind::kFile, "spirv: {} has {} bytes, not a whole number of words", path.string(),
             bytes.size());
    }
    static_assert(std::endian::native == std::endian::little, "words are copied as they lie");
    Spirv spirv;
    spirv.words_.resize(bytes.size() / 4);
    std::memcpy(spirv.words_.data(), bytes.data(), bytes.size());
    return spirv;
}

double Context::attribute(std::string_view wanted) const {
    const Attribute* const found = find(attributes, wanted);
    if (found == nullptr) no_such_attribute(name, wanted, attributes);
    return found->value;
}

void Call::require(bool condition, std::string_view rule) const {
    if (condition) return;
    std::string text = fmt::format("{}: {}", name, rule);
    std::string_view before = ": ";
    for (const TensorSpec& spec : inputs) {
        text += fmt::format("{}{}", before, to_string(spec));
        before = ", ";
    }
    for (const Attribute& attribute : attributes) {
        text += fmt::format("{}{}={}", before, attribute.name, attribute.value);
        before = ", ";
    }
    throw Error(ErrorKind::kInvalidArgument, text);
}

Launch& Launch::invocations(std::int64_t count) {
    unit_ = Unit::kInvocations;
    count_ = {count, 1, 1};
    return *this;
}

Launch& Launch::groups(std::int64_t count) {
    unit_ = Unit::kGroups;
    count_ = {count, 1, 1};
    return *this;
}

Launch& Launch::grid(std::int64_t x, std::int64_t y, std::int64_t z) {
    unit_ = Unit::kGrid;
    count_ = {x, y, z};
    return *this;
}

Launch& Launch::flops(double count) {
    flops_ = count;
    return *this;
}

Operator::Operator(Options options) : attributes_(options.attributes) {
    const auto definition = std::make_shared<Definition>(std::move(options));
    const Options& own = definition->options;
    definition->def = {.name = own.name,
                       .listed = graph::kUnlisted,
                       .autocast = graph::AutocastRule::kAsGiven,
                       .infer = infer,
                       .gradient = own.gradient ? gradient : nullptr,
                       .no_gradient = own.no_gradient,
                       .lower = lower,
                       .reports = definition->reports};
    if (definition->reports) definition->def.reported = own.reported;
    definition_ = definition;
}

Operator Operator::with(const Attributes& attributes) const {
    Operator other = *this;
    for (const Attribute& given : attributes) {
        const auto place = std::ranges::find(other.attributes_, given.name, &Attribute::name);
        if (place == other.attributes_.end()) no_such_attribute(name(), given.name, attributes_);
        place->value = given.value;
    }
    return other;
}

std::vector<Tensor> Operator::apply(std::vector<Tensor> inputs) const {
    const Options& options = definition_->options;
    if (inputs.size() != options.inputs.size()) {
        fail(ErrorKind::kInvalidArgument, "{}: takes {} inputs, {} were given", options.name,
             options.inputs.size(), inputs.size());
    }
    return graph::apply_all(definition_->def,
                            graph::Attributes::of(CallAttributes{definition_, attributes_}),
                            std::move(inputs));
}

const std::string& Operator::name() const {
    return definition_->options.name;
}

}  // namespace ingot::custom
