// SPDX-License-Identifier: MIT
// Group: operations that run as one. A pure pointwise group is a program over one iteration space;
// a group with an anchor is that kernel with a program before or after its own work.
#pragma once

#include "graph/body.h"
#include "kernels/kernel_call.h"

#include <optional>

namespace ingot::graph {

struct Instruction {
    std::uint32_t opcode;
    std::uint32_t a = 0, b = 0, c = 0;  // registers, see shaders/pointwise.h
};

struct ProgramInput {
    Use use;
    std::uint32_t access = 0;        // kAccess..., without the type
    std::uint32_t div = 1, mod = 1;  // of kAccessModular, kAccessRow and kAccessColumn
};

struct ProgramOutput {
    ValueId value;
    std::uint32_t in_register;
};

struct PointwiseProgram {
    std::vector<Instruction> instructions;
    std::vector<std::uint32_t> immediates;
    std::vector<ProgramInput> inputs;
    std::vector<ProgramOutput> outputs;
    std::uint32_t result = 0;  // the register handed back to a kernel that runs it as prologue

    bool is_narrow = false;  // an input or output has elements narrower than a word

    bool empty() const { return instructions.empty(); }
    bool has_strided_input() const;
};

struct Group {
    std::optional<std::size_t> anchor;    // an index into Body::operations
    std::vector<std::size_t> operations;  // all of them, ascending, the anchor included
    Shape space;                          // what the program iterates over
    PointwiseProgram program;
    bool updates_state = false;  // must not store anything once the device has seen an error

    const Operation* anchor_in(const Body& body) const {
        return anchor ? &body.operations[*anchor] : nullptr;
    }
    // Everything the group reads from memory and writes to it, each value once.
    std::vector<ValueId> reads(const Body& body) const;
    std::vector<ValueId> writes(const Body& body) const;
};

// One way to run a group on a device.
struct Candidate {
    std::string name;
    std::vector<KernelCall> calls;
    std::vector<std::uint64_t> scratch_bytes;  // Operand::Kind::kScratch refers to these by index
    double cost_ns = 0;                        // an estimate, to compare candidates by
    double flops = 0;
    double bytes = 0;
};

// `stores_narrow`: kernels with an epilogue can store elements of 16 bits (kernels/narrow.h).
std::vector<Group> fuse(const Body& body, bool stores_narrow = false);

std::string to_text(const Body& body, const std::vector<Group>& groups);
std::string to_dot(const Body& body, const std::vector<Group>& groups);

}  // namespace ingot::graph
