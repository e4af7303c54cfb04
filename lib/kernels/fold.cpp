// SPDX-License-Identifier: MIT
#include "kernels/fold.h"

#include "kernels/spirv.h"

namespace ingot::spirv {
namespace {

std::optional<std::uint32_t> fold_one(std::uint32_t op, std::uint32_t a) {
    switch (op) {
        case kBitcast:
        case kCopyObject: return a;
        case kSNegate: return 0u - a;
        case kNot: return ~a;
        case kLogicalNot: return a == 0;
        default: return std::nullopt;
    }
}

std::optional<std::uint32_t> fold_two(std::uint32_t op, std::uint32_t a, std::uint32_t b) {
    const auto signed_a = static_cast<std::int32_t>(a);
    const auto signed_b = static_cast<std::int32_t>(b);
    switch (op) {
        case kIAdd: return a + b;
        case kISub: return a - b;
        case kIMul: return a * b;
        case kUDiv: return b == 0 ? std::nullopt : std::optional(a / b);
        case kUMod: return b == 0 ? std::nullopt : std::optional(a % b);
        case kShiftRightLogical: return b > 31 ? std::nullopt : std::optional(a >> b);
        case kShiftLeftLogical: return b > 31 ? std::nullopt : std::optional(a << b);
        case kBitwiseOr: return a | b;
        case kBitwiseXor: return a ^ b;
        case kBitwiseAnd: return a & b;
        case kLogicalEqual:
        case kIEqual: return a == b;
        case kLogicalNotEqual:
        case kINotEqual: return a != b;
        case kLogicalOr: return a | b;
        case kLogicalAnd: return a & b;
        case kUGreaterThan: return a > b;
        case kUGreaterThanEqual: return a >= b;
        case kULessThan: return a < b;
        case kULessThanEqual: return a <= b;
        case kSGreaterThan: return signed_a > signed_b;
        case kSGreaterThanEqual: return signed_a >= signed_b;
        case kSLessThan: return signed_a < signed_b;
        case kSLessThanEqual: return signed_a <= signed_b;
        default: return std::nullopt;
    }
}

}  // namespace

std::optional<std::uint32_t> fold(std::uint32_t op,
                                  std::span<const std::optional<std::uint32_t>> operands) {
    if (operands.size() == 1 && operands[0]) return fold_one(op, *operands[0]);
    if (op == kSelect && operands[0]) return operands[*operands[0] != 0 ? 1 : 2];
    if (operands.size() != 2) return std::nullopt;
    if (operands[0] && operands[1]) return fold_two(op, *operands[0], *operands[1]);
    // One side may decide alone.
    for (const std::optional<std::uint32_t>& side : operands) {
        if (side && op == kLogicalAnd && *side == 0) return 0;
        if (side && op == kLogicalOr && *side != 0) return 1;
    }
    return std::nullopt;
}

}  // namespace ingot::spirv
