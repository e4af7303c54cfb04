// SPDX-License-Identifier: MIT
// One pass over the instructions collects names, decorations, types, constants and variables by id;
// then the interface is read off the variables. A type must be declared before it is used, so sizes
// are known on the way and no declaration, however twisted, can make us recurse.
#include "kernels/reflect.h"

#include "kernels/spirv.h"

#include <ingot/error.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace ingot {
namespace {

using Words = std::span<const std::uint32_t>;

constexpr std::uint64_t kUnsized = ~std::uint64_t{0};
constexpr std::uint64_t kMaxSize = 0xffffffff;

struct Type {
    std::uint32_t op = 0;
    std::uint32_t width = 0;   // scalars: bits
    bool is_signed = false;    // integers
    std::uint32_t target = 0;  // pointee, or image of a sampled image
    std::uint32_t storage_class = 0;
    std::uint32_t image_dim = 0;
    std::uint32_t image_sampled = 0;
    std::uint32_t member_count = 0;
    std::uint64_t size_bytes = kUnsized;
};

struct Constant {
    std::uint32_t type = 0;
    std::uint32_t bits = 0;
    bool is_spec = false;
    std::vector<std::uint32_t> parts;  // of a composite
};

struct Decorations {
    std::optional<std::uint32_t> binding, set, offset, spec_id, array_stride;
    bool buffer_block = false;
    bool non_writable = false;
    bool non_readable = false;
};

struct Variable {
    std::uint32_t id;
    std::uint32_t type;
    std::size_t word;
};

class Reader {
public:
    Reader(Words words, std::string_view what) : words_(words), what_(what) {}

    Reflection read() {
        read_header();
        for (at_ = spirv::kHeaderWords; at_ < words_.size(); at_ += operands_.size() + 1) {
            const std::size_t length = words_[at_] >> 16;
            if (length == 0) malformed("an instruction of length 0");
            if (length > words_.size() - at_) malformed("the module ends inside an instruction");
            operands_ = words_.subspan(at_ + 1, length - 1);
            read_instruction(words_[at_] & 0xffff);
        }
        check_functions();
        read_constants();
        read_local_size();
        for (const Variable& variable : variables_) {
            at_ = variable.word;
            read_variable(variable);
        }
        std::ranges::sort(result_.bindings, {}, &Reflection::Binding::index);
        std::ranges::sort(result_.capabilities);
        return std::move(result_);
    }

private:
    [[noreturn]] void stop(ErrorKind kind, const std::string& reason) const {
        throw Error(kind, std::string(what_) + ": word " + std::to_string(at_) + ": " + reason);
    }
    [[noreturn]] void malformed(const std::string& reason) const {
        stop(ErrorKind::kInvalidArgument, "malformed SPIR-V: " + reason);
    }
    [[noreturn]] void unsupported(const std::string& reason) const {
        stop(ErrorKind::kUnsupported, reason);
    }

    std::uint32_t operand(std::size_t index) const {
        if (index >= operands_.size()) malformed("an instruction is too short");
        return operands_[index];
    }

    std::uint32_t id(std::size_t index) const {
        const std::uint32_t value = operand(index);
        if (value == 0 || value >= bound_)
            malformed("id " + std::to_string(value) + " is out of range");
        return value;
    }

    std::string text(std::size_t index) const {
        std::string result;
        for (; index < operands_.size(); ++index) {
            for (int shift = 0; shift < 32; shift += 8) {
                const char c = static_cast<char>(operands_[index] >> shift & 0xff);
                if (c == '\0') return result;
                result += c;
            }
        }
        malformed("a string without an end");
    }

    void read_header() {
        if (words_.size() < spirv::kHeaderWords) malformed("shorter than its header");
        if (words_[0] == spirv::kMagicOtherEndian) malformed("the bytes of each word are reversed");
        if (words_[0] != spirv::kMagic) malformed("it does not start with SPIR-V's magic number");
        bound_ = words_[3];
        if (bound_ == 0 || bound_ > spirv::kMaxBound) malformed("the bound of its ids is not sane");
    }

