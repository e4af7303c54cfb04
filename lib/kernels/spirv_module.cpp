// SPDX-License-Identifier: MIT
#include "kernels/spirv_module.h"

#include "kernels/spirv.h"

#include <ingot/error.h>

#include <algorithm>

namespace ingot::spirv {
namespace {

template <typename Map, typename Key>
typename Map::mapped_type value_or_default(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

std::uint64_t times(std::uint64_t size_bytes, std::uint32_t count) {
    return size_bytes > kMaxSizeBytes ? kUnsized : size_bytes * count;
}

class Reader {
public:
    Reader(std::span<const std::uint32_t> words, std::string_view what) : words_(words) {
        module_.what = what;
    }

    Module read() {
        read_header();
        for (at_ = kHeaderWords; at_ < words_.size(); at_ += operands_.size() + 1) {
            const std::size_t length = words_[at_] >> 16;
            if (length == 0) malformed("an instruction of length 0");
            if (length > words_.size() - at_) malformed("the module ends inside an instruction");
            operands_ = words_.subspan(at_ + 1, length - 1);
            read_instruction(words_[at_] & 0xffff);
        }
        check_functions();
        return std::move(module_);
    }

private:
    [[noreturn]] void malformed(const std::string& reason) const { module_.malformed(at_, reason); }

    std::uint32_t operand(std::size_t index) const {
        if (index >= operands_.size()) malformed("an instruction is too short");
        return operands_[index];
    }

    Id id(std::size_t index) const {
        const Id value = operand(index);
        if (value == 0 || value >= bound_) {
            malformed("id " + std::to_string(value) + " is out of range");
        }
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
        if (words_.size() < kHeaderWords) malformed("shorter than its header");
        if (words_[0] == kMagicOtherEndian) malformed("the bytes of each word are reversed");
        if (words_[0] != kMagic) malformed("it does not start with SPIR-V's magic number");
        module_.version = words_[1];
        bound_ = words_[3];
        if (bound_ == 0 || bound_ > kMaxBound) malformed("the bound of its ids is out of range");
    }

    void read_instruction(std::uint32_t op) {
        switch (op) {
            case kCapability: module_.capabilities.insert(operand(0)); return;
            case kEntryPoint: return read_entry_point();
            case kExecutionMode:
            case kExecutionModeId: return read_execution_mode();
            case kName: module_.names[id(0)] = text(1); return;
            case kMemberName: module_.member_names[{id(0), operand(1)}] = text(2); return;
            case kDecorate: return read_decoration();
            case kMemberDecorate:
                return decorate(module_.member_decorations[{id(0), operand(1)}], 2);
            case kGroupDecorate:
            case kGroupMemberDecorate: module_.unsupported(at_, "a group of decorations");
            case kFunction:
                functions_.insert(id(1));
                in_function_ = true;
                return;
            case kFunctionEnd: in_function_ = false; return;
            case kFunctionCall: called_.insert(id(2)); return;
            case kVariable:
                if (!in_function_) module_.variables.push_back({id(1), id(0), at_});
                return;
            default: break;
        }
        if (op >= kTypeVoid && op <= kTypePointer) return read_type(op);
        if (op >= kConstantTrue && op <= kSpecConstantComposite) return read_constant(op);
    }

    void read_entry_point() {
        if (operand(0) != kExecutionModelGlCompute)
            module_.unsupported(at_, "not a compute shader");
        if (module_.entry_point != 0) module_.unsupported(at_, "more than one entry point");
        module_.entry_point = id(1);
        module_.entry_point_name = text(2);
    }

    void read_execution_mode() {
        if (operand(1) == kExecutionModeLocalSize) {
            module_.local_size = {operand(2), operand(3), operand(4)};
        } else if (operand(1) == kExecutionModeLocalSizeId) {
            module_.local_size_parts = {id(2), id(3), id(4)};
        }
    }

    void read_decoration() {
        if (operand(1) == kBuiltIn && operand(2) == kBuiltInWorkgroupSize) {
            module_.workgroup_size = id(0);
        }
        if (operand(1) == kBuiltIn && operand(2) == kBuiltInNumWorkgroups) {
            module_.reads_group_counts = true;
        }
        decorate(module_.decorations[id(0)], 1);
    }

    void decorate(Decorations& target, std::size_t at) {
        switch (operand(at)) {
            case kSpecId: target.spec_id = operand(at + 1); return;
            case kBufferBlock: target.buffer_block = true; return;
            case kArrayStride: target.array_stride = operand(at + 1); return;
            case kNonWritable: target.non_writable = true; return;
            case kNonReadable: target.non_readable = true; return;
            case kBinding: target.binding = operand(at + 1); return;
            case kDescriptorSet: target.set = operand(at + 1); return;
            case kOffset: target.offset = operand(at + 1); return;
            default: return;
        }
    }

    void read_type(std::uint32_t op) {
        const Id result_id = id(0);
        Type result;
        result.op = op;
        switch (op) {
            case kTypeInt: result.is_signed = operand(2) != 0; [[fallthrough]];
            case kTypeFloat:
                result.width = operand(1);
                result.size_bytes = result.width / 8;
                break;
            case kTypeVector:
                result.target = id(1);
                result.length = operand(2);
                result.size_bytes = times(module_.type(id(1), at_).size_bytes, operand(2));
                break;
            case kTypeImage:
                result.image_dim = operand(2);
                result.image_sampled = operand(6);
                break;
            case kTypeSampledImage: result.target = id(1); break;
            case kTypeRuntimeArray: result.target = id(1); break;
            case kTypeArray:
                result.target = id(1);
                result.size_bytes = array_size();
                if (const Constant* length = module_.constant(id(2)); length && !length->is_spec)
                    result.length = length->bits;
                break;
            case kTypeStruct:
                result.member_count = static_cast<std::uint32_t>(operands_.size()) - 1;
                result.members.assign(operands_.begin() + 1, operands_.end());
                result.size_bytes = struct_size();
                break;
            case kTypePointer:
                result.storage_class = operand(1);
                result.target = id(2);
                if (result.storage_class == kPhysicalStorageBuffer) result.size_bytes = 8;
                break;
            default: break;
        }
        if (!module_.types.emplace(result_id, result).second) malformed("a type is declared twice");
    }

    // An array whose length is specialized has no size to speak of.
    std::uint64_t array_size() const {
        const Constant* length = module_.constant(id(2));
        const auto stride = module_.decorations_of(id(0)).array_stride;
        return length && !length->is_spec && stride ? times(*stride, length->bits) : kUnsized;
    }

    std::uint64_t struct_size() const {
        std::uint64_t size_bytes = 0;
        for (std::uint32_t member = 0; member + 1 < operands_.size(); ++member) {
            const auto offset = module_.decorations_of(id(0), member).offset;
            // Pointers may point forward; any other member is known by now.
            const auto type = module_.types.find(id(member + 1));
            if (!offset || type == module_.types.end() || type->second.size_bytes > kMaxSizeBytes) {
                return kUnsized;
            }
            size_bytes = std::max(size_bytes, *offset + type->second.size_bytes);
        }
        return size_bytes;
    }

    void read_constant(std::uint32_t op) {
        const Id result_id = id(1);
        Constant result;
        result.type = id(0);
        result.is_spec = op >= kSpecConstantTrue;
        result.word = at_;
        if (op == kConstantTrue || op == kSpecConstantTrue) {
            result.bits = 1;
        } else if (op == kConstant || op == kSpecConstant) {
            result.bits = operand(2);
        } else if (op == kConstantComposite || op == kSpecConstantComposite) {
            result.parts.assign(operands_.begin() + 2, operands_.end());
        }
        if (!module_.constants.emplace(result_id, std::move(result)).second) {
            malformed("a constant is declared twice");
        }
    }

    // glslang puts main first: without this, a module cut off between functions would pass.
    void check_functions() const {
        if (module_.entry_point == 0) malformed("no entry point");
        if (in_function_) malformed("it ends inside a function");
        if (!functions_.contains(module_.entry_point)) malformed("its entry point is not there");
        if (!std::ranges::includes(functions_, called_)) {
            malformed("a function it calls is not there");
        }
    }

    std::span<const std::uint32_t> words_;
    std::span<const std::uint32_t> operands_;  // of the instruction at hand
    std::size_t at_ = 0;                       // and its place, for messages
    Id bound_ = 0;
    bool in_function_ = false;
    std::set<Id> functions_, called_;
    Module module_;
};

}  // namespace

const Type& Module::type(Id id, std::size_t word) const {
    const auto found = types.find(id);
    if (found == types.end()) {
        malformed(word, "id " + std::to_string(id) + " is not a type declared before");
    }
    return found->second;
}

const Constant* Module::constant(Id id) const {
    const auto found = constants.find(id);
    return found == constants.end() ? nullptr : &found->second;
}

Decorations Module::decorations_of(Id id) const {
    return value_or_default(decorations, id);
}

Decorations Module::decorations_of(Id id, std::uint32_t member) const {
    return value_or_default(member_decorations, Member{id, member});
}

std::string Module::name_of(Id id) const {
    return value_or_default(names, id);
}

std::string Module::name_of(Id id, std::uint32_t member) const {
    return value_or_default(member_names, Member{id, member});
}

void Module::malformed(std::size_t word, const std::string& reason) const {
    throw Error(ErrorKind::kInvalidArgument,
                what + ": word " + std::to_string(word) + ": malformed SPIR-V: " + reason);
}

void Module::unsupported(std::size_t word, const std::string& reason) const {
    throw Error(ErrorKind::kUnsupported,
                what + ": word " + std::to_string(word) + ": unsupported SPIR-V: " + reason);
}

Module read_module(std::span<const std::uint32_t> words, std::string_view what) {
    return Reader(words, what).read();
}

}  // namespace ingot::spirv
