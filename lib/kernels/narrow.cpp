// SPDX-License-Identifier: MIT
#include "kernels/narrow.h"

#include "core/check.h"
#include "kernels/spirv.h"
#include "kernels/spirv_constants.h"

#include <map>
#include <unordered_map>
#include <utility>

namespace ingot {
namespace {

using namespace spirv;

// A scalar, or a vector of some.
struct Element {
    std::uint32_t op = 0;  // kTypeFloat or kTypeInt
    std::uint32_t width = 32;
    std::uint32_t sign = 0;  // of an integer
    std::uint32_t count = 1;

    auto operator<=>(const Element&) const = default;
    Element as(std::uint32_t other_op, std::uint32_t other_width = 32) const {
        return {other_op, other_width, 0, count};
    }
};

class Narrower {
public:
    Narrower(std::span<const std::uint32_t> words, const std::map<std::uint32_t, Storage>& storage)
        : words_(words), storage_(storage), bound_(words[3]) {}

    Words run() {
        for_each([&](const Instruction& next) { read(next); });
        out_.assign(words_.begin(), words_.begin() + kHeaderWords);
        if (!has_capability_) append(out_, kCapability, {kNarrowCapability});
        bool declared = false, defined = false;
        for_each([&](const Instruction& next) {
            if (!declared && next.op >= kTypeVoid && next.op <= kTypeFunction) {
                declared = true;
                decorations_at_ = out_.size();
            }
            if (!defined && next.op == kFunction) {
                defined = true;
                declare();
            }
            write(next);
        });
        out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(decorations_at_),
                    decorations_.begin(), decorations_.end());
        // What the functions turned out to need stands before them.
        const auto place = declarations_at_ + decorations_.size();
        out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(place), declarations_.begin(),
                    declarations_.end());
        out_[3] = bound_;
        return std::move(out_);
    }

private:
    struct Variable {
        Id id, pointer_type;
        Storage storage;
    };
    struct Pointer {
        Element element;  // as the shader sees it
        Storage storage;
    };

    template <typename Function>
    void for_each(Function function) const {
        for (std::size_t at = kHeaderWords; at < words_.size();) {
            const Instruction next = instruction_at(words_, at);
            function(next);
            at += next.operands.size() + 1;
        }
    }

    void read(const Instruction& next) {
        const auto& o = next.operands;
        switch (next.op) {
            case kCapability:
                has_capability_ = has_capability_ || o[0] == kNarrowCapability;
                return;
            case kDecorate:
                if (o[1] == kBinding) {
                    if (const auto found = storage_.find(o[2]); found != storage_.end())
                        narrowed_[o[0]] = found->second;
                }
                return;
            case kMemberDecorate: member_decorations_[o[0]].push_back(next); return;
            case kTypeFloat:
                // A second operand is an encoding: bfloat16's, say.
                if (o.size() == 2) add_type(o[0], {kTypeFloat, o[1], 0, 1});
                return;
            case kTypeInt: return add_type(o[0], {kTypeInt, o[1], o[2], 1});
            case kTypeVector:
                if (const auto part = elements_.find(o[1]); part != elements_.end()) {
                    Element vector = part->second;
                    vector.count = o[2];
                    add_type(o[0], vector);
                }
                return;
            case kTypeRuntimeArray: arrays_[o[0]] = o[1]; return;
            case kTypeStruct:
                if (o.size() == 2) structs_[o[0]] = o[1];
                return;
            case kTypePointer:
                pointers_[o[0]] = o[2];
                pointer_types_[{o[1], o[2]}] = o[0];
                return;
            case kConstant:
                if (o.size() == 3) constants_[{o[0], o[2]}] = o[1];
                return;
            case kVariable:
                if (o[2] != kStorageBuffer) return;
                if (const auto found = narrowed_.find(o[1]); found != narrowed_.end())
                    variables_.push_back({o[1], o[0], found->second});
                return;
            default: return;
        }
    }