    void read_instruction(std::uint32_t op) {
        switch (op) {
            case spirv::kCapability:
                return read_capability();
            case spirv::kEntryPoint:
                return read_entry_point();
            case spirv::kExecutionMode:
            case spirv::kExecutionModeId:
                return read_execution_mode();
            case spirv::kName:
                names_[id(0)] = text(1);
                return;
            case spirv::kMemberName:
                member_names_[{id(0), operand(1)}] = text(2);
                return;
            case spirv::kDecorate:
                if (operand(1) == spirv::kBuiltIn && operand(2) == spirv::kBuiltInWorkgroupSize) {
                    workgroup_size_ = id(0);
                }
                return decorate(decorations_[id(0)], 1);
            case spirv::kMemberDecorate:
                return decorate(members_[{id(0), operand(1)}], 2);
            case spirv::kGroupDecorate:
            case spirv::kGroupMemberDecorate:
                unsupported("decoration groups are not read");
            case spirv::kFunction:
                functions_.insert(id(1));
                in_function_ = true;
                return;
            case spirv::kFunctionEnd:
                in_function_ = false;
                return;
            case spirv::kFunctionCall:
                called_.insert(id(2));
                return;
            case spirv::kVariable:
                if (!in_function_) variables_.push_back({id(1), id(0), at_});
                return;
            default:
                if (op >= spirv::kTypeVoid && op <= spirv::kTypePointer) return read_type(op);
                if (op >= spirv::kConstantTrue && op <= spirv::kSpecConstantComposite) {
                    return read_constant(op);
                }
        }
    }

    void read_capability() {
        const std::uint32_t capability = operand(0);
        if (std::ranges::find(result_.capabilities, capability) == result_.capabilities.end()) {
            result_.capabilities.push_back(capability);
        }
        if (spirv::is_subgroup_capability(capability)) result_.uses_subgroups = true;
    }

    void read_entry_point() {
        if (operand(0) != spirv::kExecutionModelGlCompute) unsupported("not a compute shader");
        if (entry_point_ != 0) unsupported("more than one entry point");
        entry_point_ = id(1);
        result_.entry_point = text(2);
    }

    void read_execution_mode() {
        if (operand(1) == spirv::kExecutionModeLocalSize) {
            result_.local_size = {operand(2), operand(3), operand(4)};
        } else if (operand(1) == spirv::kExecutionModeLocalSizeId) {
            local_size_parts_ = {id(2), id(3), id(4)};
        }
    }

    void decorate(Decorations& target, std::size_t at) {
        switch (operand(at)) {
            case spirv::kSpecId:
                target.spec_id = operand(at + 1);
                return;
            case spirv::kBufferBlock:
                target.buffer_block = true;
                return;
            case spirv::kArrayStride:
                target.array_stride = operand(at + 1);
                return;
            case spirv::kNonWritable:
                target.non_writable = true;
                return;
            case spirv::kNonReadable:
                target.non_readable = true;
                return;
            case spirv::kBinding:
                target.binding = operand(at + 1);
                return;
            case spirv::kDescriptorSet:
                target.set = operand(at + 1);
                return;
            case spirv::kOffset:
                target.offset = operand(at + 1);
                return;
            default:
                return;
        }
    }

    const Type& type(std::uint32_t type_id) const {
        const auto found = types_.find(type_id);
        if (found == types_.end()) {
            malformed("id " + std::to_string(type_id) + " is not a type declared before");
        }
        return found->second;
    }

