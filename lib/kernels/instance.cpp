// SPDX-License-Identifier: MIT
#include "kernels/instance.h"

#include "core/check.h"
#include "kernels/fold.h"
#include "kernels/spirv.h"

#include <algorithm>

namespace ingot::spirv {

bool Instance::leads_to(std::size_t block, Id label) const {
    if (!reached[block]) return false;
    if (taken[block] != 0) return taken[block] == label;
    return std::ranges::count(function->blocks[block].successors, label) != 0;
}

Id Instances::resolved(const Instance& instance, Id id) const {
    if (id < instance.alias.size() && instance.alias[id] != 0) id = instance.alias[id];
    return constants_.representative_of(id);
}

Instance& Instances::get(Id function, std::vector<Id> arguments) {
    std::unique_ptr<Instance>& place = instances_[{function, arguments}];
    if (place) return *place;
    place = std::make_unique<Instance>();
    Instance& instance = *place;
    instance.function = &functions_.at(function);
    instance.arguments = std::move(arguments);
    INGOT_CHECK(instance.arguments.size() == instance.function->parameters.size());
    instance.reached.assign(instance.function->blocks.size(), true);
    // What one round finds out of reach lets the next know more.
    for (std::vector<bool> before; before != instance.reached;) {
        before = instance.reached;
        count_stores(instance);
        explore(instance);
    }
    summarize(instance);
    return instance;
}

// A local variable that is stored to once and otherwise only loaded holds that value, or none yet.
void Instances::count_stores(Instance& instance) const {
    const Function& function = *instance.function;
    std::unordered_map<Id, int>& stores = instance.stores;
    stores.clear();
    const auto count = [&stores](Id id, int how_many) {
        if (const auto found = stores.find(id); found != stores.end()) found->second += how_many;
    };
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        if (!instance.reached[b]) continue;
        for (std::size_t i = function.blocks[b].begin; i < function.blocks[b].end; ++i) {
            const Instruction& next = function.code[i];
            if (next.op == kVariable) {
                stores[next.operands[1]] = next.operands.size() > 3 ? 2 : 0;
            } else if (next.op == kStore) {
                count(next.operands[0], 1);
                count(next.operands[1], 2);
            } else if (next.op != kLoad) {
                const OperandLayout layout = layout_of(next.op);
                for (std::size_t k = 0; k < next.operands.size(); ++k) {
                    if (layout.is_id(k)) count(next.operands[k], 2);
                }
            }
        }
    }
}

// One round through the blocks that can be reached, in their order: a block stands behind those
// that lead to it, but for the way back in a loop.
void Instances::explore(Instance& instance) {
    const Function& function = *instance.function;
    instance.alias.assign(constants_.bound(), 0);
    instance.stored.clear();
    instance.callees.clear();
    instance.reached.assign(function.blocks.size(), false);
    instance.taken.assign(function.blocks.size(), 0);
    instance.reached[0] = true;
    for (std::size_t i = 0; i < function.parameters.size(); ++i)
        instance.alias[function.parameters[i]] = instance.arguments[i];
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        if (!instance.reached[b]) continue;
        const Block& block = function.blocks[b];
        for (std::size_t i = block.begin; i < block.end; ++i)
            explore(instance, function.code[i], b);
        instance.taken[b] = way_on(instance, b);
        for (const Id label : block.successors) {
            if (!instance.leads_to(b, label)) continue;
            const std::size_t next = function.block_of(label);
            INGOT_CHECK(next > b || instance.reached[next]);
            instance.reached[next] = true;
        }
    }
}

void Instances::explore(Instance& instance, const Instruction& next, std::size_t block) {
    const auto& operands = next.operands;
    switch (next.op) {
        case kStore: {
            const auto stores = instance.stores.find(operands[0]);
            const bool once = stores != instance.stores.end() && stores->second == 1;
            if (once && bits_of(instance, operands[1])) {
                instance.stored[operands[0]] = resolved(instance, operands[1]);
            }
            return;
        }
        case kLoad:
            if (const auto stored = instance.stored.find(operands[2]);
                stored != instance.stored.end()) {
                instance.alias[operands[1]] = stored->second;
            }
            return;
        case kFunctionCall: return explore_call(instance, next);
        case kPhi: return explore_phi(instance, next, block);
        case kSelect:
            if (const auto condition = bits_of(instance, operands[2])) {
                instance.alias[operands[1]] = resolved(instance, operands[*condition != 0 ? 3 : 4]);
            }
            return;
        case kVariable:
        case kExtInst: return;
        default: break;
    }
    if (layout_of(next.op).result != 1 || !constants_.is_scalar(operands[0])) return;
    std::vector<std::optional<std::uint32_t>> values;
    for (const Id id : operands.subspan(2))
        values.push_back(bits_of(instance, id));
    if (const auto bits = fold(next.op, values)) {
        instance.alias[operands[1]] = constants_.constant(operands[0], *bits);
    }
}

