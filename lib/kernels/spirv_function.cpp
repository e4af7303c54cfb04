// SPDX-License-Identifier: MIT
#include "kernels/spirv_function.h"

#include "core/check.h"
#include "kernels/spirv.h"

#include <algorithm>

namespace ingot::spirv {
namespace {

constexpr bool within(std::uint32_t op, Op first, Op last) {
    return op >= first && op <= last;
}

}  // namespace

Instruction instruction_at(std::span<const std::uint32_t> words, std::size_t at) {
    INGOT_CHECK(at < words.size());
    const std::size_t length = words[at] >> 16;
    INGOT_CHECK(length > 0 && length <= words.size() - at);
    return {words[at] & 0xffff, words.subspan(at + 1, length - 1)};
}

OperandLayout layout_of(std::uint32_t op) {
    switch (op) {
        case kStore: return {.ids = 2};
        case kControlBarrier:
        case kMemoryBarrier:
        case kAtomicStore:
        case kBranch:
        case kKill:
        case kReturn:
        case kReturnValue:
        case kUnreachable:
        case kFunctionEnd: return {};
        case kLabel: return {.result = 0};
        case kLoopMerge: return {.ids = 2};
        case kSelectionMerge: return {.ids = 1};
        case kBranchConditional: return {.ids = 3};
        case kSwitch: return {.ids = 2, .pairs = true};

        case kFunction:
        case kVariable: return {.literal = 2, .result = 1};
        case kExtInst:
        case kGroupNonUniformBallotBitCount: return {.literal = 3, .result = 1};
        case kLoad:
        case kArrayLength:
        case kCompositeExtract: return {.ids = 3, .result = 1};
        case kVectorShuffle:
        case kCompositeInsert:
        case kImageFetch: return {.ids = 4, .result = 1};
        case kUndef:
        case kFunctionParameter:
        case kFunctionCall:
        case kAccessChain:
        case kInBoundsAccessChain:
        case kVectorExtractDynamic:
        case kCompositeConstruct:
        case kCopyObject:
        case kCopyLogical:
        case kPhi: return {.result = 1};
        default: break;
    }
    if (within(op, kGroupNonUniformIAdd, kGroupNonUniformLogicalXor)) {
        return {.literal = 3, .result = 1};
    }
    if (within(op, kConvertFToU, kBitcast) || within(op, kSNegate, kSMulExtended) ||
        within(op, kAny, kFUnordGreaterThanEqual) || within(op, kShiftRightLogical, kBitCount) ||
        within(op, kAtomicLoad, kAtomicXor) ||
        within(op, kGroupNonUniformElect, kGroupNonUniformShuffleDown)) {
        return {.result = 1};
    }
    fail(ErrorKind::kInternal, "SPIR-V: instruction {} is none that specialization knows", op);
}

Id result_of(const Instruction& instruction) {
    const std::uint32_t op = instruction.op;
    if (op == kString || op == kExtInstImport || within(op, kTypeVoid, kTypeFunction)) {
        return instruction.operands[0];
    }
    if (within(op, kConstantTrue, kSpecConstantOp)) return instruction.operands[1];
    const bool is_global = op < kTypeVoid && op != kUndef && op != kExtInst;
    const bool is_note = within(op, kDecorate, kGroupMemberDecorate);
    if (is_global || is_note || within(op, kModuleProcessed, kExecutionModeId)) return 0;
    const OperandLayout layout = layout_of(op);
    return layout.result == OperandLayout::kNone ? 0 : instruction.operands[layout.result];
}

void Function::add_block(Id label, std::size_t begin) {
    INGOT_CHECK(blocks.empty() || label > blocks[0].label);
    const std::size_t place = label - (blocks.empty() ? label : blocks[0].label);
    if (place >= places.size()) places.resize(place + 1);
    places[place] = blocks.size();
    blocks.push_back({.label = label, .begin = begin});
}

bool Function::may_drop_merge(const Block& header, Id target) const {
    if (header.is_loop()) return false;
    const Id merge = header.merge;
    std::vector<bool> seen(blocks.size());
    std::vector<Id> ahead{target};
    const auto visit = [&](Id label, std::vector<Id>& list) {
        if (label == merge || label == header.label) return;
        const std::size_t at = block_of(label);
        if (seen[at]) return;
        seen[at] = true;
        list.push_back(label);
    };
    while (!ahead.empty()) {
        const Id label = ahead.back();
        ahead.pop_back();
        if (label == merge || label == header.label) continue;
        const Block& block = blocks[block_of(label)];
        if (block.successors.size() < 2 && !block.is_loop()) {
            for (const Id next : block.successors)
                visit(next, ahead);
            continue;
        }
        // A construct within, which may not jump to the merge block; or a way out of a loop.
        std::vector<Id> inside{label};
        while (!inside.empty()) {
            const Block& part = blocks[block_of(inside.back())];
            inside.pop_back();
            for (const Id next : part.successors) {
                if (next == block.merge) continue;
                if (next == merge) return false;
                visit(next, inside);
            }
        }
        if (block.merge != 0) visit(block.merge, ahead);
    }
    return true;
}

Function read_function(std::span<const std::uint32_t> words, std::size_t& at) {
    Function function;
    for (bool ended = false; !ended;) {
        const Instruction next = instruction_at(words, at);
        at += next.operands.size() + 1;
        const auto& operands = next.operands;
        const std::size_t place = function.code.size();
        function.code.push_back(next);
        Block* block = function.blocks.empty() ? nullptr : &function.blocks.back();
        switch (next.op) {
            case kFunction: function.id = operands[1]; break;
            case kFunctionParameter: function.parameters.push_back(operands[1]); break;
            case kLabel: function.add_block(operands[0], place); break;
            case kSelectionMerge: block->merge = operands[0]; break;
            case kLoopMerge:
                block->merge = operands[0];
                block->continue_target = operands[1];
                break;
            case kBranch: block->successors = {operands[0]}; break;
            case kBranchConditional: block->successors = {operands[1], operands[2]}; break;
            case kSwitch:
                for (std::size_t i = 1; i < operands.size(); i += 2)
                    block->successors.push_back(operands[i]);
                break;
            case kFunctionEnd: ended = true; break;
            default: break;
        }
        if (within(next.op, kBranch, kUnreachable)) block->end = place + 1;
    }
    return function;
}

}  // namespace ingot::spirv