    void read_type(std::uint32_t op) {
        Type result{.op = op};
        switch (op) {
            case spirv::kTypeInt:
                result.is_signed = operand(2) != 0;
                [[fallthrough]];
            case spirv::kTypeFloat:
                result.width = operand(1);
                result.size_bytes = result.width / 8;
                break;
            case spirv::kTypeVector:
                result.size_bytes = times(type(id(1)).size_bytes, operand(2));
                break;
            case spirv::kTypeImage:
                result.image_dim = operand(2);
                result.image_sampled = operand(6);
                break;
            case spirv::kTypeSampledImage:
                result.target = id(1);
                break;
            case spirv::kTypeArray:
                result.size_bytes = array_size();
                break;
            case spirv::kTypeStruct:
                result.member_count = static_cast<std::uint32_t>(operands_.size()) - 1;
                result.size_bytes = struct_size();
                break;
            case spirv::kTypePointer:
                result.storage_class = operand(1);
                result.target = id(2);
                if (result.storage_class == spirv::kPhysicalStorageBuffer) result.size_bytes = 8;
                break;
            default:
                break;
        }
        if (!types_.emplace(id(0), result).second) malformed("a type is declared twice");
    }

    static std::uint64_t times(std::uint64_t size_bytes, std::uint32_t count) {
        if (size_bytes > kMaxSize) return kUnsized;
        return size_bytes * count;
    }

    // An array whose length is specialized has no size to speak of.
    std::uint64_t array_size() {
        const auto length = constants_.find(id(2));
        const auto stride = decorations_[id(0)].array_stride;
        if (length == constants_.end() || length->second.is_spec || !stride) return kUnsized;
        return times(*stride, length->second.bits);
    }

    std::uint64_t struct_size() {
        std::uint64_t size_bytes = 0;
        for (std::uint32_t member = 0; member + 1 < operands_.size(); ++member) {
            const auto found = members_.find({id(0), member});
            // Pointers may point forward; any other member is known by now.
            const auto declared = types_.find(id(member + 1));
            if (found == members_.end() || !found->second.offset || declared == types_.end() ||
                declared->second.size_bytes > kMaxSize) {
                return kUnsized;
            }
            size_bytes = std::max(size_bytes, *found->second.offset + declared->second.size_bytes);
        }
        return size_bytes;
    }

    void read_constant(std::uint32_t op) {
        Constant result;
        result.type = id(0);
        result.is_spec = op >= spirv::kSpecConstantTrue;
        switch (op) {
            case spirv::kConstantTrue:
            case spirv::kSpecConstantTrue:
                result.bits = 1;
                break;
            case spirv::kConstant:
            case spirv::kSpecConstant:
                result.bits = operand(2);
                break;
            case spirv::kConstantComposite:
            case spirv::kSpecConstantComposite:
                result.parts.assign(operands_.begin() + 2, operands_.end());
                break;
            default:
                break;
        }
        if (!constants_.emplace(id(1), std::move(result)).second) {
            malformed("a constant is declared twice");
        }
    }

    // glslang puts main first: without this, a module cut off between functions would pass.
    void check_functions() {
        at_ = words_.size();
        if (entry_point_ == 0) malformed("no entry point");
        if (in_function_) malformed("it ends inside a function");
        if (!functions_.contains(entry_point_)) malformed("its entry point is not there");
        if (!std::ranges::includes(functions_, called_))
            malformed("a function it calls is not there");
    }

    std::optional<std::uint32_t> spec_id(std::uint32_t constant_id) const {
        const auto found = decorations_.find(constant_id);
        return found == decorations_.end() ? std::nullopt : found->second.spec_id;
    }

    std::string name(std::uint32_t named_id) const {
        const auto found = names_.find(named_id);
        return found == names_.end() ? std::string() : found->second;
    }

    // `local_size_x_id = 0` beside `layout(constant_id = 0) const` makes two constants of one id;
    // the named one speaks for both.
    void read_constants() {
        std::map<std::uint32_t, Reflection::Constant> by_spec_id;
        const std::map<std::uint32_t, Constant> ordered(constants_.begin(), constants_.end());
        for (const auto& [constant_id, constant] : ordered) {
            const auto spec = spec_id(constant_id);
            if (!constant.is_spec || !spec) continue;
            Reflection::Constant entry{name(constant_id), *spec, constant.bits,
                                       scalar_type(constant.type)};
            const auto [place, is_new] = by_spec_id.emplace(*spec, entry);
            if (is_new) continue;
            if (place->second.type != entry.type) {
                unsupported("constant " + std::to_string(*spec) + " is declared with two types");
            }
            if (place->second.name.empty()) place->second = std::move(entry);
        }
        for (auto& [spec, entry] : by_spec_id)
            result_.constants.push_back(std::move(entry));
    }

