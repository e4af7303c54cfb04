// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "kernels/instance.h"
#include "kernels/spirv.h"

#include <algorithm>

namespace ingot::spirv {
namespace {

bool is_terminator(std::uint32_t op) {
    return op >= kBranch && op <= kUnreachable;
}

bool is_merge(std::uint32_t op) {
    return op == kLoopMerge || op == kSelectionMerge;
}

}  // namespace

// By place in the function's code: what its effects need. Stores to a local variable are needed
// with the variable.
std::vector<bool> Instances::needed(const Instance& instance) const {
    const Function& function = *instance.function;
    std::vector<bool> needed(function.code.size());
    std::vector<std::size_t> ahead;
    std::unordered_map<Id, std::size_t> made_at;
    std::unordered_map<Id, std::vector<std::size_t>> stores;
    const auto local_variable = [&](Id pointer) -> Id {
        for (;;) {
            const auto made = made_at.find(pointer);
            if (made == made_at.end()) return 0;
            const Instruction& maker = function.code[made->second];
            if (maker.op == kVariable) return pointer;
            if (maker.op != kAccessChain && maker.op != kInBoundsAccessChain) return 0;
            pointer = maker.operands[2];
        }
    };
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        if (!instance.reached[b]) continue;
        const Block& block = function.blocks[b];
        for (std::size_t i = block.begin; i < block.end; ++i) {
            const Instruction& next = function.code[i];
            const bool is_decided =
                instance.taken[b] != 0 && (is_terminator(next.op) || is_merge(next.op));
            if (is_decided || is_folded(instance, next)) continue;
            const Id id = result_of(next);
            if (id != 0) made_at[id] = i;
            const Id variable = next.op == kStore ? local_variable(next.operands[0]) : 0;
            if (variable != 0) {
                stores[variable].push_back(i);
            } else if (id == 0 || has_effect(instance, next)) {
                ahead.push_back(i);
            }
        }
    }
    while (!ahead.empty()) {
        const std::size_t place = ahead.back();
        ahead.pop_back();
        if (needed[place]) continue;
        needed[place] = true;
        const Instruction& next = function.code[place];
        const OperandLayout layout = layout_of(next.op);
        for (std::size_t k = 0; k < next.operands.size(); ++k) {
            if (!layout.is_id(k) || k == layout.result) continue;
            const auto made = made_at.find(resolved(instance, next.operands[k]));
            if (made != made_at.end()) ahead.push_back(made->second);
        }
        if (next.op == kVariable) {
            const std::vector<std::size_t>& all = stores[next.operands[1]];
            ahead.insert(ahead.end(), all.begin(), all.end());
        }
    }
    return needed;
}

void Instances::write(Instance& instance) {
    if (instance.id != 0) return;
    const Function& function = *instance.function;
    const std::vector<bool> is_needed = needed(instance);
    for (std::size_t i = 0; i < function.code.size(); ++i) {
        const Instruction& next = function.code[i];
        if (is_needed[i] && next.op == kFunctionCall) {
            write(*instance.callees.at(next.operands[1]));
        }
    }

    // The first instance keeps the ids that the function came with.
    std::unordered_map<Id, Id> names;
    if (!has_own_ids_.insert(function.id).second) {
        for (const Instruction& next : function.code) {
            if (const Id id = result_of(next)) names[id] = constants_.new_id();
        }
    }
    const auto name = [&](Id id) {
        const auto found = names.find(id);
        const Id named = found == names.end() ? id : found->second;
        if (named >= live_.size()) live_.resize(named + 1);
        live_[named] = true;
        return named;
    };
    instance.id = name(function.id);
    const auto emit = [&](const Instruction& next) {
        const OperandLayout layout = layout_of(next.op);
        Words operands(next.operands.begin(), next.operands.end());
        for (std::size_t k = 0; k < operands.size(); ++k) {
            if (!layout.is_id(k)) continue;
            const bool is_callee = next.op == kFunctionCall && k == 2;
            operands[k] = is_callee            ? instance.callees.at(next.operands[1])->id
                          : k == layout.result ? name(operands[k])
                                               : name(resolved(instance, operands[k]));
        }
        append(words_, next.op, operands);
    };
    const auto emit_phi = [&](const Instruction& next, Id label) {
        Words operands(next.operands.begin(), next.operands.begin() + 2);
        for (std::size_t k = 2; k < next.operands.size(); k += 2) {
            if (!instance.leads_to(function.block_of(next.operands[k + 1]), label)) continue;
            operands.insert(operands.end(), {next.operands[k], next.operands[k + 1]});
        }
        emit({kPhi, operands});
    };

    // Blocks out of reach that a construct must have nevertheless, and what they branch to.
    std::unordered_map<Id, Id> stubs;
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        const Block& block = function.blocks[b];
        if (!instance.reached[b] || instance.taken[b] != 0) continue;
        if (block.merge != 0) stubs.try_emplace(block.merge, 0);
        if (block.is_loop()) stubs[block.continue_target] = block.label;
    }
    for (std::size_t i = 0; i < function.blocks[0].begin; ++i)
        emit(function.code[i]);
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        const Block& block = function.blocks[b];
        if (!instance.reached[b]) {
            const auto stub = stubs.find(block.label);
            if (stub == stubs.end()) continue;
            append(words_, kLabel, {name(block.label)});
            if (stub->second == 0) {
                append(words_, kUnreachable, {});
            } else {
                append(words_, kBranch, {name(stub->second)});
            }
            continue;
        }
        emit(function.code[block.begin]);
        for (std::size_t i = block.begin + 1; i < block.end; ++i) {
            if (!is_needed[i]) continue;
            if (function.code[i].op == kPhi) {
                INGOT_CHECK(!block.is_loop());  // its stub would have to be told apart
                emit_phi(function.code[i], block.label);
            } else {
                emit(function.code[i]);
            }
        }
        if (instance.taken[b] != 0) append(words_, kBranch, {name(instance.taken[b])});
    }
    append(words_, kFunctionEnd, {});
}

}  // namespace ingot::spirv
