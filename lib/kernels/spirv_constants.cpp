// SPDX-License-Identifier: MIT
#include "kernels/spirv_constants.h"

#include "core/check.h"
#include "kernels/fold.h"
#include "kernels/spirv.h"

#include <algorithm>

namespace ingot::spirv {

void append(Words& words, std::uint32_t op, std::span<const std::uint32_t> operands) {
    words.push_back(static_cast<std::uint32_t>(operands.size() + 1) << 16 | op);
    words.insert(words.end(), operands.begin(), operands.end());
}

void append(Words& words, std::uint32_t op, std::initializer_list<std::uint32_t> operands) {
    append(words, op, std::span(operands.begin(), operands.size()));
}

Constants::Constants(Id bound, std::unordered_map<std::uint32_t, std::uint32_t> given)
    : bound_(bound), given_(std::move(given)), scalars_(bound), known_(bound), same_as_(bound) {}

Id Constants::new_id() {
    known_.emplace_back();
    same_as_.push_back(0);
    return bound_++;
}

void Constants::read(const Instruction& next) {
    const auto& operands = next.operands;
    std::uint32_t op = next.op;
    switch (op) {
        case kDecorate:
            if (operands[1] != kSpecId) break;
            if (const auto given = given_.find(operands[2]); given != given_.end()) {
                specialized_[operands[0]] = given->second;
            }
            return;
        case kTypeBool: scalars_[operands[0]] = op; break;
        case kTypeInt:
        case kTypeFloat:
            if (operands[1] == 32) scalars_[operands[0]] = op;
            break;
        case kSpecConstantComposite: op = kConstantComposite; break;
        case kConstantTrue:
        case kConstantFalse:
        case kConstant:
        case kSpecConstantTrue:
        case kSpecConstantFalse:
        case kSpecConstant:
        case kSpecConstantOp: return read_constant(next);
        default: break;
    }
    append(instructions_.emplace_back(), op, operands);
}

void Constants::read_constant(const Instruction& next) {
    const Id type = next.operands[0];
    const Id id = next.operands[1];
    std::optional<std::uint32_t> bits;
    switch (next.op) {
        case kConstantTrue:
        case kSpecConstantTrue: bits = 1; break;
        case kConstantFalse:
        case kSpecConstantFalse: bits = 0; break;
        case kSpecConstantOp: {
            std::vector<std::optional<std::uint32_t>> values;
            for (const Id operand : next.operands.subspan(3))
                values.push_back(operand < bound_ ? known_[operand] : std::nullopt);
            bits = fold(next.operands[2], values);
            break;
        }
        default: bits = next.operands[2]; break;
    }
    if (const auto given = specialized_.find(id); given != specialized_.end()) {
        bits = given->second;
    }
    Words& words = instructions_.emplace_back();
    if (!bits || !is_scalar(type)) {  // 64 bits wide, or an operation on vectors
        INGOT_CHECK(next.op == kConstant || next.op == kSpecConstantOp);
        return append(words, next.op, next.operands);
    }
    write(words, type, id, *bits);
    const auto [place, is_new] = by_value_.try_emplace({type, *bits}, id);
    if (!is_new) same_as_[id] = place->second;
}

void Constants::write(Words& words, Id type, Id id, std::uint32_t bits) {
    known_[id] = bits;
    if (scalars_[type] == kTypeBool) {
        append(words, bits != 0 ? kConstantTrue : kConstantFalse, {type, id});
    } else {
        append(words, kConstant, {type, id, bits});
    }
}

Id Constants::constant(Id type, std::uint32_t bits) {
    const auto [place, is_new] = by_value_.try_emplace({type, bits}, 0);
    if (is_new) {
        place->second = new_id();
        write(instructions_.emplace_back(), type, place->second, bits);
    }
    return place->second;
}

Words Constants::written(std::vector<bool> live) const {
    live.resize(bound_);
    std::vector<bool> declared = live;
    const auto mark = [&](const Words& words) {
        for (std::size_t i = 1; i < words.size(); ++i) {
            // A number that happens to be an id keeps what has that id, no more.
            if (words[i] < bound_) live[words[i]] = true;
        }
    };
    const auto result = [](const Words& words) { return result_of(instruction_at(words, 0)); };
    const auto op_of = [](const Words& words) { return words[0] & 0xffff; };
    for (const Words& words : instructions_) {
        if (op_of(words) == kExecutionModeId) mark(words);
        const bool is_group_size =
            op_of(words) == kDecorate && words[2] == kBuiltIn && words[3] == kBuiltInWorkgroupSize;
        if (is_group_size) live[words[1]] = true;
    }
    // Declarations stand before their uses, so one way back finds all.
    for (auto words = instructions_.rbegin(); words != instructions_.rend(); ++words) {
        const Id id = result(*words);
        if (id == 0 || !live[id]) continue;
        mark(*words);
        declared[id] = true;
    }
    Words all;
    for (const Words& words : instructions_) {
        const std::uint32_t op = op_of(words);
        const Id id = result(words);
        const bool is_note =
            op == kName || op == kMemberName || op == kDecorate || op == kMemberDecorate;
        if (id != 0 ? !declared[id] : is_note && !declared[words[1]]) continue;
        if (op != kEntryPoint) {
            all.insert(all.end(), words.begin(), words.end());
            continue;
        }
        // Behind the name, which ends with a zero byte: the variables that it may touch.
        std::size_t end = 3;
        while (words[end] >> 24 != 0)
            ++end;
        const auto interface = words.begin() + static_cast<std::ptrdiff_t>(end) + 1;
        Words operands(words.begin() + 1, interface);
        std::copy_if(interface, words.end(), std::back_inserter(operands),
                     [&](Id variable) { return declared[variable]; });
        append(all, kEntryPoint, operands);
    }
    return all;
}

}  // namespace ingot::spirv