    ScalarType scalar_type(std::uint32_t type_id) const {
        const Type& declared = type(type_id);
        if (declared.op == spirv::kTypeBool) return ScalarType::kBool;
        if (declared.width != 32) unsupported("a specialization constant is not 32 bits wide");
        if (declared.op == spirv::kTypeFloat) return ScalarType::kFloat;
        return declared.is_signed ? ScalarType::kInt : ScalarType::kUint;
    }

    void read_local_size() {
        if (workgroup_size_ != 0) {  // outranks the execution mode
            const auto composite = constants_.find(workgroup_size_);
            if (composite == constants_.end()) malformed("the group size is not a constant");
            local_size_parts_ = composite->second.parts;
        }
        if (!local_size_parts_.empty()) {
            if (local_size_parts_.size() != 3) malformed("a group size without 3 parts");
            for (std::size_t axis = 0; axis < 3; ++axis)
                read_local_size(axis);
        }
        for (auto& constant : result_.constants) {
            if (constant.name.empty()) constant.name = "constant_" + std::to_string(constant.id);
        }
        const auto& size = result_.local_size;
        if (size[0] == 0 || size[1] == 0 || size[2] == 0) malformed("a group size of 0");
    }

    void read_local_size(std::size_t axis) {
        static constexpr const char* kNames[] = {"LOCAL_SIZE", "LOCAL_SIZE_Y", "LOCAL_SIZE_Z"};
        const auto part = constants_.find(local_size_parts_[axis]);
        if (part == constants_.end()) unsupported("the group size is computed from constants");
        result_.local_size[axis] = part->second.bits;
        const auto spec = spec_id(part->first);
        if (!spec) return;
        const auto entry = std::ranges::find(result_.constants, *spec, &Reflection::Constant::id);
        if (entry == result_.constants.end())
            malformed("the group size is no specialization constant");
        if (entry->name.empty()) entry->name = kNames[axis];
        result_.local_size[axis] = entry->default_bits;
        result_.local_size_ids[axis] = *spec;
    }

    void read_variable(const Variable& variable) {
        const Type& pointer = type(variable.type);
        if (pointer.op != spirv::kTypePointer) malformed("a variable whose type is no pointer");
        switch (pointer.storage_class) {
            case spirv::kPushConstant:
                return read_push_constants(type(pointer.target));
            case spirv::kUniformConstant:
            case spirv::kUniform:
            case spirv::kStorageBuffer:
                return read_binding(variable, pointer);
            default:
                return;
        }
    }

    void read_push_constants(const Type& block) {
        if (block.op != spirv::kTypeStruct || block.size_bytes > kMaxSize) {
            unsupported("push constants of a size that is not fixed scalars, vectors and arrays");
        }
        result_.parameter_size_bytes = static_cast<std::uint32_t>(block.size_bytes);
    }

    void read_binding(const Variable& variable, const Type& pointer) {
        const Decorations own = decorations_[variable.id];
        const Type& pointee = type(pointer.target);
        if (!own.binding) malformed("a resource without a binding");
        if (own.set.value_or(0) != 0) unsupported("a binding outside of descriptor set 0");
        if (pointee.op == spirv::kTypeArray || pointee.op == spirv::kTypeRuntimeArray) {
            unsupported("an array of bindings");
        }
        Reflection::Binding binding{binding_name(variable.id, pointer.target, pointee),
                                    *own.binding, BindingKind::kStorageBuffer, Access::kReadWrite};
        if (binding.name.empty()) binding.name = "binding_" + std::to_string(binding.index);
        const bool is_buffer = pointer.storage_class != spirv::kUniformConstant;
        binding.kind = is_buffer ? buffer_kind(pointer, pointee) : texel_kind(pointee);
        binding.access = access(own, binding.kind, pointer.target, pointee);
        add(std::move(binding));
    }

