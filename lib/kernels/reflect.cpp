// SPDX-License-Identifier: MIT
// Reads the interface of a shader off the variables and constants of its module.
#include "kernels/reflect.h"

#include "kernels/spirv.h"
#include "kernels/spirv_module.h"

#include <algorithm>
#include <utility>

namespace ingot {
namespace {

using spirv::Id;
using spirv::Module;
using spirv::Type;

ScalarType scalar_type(const Module& module, const spirv::Constant& constant) {
    const Type& type = module.type(constant.type, constant.word);
    if (type.op == spirv::kTypeBool) return ScalarType::kBool;
    if (type.width != 32) {
        module.unsupported(constant.word, "a specialization constant that is not 32 bits wide");
    }
    if (type.op == spirv::kTypeFloat) return ScalarType::kFloat;
    return type.is_signed ? ScalarType::kInt : ScalarType::kUint;
}

// `local_size_x_id = 0` beside `layout(constant_id = 0) const` makes two constants of one id; the
// named one speaks for both.
std::vector<Reflection::Constant> read_constants(const Module& module) {
    std::map<std::uint32_t, Reflection::Constant> by_spec_id;
    for (const auto& [id, constant] : module.constants) {
        const auto spec_id = module.decorations_of(id).spec_id;
        if (!constant.is_spec || !spec_id) continue;
        Reflection::Constant entry{module.name_of(id), *spec_id, constant.bits,
                                   scalar_type(module, constant)};
        const auto [place, is_new] = by_spec_id.emplace(*spec_id, entry);
        if (is_new) continue;
        if (place->second.type != entry.type) {
            module.unsupported(constant.word, "constant " + std::to_string(*spec_id) +
                                                  " is declared with two types");
        }
        if (place->second.name.empty()) place->second = std::move(entry);
    }
    std::vector<Reflection::Constant> result;
    for (auto& [id, entry] : by_spec_id)
        result.push_back(std::move(entry));
    return result;
}

// Sets the group's size along one axis from the constant that holds it.
void read_local_size(const Module& module, Id part, std::size_t axis, Reflection& result) {
    static constexpr const char* kNames[] = {"LOCAL_SIZE", "LOCAL_SIZE_Y", "LOCAL_SIZE_Z"};
    const spirv::Constant* constant = module.constant(part);
    if (!constant) module.unsupported(0, "a group size computed from constants");
    result.local_size[axis] = constant->bits;
    const auto spec_id = module.decorations_of(part).spec_id;
    if (!constant->is_spec || !spec_id) return;
    const auto entry = std::ranges::find(result.constants, *spec_id, &Reflection::Constant::id);
    if (entry->name.empty()) entry->name = kNames[axis];
    result.local_size[axis] = entry->default_bits;
    result.local_size_ids[axis] = *spec_id;
}

void read_local_size(const Module& module, Reflection& result) {
    result.local_size = module.local_size;
    std::vector<Id> parts = module.local_size_parts;
    if (module.workgroup_size != 0) {  // outranks the execution mode
        const spirv::Constant* composite = module.constant(module.workgroup_size);
        if (!composite) module.malformed(0, "the group size is not a constant");
        parts = composite->parts;
        if (parts.size() != 3) module.malformed(composite->word, "a group size without 3 parts");
    }
    for (std::size_t axis = 0; axis < parts.size(); ++axis) {
        read_local_size(module, parts[axis], axis, result);
    }
    if (std::ranges::count(result.local_size, 0u) != 0) module.malformed(0, "a group size of 0");
}

std::string binding_name(const Module& module, Id variable, Id block_id, const Type& block) {
    std::string name = module.name_of(variable);
    if (name.empty() && block.member_count == 1) name = module.name_of(block_id, 0);
    return name.empty() ? module.name_of(block_id) : name;
}

BindingKind binding_kind(const Module& module, const Type& pointer, const Type& resource,
                         std::size_t word) {
    if (pointer.storage_class != spirv::kUniformConstant) {
        if (resource.op != spirv::kTypeStruct) module.unsupported(word, "an array of bindings");
        return pointer.storage_class == spirv::kStorageBuffer ||
                       module.decorations_of(pointer.target).buffer_block
                   ? BindingKind::kStorageBuffer
                   : BindingKind::kUniformBuffer;
    }
    const Type& image =
        resource.op == spirv::kTypeSampledImage ? module.type(resource.target, word) : resource;
    if (image.op != spirv::kTypeImage || image.image_dim != spirv::kDimBuffer) {
        module.unsupported(word, "a binding that is neither one buffer nor one texel buffer");
    }
    return image.image_sampled == 2 ? BindingKind::kStorageTexelBuffer
                                    : BindingKind::kUniformTexelBuffer;
}

// GLSL's readonly on a block arrives as NonWritable on the variable or on each member.
Access binding_access(const Module& module, const spirv::Decorations& own, BindingKind kind,
                      Id block_id, const Type& block) {
    if (kind == BindingKind::kUniformBuffer || kind == BindingKind::kUniformTexelBuffer) {
        return Access::kRead;
    }
    bool readonly = block.member_count > 0;
    bool writeonly = block.member_count > 0;
    for (std::uint32_t member = 0; member < block.member_count; ++member) {
        const auto decorations = module.decorations_of(block_id, member);
        readonly = readonly && decorations.non_writable;
        writeonly = writeonly && decorations.non_readable;
    }
    if (readonly || own.non_writable) return Access::kRead;
    return writeonly || own.non_readable ? Access::kWrite : Access::kReadWrite;
}

std::optional<ScalarType> element_type(const Module& module, BindingKind kind, const Type& block) {
    if (kind != BindingKind::kStorageBuffer || block.member_count != 1) return std::nullopt;
    const auto array = module.types.find(block.members[0]);
    if (array == module.types.end() || array->second.op != spirv::kTypeRuntimeArray) {
        return std::nullopt;
    }
    auto element = module.types.find(array->second.target);
    if (element != module.types.end() && element->second.op == spirv::kTypeVector) {
        element = module.types.find(element->second.target);
    }
    if (element == module.types.end() || element->second.width != 32) return std::nullopt;
    if (element->second.op == spirv::kTypeFloat) return ScalarType::kFloat;
    return element->second.is_signed ? ScalarType::kInt : ScalarType::kUint;
}

// Two views of one binding (say as scalars and as vectors) are one binding that may do both.
void add(const Module& module, std::size_t word, Reflection::Binding binding,
         std::vector<Reflection::Binding>& bindings) {
    const auto same = std::ranges::find(bindings, binding.index, &Reflection::Binding::index);
    if (same == bindings.end()) {
        bindings.push_back(std::move(binding));
        return;
    }
    if (same->kind != binding.kind) {
        module.unsupported(
            word, "binding " + std::to_string(binding.index) + " is declared as two kinds");
    }
    if (same->access != binding.access) same->access = Access::kReadWrite;
    if (same->element != binding.element) same->element.reset();
}

// What one member of the parameters is: a number, a vector or an array of numbers, or (count 0)
// something else.
Reflection::Parameter parameter_of(const Module& module, const Type& type, std::uint32_t stride) {
    Reflection::Parameter parameter{{}, 0, 0, 4, ScalarType::kUint};
    const Type* scalar = &type;
    std::uint32_t count = 1;
    if (type.op == spirv::kTypeVector || type.op == spirv::kTypeArray) {
        const auto element = module.types.find(type.target);
        if (element == module.types.end()) return parameter;
        scalar = &element->second;
        count = type.length;
        if (type.op == spirv::kTypeArray) parameter.stride_bytes = stride;
    }
    if (scalar->width != 32) return parameter;
    if (scalar->op == spirv::kTypeFloat) {
        parameter.type = ScalarType::kFloat;
    } else if (scalar->op == spirv::kTypeInt) {
        parameter.type = scalar->is_signed ? ScalarType::kInt : ScalarType::kUint;
    } else {
        return parameter;
    }
    parameter.count = count;
    return parameter;
}

// Blocks inside the block are followed to a depth that nobody exceeds in earnest.
void read_parameters(const Module& module, Id block_id, const std::string& prefix,
                     std::uint32_t base_bytes, int depth, std::size_t word, Reflection& result) {
    constexpr int kMaxDepth = 3;
    constexpr std::size_t kMaxParameters = 256;
    const Type& block = module.type(block_id, word);
    for (std::uint32_t member = 0; member < block.member_count; ++member) {
        if (result.parameters.size() >= kMaxParameters) {
            module.unsupported(word, "push constants of more than 256 members");
        }
        const auto own = module.decorations_of(block_id, member);
        const auto type = module.types.find(block.members[member]);
        if (type == module.types.end()) continue;
        const std::uint32_t offset_bytes = base_bytes + own.offset.value_or(0);
        std::string name = module.name_of(block_id, member);
        if (name.empty()) name = "parameter_" + std::to_string(offset_bytes);
        name = prefix + name;
        if (type->second.op == spirv::kTypeStruct && depth < kMaxDepth) {
            const std::size_t before = result.parameters.size();
            read_parameters(module, block.members[member], name + ".", offset_bytes, depth + 1,
                            word, result);
            if (result.parameters.size() > before) continue;
        }
        const auto stride = module.decorations_of(block.members[member]).array_stride;
        Reflection::Parameter parameter = parameter_of(module, type->second, stride.value_or(4));
        parameter.name = std::move(name);
        parameter.offset_bytes = offset_bytes;
        result.parameters.push_back(std::move(parameter));
    }
}

void read_variable(const Module& module, const spirv::Variable& variable, Reflection& result) {
    const Type& pointer = module.type(variable.type, variable.word);
    if (pointer.op != spirv::kTypePointer) {
        module.malformed(variable.word, "a variable whose type is no pointer");
    }
    const bool is_parameters = pointer.storage_class == spirv::kPushConstant;
    const bool is_resource = pointer.storage_class == spirv::kUniformConstant ||
                             pointer.storage_class == spirv::kUniform ||
                             pointer.storage_class == spirv::kStorageBuffer;
    if (!is_parameters && !is_resource) return;

    const Type& pointee = module.type(pointer.target, variable.word);
    if (is_parameters) {
        if (pointee.op != spirv::kTypeStruct || pointee.size_bytes > spirv::kMaxSizeBytes) {
            module.unsupported(variable.word, "push constants without a fixed size");
        }
        result.parameter_size_bytes = static_cast<std::uint32_t>(pointee.size_bytes);
        read_parameters(module, pointer.target, "", 0, 0, variable.word, result);
        return;
    }
    const auto own = module.decorations_of(variable.id);
    if (!own.binding) module.malformed(variable.word, "a resource without a binding");
    if (own.set.value_or(0) != 0) {
        module.unsupported(variable.word, "a binding outside of descriptor set 0");
    }
    const BindingKind kind = binding_kind(module, pointer, pointee, variable.word);
    std::string name = binding_name(module, variable.id, pointer.target, pointee);
    if (name.empty()) name = "binding_" + std::to_string(*own.binding);
    add(module, variable.word,
        {std::move(name), *own.binding, kind,
         binding_access(module, own, kind, pointer.target, pointee),
         element_type(module, kind, pointee)},
        result.bindings);
}

}  // namespace

Reflection reflect(std::span<const std::uint32_t> words, std::string_view what) {
    const Module module = spirv::read_module(words, what);
    Reflection result;
    result.version = module.version;
    result.entry_point = module.entry_point_name;
    result.capabilities.assign(module.capabilities.begin(), module.capabilities.end());
    result.uses_subgroups = std::ranges::any_of(result.capabilities, spirv::is_subgroup_capability);
    result.reads_group_counts = module.reads_group_counts;
    result.constants = read_constants(module);
    read_local_size(module, result);
    for (auto& constant : result.constants) {
        if (constant.name.empty()) constant.name = "constant_" + std::to_string(constant.id);
    }
    for (const spirv::Variable& variable : module.variables) {
        read_variable(module, variable, result);
    }
    std::ranges::sort(result.bindings, {}, &Reflection::Binding::index);
    return result;
}

}  // namespace ingot
