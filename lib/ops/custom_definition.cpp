// SPDX-License-Identifier: MIT
// Where a declaration meets the shader: bindings against operands when an operator is made, the
// numbers of a launch against parameters, constants and limits when a graph is compiled.
#include "ops/custom_definition.h"

#include "core/check.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/ranges.h>

namespace ingot::custom {
namespace {

constexpr std::string_view kStatus = "status";
constexpr std::string_view kSite = "site";

[[noreturn]] void refuse(std::string_view name, const std::string& reason) {
    fail(ErrorKind::kInvalidArgument, "{}: {}", name, reason);
}

// "x (binding 0), y (binding 1)", or "none".
template <typename List, typename Text>
std::string listed(const List& list, Text text) {
    std::vector<std::string> words;
    for (const auto& entry : list)
        words.emplace_back(text(entry));
    return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

// The declaration as it is, or an Error.
Options checked(Options options) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    if (options.name.empty() || !std::ranges::all_of(options.name, is_word)) {
        fail(ErrorKind::kInvalidArgument,
             "custom operator: `{}` is no name: letters, digits and underscores are", options.name);
    }
    if (options.outputs.empty()) refuse(options.name, "it has no outputs");
    if (!options.infer) refuse(options.name, "Options::infer is missing");
    if (!options.launch) refuse(options.name, "Options::launch is missing");
    if (static_cast<bool>(options.gradient) != options.no_gradient.empty()) {
        refuse(options.name, options.gradient
                                 ? "it has a gradient and a reason why it has none"
                                 : "it needs a gradient, or in no_gradient the reason why not");
    }
    std::vector<std::string> names = options.inputs;
    names.insert(names.end(), options.outputs.begin(), options.outputs.end());
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
        refuse(options.name, fmt::format("operand `{}` is declared twice", *twice));
    }
    std::vector<std::string> attributes;
    for (const Attribute& attribute : options.attributes)
        attributes.push_back(attribute.name);
    std::ranges::sort(attributes);
    if (const auto twice = std::ranges::adjacent_find(attributes); twice != attributes.end()) {
        refuse(options.name, fmt::format("attribute `{}` is declared twice", *twice));
    }
    return options;
}

void check_operand(const Options& options, const Reflection& shader, const std::string& operand,
                   bool is_input) {
    const auto binding = std::ranges::find(shader.bindings, operand, &Reflection::Binding::name);
    const char* const noun = is_input ? "input" : "output";
    if (binding == shader.bindings.end() || operand == kStatus) {
        refuse(options.name,
               fmt::format("its shader has no binding for {} `{}`; its bindings are {}", noun,
                           operand, listed(shader.bindings, [](const auto& each) {
                               return fmt::format("{} ({})", each.name, each.index);
                           })));
    }
    if (binding->kind != BindingKind::kStorageBuffer) {
        refuse(options.name, fmt::format("binding {} `{}` is a {}; operands are storage buffers",
                                         binding->index, operand, to_string(binding->kind)));
    }
    if (is_input && binding->access != Access::kRead) {
        refuse(options.name, fmt::format("binding {} `{}` is an input and not declared readonly",
                                         binding->index, operand));
    }
    if (!is_input && binding->access == Access::kRead) {
        refuse(options.name, fmt::format("binding {} `{}` is an output and declared readonly",
                                         binding->index, operand));
    }
}

bool check_interface(const Options& options, const Reflection& shader) {
    for (const std::string& operand : options.inputs)
        check_operand(options, shader, operand, true);
    for (const std::string& operand : options.outputs)
        check_operand(options, shader, operand, false);
    bool reports = false;
    for (const Reflection::Binding& binding : shader.bindings) {
        if (binding.name == kStatus) {
            reports = true;
            continue;
        }
        if (std::ranges::find(options.inputs, binding.name) == options.inputs.end() &&
            std::ranges::find(options.outputs, binding.name) == options.outputs.end()) {
            refuse(options.name,
                   fmt::format("binding {} `{}` of its shader is declared neither as an input "
                               "nor as an output",
                               binding.index, binding.name));
        }
    }
    const bool has_site =
        std::ranges::any_of(shader.parameters, [](const Reflection::Parameter& parameter) {
            return parameter.name == kSite && parameter.offset_bytes == 0 && parameter.count == 1 &&
                   parameter.type == ScalarType::kUint;
        });
    if (reports && !has_site) {
        refuse(options.name, "a shader that reports needs `uint site` as its first parameter");
    }
    return reports;
}

// `value` as the 32 bits of a declared type.
std::uint32_t word_of(std::string_view name, const std::string& noun, ScalarType type,
                      double value) {
    const auto not_one = [&]() {
        refuse(name,
               fmt::format("{} is declared {} and was given {}", noun, to_string(type), value));
    };
    switch (type) {
        case ScalarType::kFloat: return std::bit_cast<std::uint32_t>(static_cast<float>(value));
        case ScalarType::kBool:
            if (value != 0 && value != 1) not_one();
            return value != 0;
        case ScalarType::kInt:
            if (std::trunc(value) != value || std::abs(value + 0.5) > 0x1p31) not_one();
            return static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
        case ScalarType::kUint:
            if (std::trunc(value) != value || value < 0 || value >= 0x1p32) not_one();
            return static_cast<std::uint32_t>(value);
    }
    return 0;
}

}  // namespace