    BindingKind buffer_kind(const Type& pointer, const Type& block) {
        if (block.op != spirv::kTypeStruct) malformed("a buffer that is not a block");
        const bool storage = pointer.storage_class == spirv::kStorageBuffer ||
                             decorations_[pointer.target].buffer_block;
        return storage ? BindingKind::kStorageBuffer : BindingKind::kUniformBuffer;
    }

    BindingKind texel_kind(const Type& resource) const {
        const Type& image =
            resource.op == spirv::kTypeSampledImage ? type(resource.target) : resource;
        if (image.op != spirv::kTypeImage || image.image_dim != spirv::kDimBuffer) {
            unsupported("a binding that is neither a buffer nor a texel buffer");
        }
        return image.image_sampled == 2 ? BindingKind::kStorageTexelBuffer
                                        : BindingKind::kUniformTexelBuffer;
    }

    // GLSL's readonly on a block arrives as NonWritable on each of its members.
    Access access(const Decorations& own, BindingKind kind, std::uint32_t block_id,
                  const Type& block) const {
        if (kind == BindingKind::kUniformBuffer || kind == BindingKind::kUniformTexelBuffer) {
            return Access::kRead;
        }
        bool readonly = block.member_count > 0;
        bool writeonly = block.member_count > 0;
        for (std::uint32_t member = 0; member < block.member_count; ++member) {
            const auto found = members_.find({block_id, member});
            readonly = readonly && found != members_.end() && found->second.non_writable;
            writeonly = writeonly && found != members_.end() && found->second.non_readable;
        }
        if (readonly || own.non_writable) return Access::kRead;
        return writeonly || own.non_readable ? Access::kWrite : Access::kReadWrite;
    }

    std::string binding_name(std::uint32_t variable_id, std::uint32_t block_id,
                             const Type& block) const {
        std::string result = name(variable_id);
        if (result.empty() && block.member_count == 1) {
            const auto member = member_names_.find({block_id, 0});
            if (member != member_names_.end()) result = member->second;
        }
        return result.empty() ? name(block_id) : result;
    }

    // Two views of one binding (say as scalars and as vectors) are one binding that may do both.
    void add(Reflection::Binding binding) {
        const auto same =
            std::ranges::find(result_.bindings, binding.index, &Reflection::Binding::index);
        if (same == result_.bindings.end()) {
            result_.bindings.push_back(std::move(binding));
            return;
        }
        if (same->kind != binding.kind) {
            unsupported("binding " + std::to_string(binding.index) + " is declared as two kinds");
        }
        if (same->access != binding.access) same->access = Access::kReadWrite;
    }

    using MemberKey = std::pair<std::uint32_t, std::uint32_t>;  // struct, index

    Words words_;
    std::string_view what_;
    std::size_t at_ = 0;  // the instruction at hand, for messages
    Words operands_;
    std::uint32_t bound_ = 0;
    std::uint32_t entry_point_ = 0;
    std::uint32_t workgroup_size_ = 0;
    bool in_function_ = false;
    std::vector<std::uint32_t> local_size_parts_;
    std::set<std::uint32_t> functions_, called_;
    std::unordered_map<std::uint32_t, std::string> names_;
    std::unordered_map<std::uint32_t, Decorations> decorations_;
    std::unordered_map<std::uint32_t, Type> types_;
    std::unordered_map<std::uint32_t, Constant> constants_;
    std::map<MemberKey, Decorations> members_;
    std::map<MemberKey, std::string> member_names_;
    std::vector<Variable> variables_;
    Reflection result_;
};

}  // namespace

Reflection reflect(std::span<const std::uint32_t> words, std::string_view what) {
    return Reader(words, what).read();
}

}  // namespace ingot
