// SPDX-License-Identifier: MIT
// The functions of a SPIR-V module as blocks of instructions, for passes that rewrite them. The
// module is one that we have compiled (reflection has read it): what it may not contain is our bug.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ingot::spirv {

using Id = std::uint32_t;  // 0: none

struct Instruction {
    std::uint32_t op = 0;
    std::span<const std::uint32_t> operands;  // result and type included
};

// The instruction that begins at word `at`.
Instruction instruction_at(std::span<const std::uint32_t> words, std::size_t at);

// Which operands are ids: the first `ids` of them, but for the one at `literal`; and behind these
// every second one, if `pairs` (the targets of a switch).
struct OperandLayout {
    static constexpr std::size_t kAll = ~std::size_t{0};
    static constexpr std::size_t kNone = ~std::size_t{0};

    std::size_t ids = kAll;
    std::size_t literal = kNone;
    std::size_t result = kNone;  // the place of the result's id
    bool pairs = false;

    bool is_id(std::size_t place) const {
        if (place < ids) return place != literal;
        return pairs && (place - ids) % 2 == 1;
    }
};

// Of an instruction inside of a function; an internal error if it is one that we do not know.
OperandLayout layout_of(std::uint32_t op);

// The id that an instruction makes, inside of a function or outside; or 0.
Id result_of(const Instruction& instruction);

struct Block {
    Id label = 0;
    std::size_t begin = 0;  // in Function::code: the label
    std::size_t end = 0;    // behind the terminator
    Id merge = 0;           // of the construct that it heads
    Id continue_target = 0;
    std::vector<Id> successors;

    bool is_loop() const { return continue_target != 0; }
};

struct Function {
    Id id = 0;
    std::vector<Instruction> code;  // from OpFunction to OpFunctionEnd
    std::vector<Id> parameters;
    std::vector<Block> blocks;
    std::vector<std::size_t> places;  // of blocks, by label - blocks[0].label

    void add_block(Id label, std::size_t begin);
    std::size_t block_of(Id label) const { return places[label - blocks[0].label]; }
    const Instruction& terminator(const Block& block) const { return code[block.end - 1]; }

    // Whether control that leaves `header` for `target` stays sound when the header is no longer
    // one: nothing but plain branches leads to its merge block.
    bool may_drop_merge(const Block& header, Id target) const;
};

// From the OpFunction at word `at`, which is moved behind its end.
Function read_function(std::span<const std::uint32_t> words, std::size_t& at);

}  // namespace ingot::spirv
