// SPDX-License-Identifier: MIT
// The part of a SPIR-V module that stands before its functions, with its specialization constants
// given: every scalar constant is known there, and more can be added.
#pragma once

#include "kernels/spirv_function.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ingot::spirv {

using Words = std::vector<std::uint32_t>;

void append(Words& words, std::uint32_t op, std::span<const std::uint32_t> operands);
void append(Words& words, std::uint32_t op, std::initializer_list<std::uint32_t> operands);

class Constants {
public:
    // `given`: bits by SpecId. All others keep their defaults.
    Constants(Id bound, std::unordered_map<std::uint32_t, std::uint32_t> given);

    void read(const Instruction& next);  // one after the other

    Id bound() const { return bound_; }
    Id new_id();

    // The bits of a scalar constant, if `id` is one.
    std::optional<std::uint32_t> bits_of(Id id) const { return known_[id]; }
    // Equal constants have one id that stands for all.
    Id representative_of(Id id) const { return same_as_[id] != 0 ? same_as_[id] : id; }
    // Bools and 32-bit numbers, the types of what can be known.
    bool is_scalar(Id type) const { return scalars_[type] != 0; }
    Id constant(Id type, std::uint32_t bits);

    // The instructions, those that only `live` ids need; live ids make others so.
    Words written(std::vector<bool> live) const;

private:
    void read_constant(const Instruction& next);
    void write(Words& words, Id type, Id id, std::uint32_t bits);

    Id bound_;
    std::unordered_map<std::uint32_t, std::uint32_t> given_;  // by SpecId
    std::unordered_map<Id, std::uint32_t> specialized_;       // by constant
    std::vector<Words> instructions_;
    std::vector<std::uint32_t> scalars_;  // by type: the instruction that declares it
    std::vector<std::optional<std::uint32_t>> known_;
    std::vector<Id> same_as_;
    std::map<std::pair<Id, std::uint32_t>, Id> by_value_;
};

}  // namespace ingot::spirv