    void add_type(Id id, const Element& element) {
        elements_[id] = element;
        types_.emplace(element, id);
    }

    Id new_id() { return bound_++; }

    Id type_of(const Element& element) {
        if (const auto found = types_.find(element); found != types_.end()) return found->second;
        Element part = element;
        part.count = 1;
        const Id scalar = element.count > 1 ? type_of(part) : 0;
        const Id id = new_id();
        if (element.count > 1) {
            append(declarations_, kTypeVector, {id, scalar, element.count});
        } else if (element.op == kTypeFloat) {
            append(declarations_, kTypeFloat, {id, element.width});
        } else {
            append(declarations_, kTypeInt, {id, element.width, element.sign});
        }
        add_type(id, element);
        return id;
    }

    Id pointer_to(Id type) {
        Id& known = pointer_types_[{kStorageBuffer, type}];
        if (known == 0) {
            known = new_id();
            append(declarations_, kTypePointer, {known, kStorageBuffer, type});
        }
        return known;
    }

    // 16, for each component.
    Id sixteen(const Element& element) {
        const Element one{kTypeInt, 32, 0, 1};
        const Id word = type_of(one);
        Id& scalar = constants_[{word, 16u}];
        if (scalar == 0) {
            scalar = new_id();
            append(declarations_, kConstant, {word, scalar, 16});
        }
        if (element.count == 1) return scalar;
        Id& known = sixteens_[element.count];
        if (known == 0) {
            known = new_id();
            Words operands{type_of(element.as(kTypeInt)), known};
            operands.insert(operands.end(), element.count, scalar);
            append(declarations_, kConstantComposite, operands);
        }
        return known;
    }

    Element stored(const Pointer& pointer) const {
        return pointer.element.as(pointer.storage == Storage::kHalf ? kTypeFloat : kTypeInt, 16);
    }

    // The narrow variables, in types of their own.
    void declare() {
        declarations_at_ = out_.size();
        for (const Variable& variable : variables_) {
            const Id block = pointers_.at(variable.pointer_type);
            const Id array = structs_.at(block);
            const Pointer whole{elements_.at(arrays_.at(array)), variable.storage};
            INGOT_CHECK(whole.element.width == 32);
            const Id narrow_array = new_id(), narrow_block = new_id(), pointer = new_id();
            append(declarations_, kTypeRuntimeArray, {narrow_array, type_of(stored(whole))});
            append(declarations_, kTypeStruct, {narrow_block, narrow_array});
            append(declarations_, kTypePointer, {pointer, kStorageBuffer, narrow_block});
            append(declarations_, kVariable, {pointer, variable.id, kStorageBuffer});
            append(decorations_, kDecorate, {narrow_array, kArrayStride, 2 * whole.element.count});
            append(decorations_, kDecorate, {narrow_block, kBlock});
            for (const Instruction& decoration : member_decorations_[block]) {
                Words operands(decoration.operands.begin(), decoration.operands.end());
                operands[0] = narrow_block;
                append(decorations_, kMemberDecorate, operands);
            }
        }
    }

    void write(const Instruction& next) {
        const auto& o = next.operands;
        if (next.op == kVariable && narrowed_.contains(o[1])) return;  // in declare()
        const bool chain = next.op == kAccessChain || next.op == kInBoundsAccessChain;
        if (chain && is_narrow(o[2])) {
            const Pointer pointer{elements_.at(pointers_.at(o[0])), storage_of(o[2])};
            locations_[o[1]] = pointer;
            Words operands(o.begin(), o.end());
            operands[0] = pointer_to(type_of(stored(pointer)));
            append(out_, next.op, operands);
        } else if (next.op == kLoad && locations_.contains(o[2])) {
            load(next);
        } else if (next.op == kStore && locations_.contains(o[0])) {
            store(next);
        } else {
            if (may_take_pointers(next.op)) {
                for (const std::uint32_t operand : o)
                    INGOT_CHECK(!is_narrow(operand));
            }
            append(out_, next.op, o);
        }
    }