Definition::Definition(Options given)
    : options(checked(std::move(given))), kernel(options.name, options.spirv.words()) {
    options.spirv = {};  // the kernel has its own
    reports = check_interface(options, kernel.reflection());
}

void Definition::check_element(const std::string& operand, const TensorSpec& spec) const {
    const auto& bindings = kernel.reflection().bindings;
    const auto binding = std::ranges::find(bindings, operand, &Reflection::Binding::name);
    const std::optional<ScalarType> element = binding->element;
    const ScalarType other = spec.dtype == f32 ? ScalarType::kInt : ScalarType::kFloat;
    if (element != other) return;
    refuse(options.name, fmt::format("`{}` is {}, and its shader declares {} {}[]", operand,
                                     to_string(spec), to_string(other), operand));
}

void Definition::set_parameters(KernelCall& to, const Call& call, const Launch& launch) const {
    const std::vector<Reflection::Parameter>& declared = kernel.reflection().parameters;
    to.parameter_size_bytes = kernel.reflection().parameter_size_bytes;
    if (!launch.block_.empty()) {
        if (launch.block_.size() != to.parameter_size_bytes) {
            refuse(options.name,
                   fmt::format("its shader takes {} bytes of parameters and was given a block of "
                               "{}",
                               to.parameter_size_bytes, launch.block_.size()));
        }
        std::ranges::copy(launch.block_, to.parameter_bytes.begin());
    }
    for (const Launch::Named& named : launch.parameters_) {
        if (std::ranges::find(declared, named.name, &Reflection::Parameter::name) ==
            declared.end()) {
            refuse(
                options.name,
                fmt::format("its shader has no parameter `{}`; its parameters are {}", named.name,
                            listed(declared, [](const auto& each) { return each.name; })));
        }
    }
    std::vector<std::string> missing;
    for (const Reflection::Parameter& parameter : declared) {
        if (reports && parameter.name == kSite) continue;
        const auto named =
            std::ranges::find(launch.parameters_, parameter.name, &Launch::Named::name);
        std::vector<double> values;
        if (named != launch.parameters_.end()) {
            values = named->values;
        } else if (!launch.block_.empty()) {
            continue;
        } else if (const auto attribute =
                       std::ranges::find(call.attributes, parameter.name, &Attribute::name);
                   attribute != call.attributes.end()) {
            values = {attribute->value};
        } else {
            missing.push_back(fmt::format("`{}`", parameter.name));
            continue;
        }
        if (parameter.count == 0) {
            refuse(options.name, fmt::format("parameter `{}` is no number and no row of numbers: "
                                             "Launch::block() sets it",
                                             parameter.name));
        }
        if (values.size() != parameter.count) {
            refuse(options.name, fmt::format("parameter `{}` is {} numbers and was given {}",
                                             parameter.name, parameter.count, values.size()));
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::uint32_t word =
                word_of(options.name, fmt::format("parameter `{}`", parameter.name), parameter.type,
                        values[i]);
            const std::size_t at = parameter.offset_bytes + i * parameter.stride_bytes;
            INGOT_CHECK(at + sizeof(word) <= to.parameter_bytes.size());
            std::memcpy(to.parameter_bytes.data() + at, &word, sizeof(word));
        }
    }
    if (!missing.empty()) {
        refuse(options.name,
               fmt::format("parameters of its shader are not set: {}", fmt::join(missing, ", ")));
    }
}