void Instances::explore_call(Instance& instance, const Instruction& next) {
    std::vector<Id> arguments;
    for (const Id id : next.operands.subspan(3)) {
        const Id argument = resolved(instance, id);
        arguments.push_back(constants_.bits_of(argument) ? argument : 0);
    }
    Instance& callee = get(next.operands[2], std::move(arguments));
    instance.callees[next.operands[1]] = &callee;
    instance.alias[next.operands[1]] = callee.result;
}

void Instances::explore_phi(Instance& instance, const Instruction& next, std::size_t block) const {
    const Function& function = *instance.function;
    Id only = 0;
    for (std::size_t k = 2; k < next.operands.size(); k += 2) {
        const std::size_t from = function.block_of(next.operands[k + 1]);
        if (from >= block) return;
        if (!instance.leads_to(from, function.blocks[block].label)) continue;
        const Id value = resolved(instance, next.operands[k]);
        if (only != 0 && only != value) return;
        only = value;
    }
    instance.alias[next.operands[1]] = only;
}

// Where a block with several successors goes, if that is known; else 0.
Id Instances::way_on(const Instance& instance, std::size_t place) const {
    const Function& function = *instance.function;
    const Block& block = function.blocks[place];
    const Instruction& end = function.terminator(block);
    if (end.op != kBranchConditional && end.op != kSwitch) return 0;
    const auto value = bits_of(instance, end.operands[0]);
    if (!value) return 0;
    Id target = end.operands[1];
    if (end.op == kBranchConditional) {
        target = end.operands[*value != 0 ? 1 : 2];
    } else {
        for (std::size_t i = 2; i < end.operands.size(); i += 2) {
            if (end.operands[i] == *value) target = end.operands[i + 1];
        }
    }
    const bool leads_back = std::ranges::any_of(
        block.successors, [&](Id label) { return function.block_of(label) <= place; });
    if (leads_back) return 0;  // a loop keeps its end
    return block.merge == 0 || function.may_drop_merge(block, target) ? target : 0;
}

void Instances::summarize(Instance& instance) const {
    const Function& function = *instance.function;
    std::optional<Id> result;
    bool has_effects = false;
    for (std::size_t b = 0; b < function.blocks.size(); ++b) {
        if (!instance.reached[b]) continue;
        for (std::size_t i = function.blocks[b].begin; i < function.blocks[b].end; ++i) {
            const Instruction& next = function.code[i];
            has_effects = has_effects || has_effect(instance, next);
            if (next.op == kStore && !instance.stores.contains(next.operands[0])) {
                has_effects = true;
            }
            if (next.op != kReturnValue) continue;
            Id value = resolved(instance, next.operands[0]);
            if (!constants_.bits_of(value)) value = 0;
            result = !result || *result == value ? value : 0;
        }
    }
    instance.result = result.value_or(0);
    instance.may_be_left_out = !has_effects && (!result || *result != 0);
}

// Whether a constant or another value stands for what it makes.
bool Instances::is_folded(const Instance& instance, const Instruction& next) const {
    if (next.op == kFunctionCall) return instance.callees.at(next.operands[1])->may_be_left_out;
    const Id id = result_of(next);
    return id != 0 && next.op != kFunctionParameter && instance.alias[id] != 0;
}

// Of calls, atomic operations and the like. Stores are for the caller to judge, by where to.
bool Instances::has_effect(const Instance& instance, const Instruction& next) const {
    const bool meets_others =
        (next.op >= kControlBarrier && next.op <= kAtomicXor) ||
        (next.op >= kGroupNonUniformElect && next.op <= kGroupNonUniformLogicalXor);
    return meets_others || next.op == kKill ||
           (next.op == kFunctionCall && !is_folded(instance, next));
}

}  // namespace ingot::spirv
