// SPDX-License-Identifier: MIT
// Reads from a SPIR-V module what a host must know to run it. Trusts nothing: words may come from a
// user, so every index is checked. Malformed words throw Error (kInvalidArgument), sound ones that
// ask for what we do not offer throw kUnsupported; both say `what: word 123: the reason`.
// Needs the standard library alone, because shaderpack is built before all else.
#pragma once

#include "kernels/kernel.h"

#include <optional>
#include <string>
#include <vector>

namespace ingot {

// The owning twin of Kernel; see there for the meaning of each field.
struct Reflection {
    struct Binding {
        std::string name;
        std::uint32_t index;
        BindingKind kind;
        Access access;
        // Of a storage buffer that is one array of 32-bit numbers or vectors of these.
        std::optional<ScalarType> element = {};
    };
    struct Constant {
        std::string name;
        std::uint32_t id;
        std::uint32_t default_bits;
        ScalarType type;
    };

    // A number of the push-constant block, or several of a kind in a row. `outer.inner` in a block
    // inside the block; in the order of the declaration.
    struct Parameter {
        std::string name;
        std::uint32_t offset_bytes;
        std::uint32_t count;  // 0: neither a number nor numbers in a row
        std::uint32_t stride_bytes;
        ScalarType type;
    };

    std::uint32_t version = 0;  // of SPIR-V: 0x00010500 is 1.5
    std::string entry_point;
    std::vector<Binding> bindings;
    std::vector<Constant> constants;
    std::vector<std::uint32_t> capabilities;
    std::vector<Parameter> parameters;
    std::uint32_t parameter_size_bytes = 0;
    std::array<std::uint32_t, 3> local_size{1, 1, 1};
    std::array<std::uint32_t, 3> local_size_ids{kNoSpecId, kNoSpecId, kNoSpecId};
    bool uses_subgroups = false;
    bool reads_group_counts = false;  // as what counts in a folded dispatch must: groups_for()
};

// One compute entry point, descriptors in set 0 and no arrays of them. A constant that only sets
// the group size and has no name of its own is called LOCAL_SIZE, LOCAL_SIZE_Y or LOCAL_SIZE_Z.
Reflection reflect(std::span<const std::uint32_t> words, std::string_view what);

}  // namespace ingot