void Definition::set_constants(KernelCall& to, const Launch& launch) const {
    const std::span<const SpecConstant> declared = kernel.kernel().constants;
    for (const Launch::Named& named : launch.constants_) {
        const auto found = std::ranges::find(declared, named.name, &SpecConstant::name);
        if (found == declared.end()) {
            refuse(options.name,
                   fmt::format("its shader has no constant `{}`; its constants are {}", named.name,
                               listed(declared, [](const auto& each) { return each.name; })));
        }
        to.constants[static_cast<std::size_t>(found - declared.begin())] = word_of(
            options.name, fmt::format("constant `{}`", named.name), found->type, named.values[0]);
    }
}

void Definition::set_groups(KernelCall& to, const Launch& launch, const DeviceDescription& device,
                            std::vector<std::string>& problems) const {
    const Kernel& shader = kernel.kernel();
    std::array<std::uint32_t, 3> size = shader.local_size;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        for (std::size_t i = 0; i < shader.constants.size(); ++i) {
            if (shader.constants[i].id == shader.local_size_ids[axis]) size[axis] = to.constants[i];
        }
    }
    const std::uint64_t invocations = std::uint64_t{size[0]} * size[1] * size[2];
    if (invocations == 0) refuse(options.name, "a group of 0 invocations");
    const bool fits = size[0] <= device.max_group_size[0] && size[1] <= device.max_group_size[1] &&
                      size[2] <= device.max_group_size[2] && invocations <= device.max_invocations;
    if (!fits) {
        problems.push_back(fmt::format(
            "a group of {} x {} x {} invocations; {} x {} x {} and {} in "
            "all are possible",
            size[0], size[1], size[2], device.max_group_size[0], device.max_group_size[1],
            device.max_group_size[2], device.max_invocations));
    }
    if (launch.unit_ == Launch::Unit::kNone) {
        refuse(options.name, "its launch says neither invocations() nor groups() nor grid()");
    }
    if (std::ranges::any_of(launch.count_, [](std::int64_t count) { return count < 0; })) {
        refuse(options.name, fmt::format("a launch of {}", fmt::join(launch.count_, " x ")));
    }
    if (launch.unit_ == Launch::Unit::kGrid) {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::int64_t count = launch.count_[axis];
            if (count > device.max_group_count[axis]) {
                problems.push_back(fmt::format("{} groups in {}; {} are possible", count,
                                               "xyz"[axis], device.max_group_count[axis]));
            }
            to.groups[axis] = static_cast<std::uint32_t>(count);
        }
        // An empty dispatch is told by its first count.
        if (std::ranges::count(launch.count_, 0) != 0) to.groups = {0, 1, 1};
        return;
    }
    const bool by_invocation = launch.unit_ == Launch::Unit::kInvocations;
    if (by_invocation && size[1] * size[2] != 1) {
        refuse(options.name, fmt::format("invocations() counts along x, and the shader's groups "
                                         "are {} x {} x {}: say grid()",
                                         size[0], size[1], size[2]));
    }
    try {
        to.groups = groups_for(static_cast<std::uint64_t>(launch.count_[0]),
                               by_invocation ? size[0] : 1, device);
    } catch (const Error& error) {
        problems.emplace_back(error.what());
        return;
    }
    if (to.groups[1] > 1 && !kernel.reflection().reads_group_counts) {
        problems.push_back(
            fmt::format("{} groups where {} are possible in x, and its shader does not count with "
                        "ingot/index.glsl, which goes on in y",
                        std::uint64_t{to.groups[0]} * to.groups[1], device.max_group_count[0]));
    }
}

KernelCall Definition::call(const Call& call, const Launch& launch,
                            const DeviceDescription& device) const {
    KernelCall result = KernelCall::make(kernel.kernel());
    set_parameters(result, call, launch);
    set_constants(result, launch);
    std::vector<std::string> problems;
    for (const std::uint32_t capability : kernel.kernel().capabilities) {
        if (!device.has_capability(capability)) {
            problems.push_back("its shader needs " + capability_name(capability));
        }
    }
    if (kernel.kernel().bindings.size() > device.max_storage_buffers) {
        problems.push_back(fmt::format("{} storage buffers; {} are possible",
                                       kernel.kernel().bindings.size(),
                                       device.max_storage_buffers));
    }
    set_groups(result, launch, device, problems);
    if (!problems.empty()) {
        fail(ErrorKind::kUnsupported, "{}: {}", options.name, fmt::join(problems, ", "));
    }
    return result;
}

}  // namespace ingot::custom