    static bool may_take_pointers(std::uint32_t op) {
        return op == kFunctionCall || op == kCopyObject || op == kCopyMemory ||
               (op >= kAtomicLoad && op <= kAtomicXor);
    }

    bool is_narrow(Id pointer) const {
        return narrowed_.contains(pointer) || locations_.contains(pointer);
    }
    Storage storage_of(Id pointer) const {
        const auto found = narrowed_.find(pointer);
        return found != narrowed_.end() ? found->second : locations_.at(pointer).storage;
    }

    Id emit(std::uint32_t op, Id type, std::initializer_list<Id> operands, Id result = 0) {
        if (result == 0) result = new_id();
        Words all{type, result};
        all.insert(all.end(), operands.begin(), operands.end());
        append(out_, op, all);
        return result;
    }

    void load(const Instruction& next) {
        const auto& o = next.operands;
        const Pointer& pointer = locations_.at(o[2]);
        const Id narrow_value = new_id();
        Words operands(o.begin(), o.end());
        operands[0] = type_of(stored(pointer));
        operands[1] = narrow_value;
        append(out_, kLoad, operands);
        const bool is_float = pointer.element.op == kTypeFloat;
        const Id result = o[1], type = o[0];
        if (pointer.storage == Storage::kHalf) {
            const Id wide = emit(kFConvert, type_of(pointer.element.as(kTypeFloat)), {narrow_value},
                                 is_float ? result : 0);
            if (!is_float) emit(kBitcast, type, {wide}, result);
            return;
        }
        const Element word = pointer.element.as(kTypeInt);
        const Id wide = emit(kUConvert, type_of(word), {narrow_value});
        const bool is_word = pointer.element == word;
        const Id shifted =
            emit(kShiftLeftLogical, type_of(word), {wide, sixteen(word)}, is_word ? result : 0);
        if (!is_word) emit(kBitcast, type, {shifted}, result);
    }

    void store(const Instruction& next) {
        const auto& o = next.operands;
        const Pointer& pointer = locations_.at(o[0]);
        Id value = o[1];
        if (pointer.storage == Storage::kHalf) {
            if (pointer.element.op != kTypeFloat) {
                value = emit(kBitcast, type_of(pointer.element.as(kTypeFloat)), {value});
            }
            value = emit(kFConvert, type_of(stored(pointer)), {value});
        } else {
            const Element word = pointer.element.as(kTypeInt);
            if (pointer.element != word) value = emit(kBitcast, type_of(word), {value});
            value = emit(kShiftRightLogical, type_of(word), {value, sixteen(word)});
            value = emit(kUConvert, type_of(stored(pointer)), {value});
        }
        Words operands(o.begin(), o.end());
        operands[1] = value;
        append(out_, kStore, operands);
    }

    std::span<const std::uint32_t> words_;
    const std::map<std::uint32_t, Storage>& storage_;
    Id bound_;
    bool has_capability_ = false;
    std::unordered_map<Id, Storage> narrowed_;  // variables
    std::vector<Variable> variables_;
    std::unordered_map<Id, Element> elements_;  // types
    std::map<Element, Id> types_;
    std::unordered_map<Id, Id> arrays_, structs_, pointers_;  // to what they hold
    std::map<std::pair<std::uint32_t, Id>, Id> pointer_types_;
    std::map<std::pair<Id, std::uint32_t>, Id> constants_;
    std::map<std::uint32_t, Id> sixteens_;  // by components
    std::unordered_map<Id, std::vector<Instruction>> member_decorations_;
    std::unordered_map<Id, Pointer> locations_;  // pointers into narrow variables
    Words out_, decorations_, declarations_;
    std::size_t decorations_at_ = 0, declarations_at_ = 0;
};

}  // namespace

std::vector<std::uint32_t> narrow(std::span<const std::uint32_t> words,
                                  const std::map<std::uint32_t, Storage>& storage) {
    return Narrower(words, storage).run();
}

}  // namespace ingot
