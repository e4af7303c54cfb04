// SPDX-License-Identifier: MIT
// A SPIR-V module taken apart: what its instructions say about each id, not yet interpreted. Every
// index is checked while reading, and a type is accepted only after what it is made of, so sizes
// are known on the way and no declaration, however twisted, can make us recurse.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ingot::spirv {

inline constexpr std::uint64_t kUnsized = ~std::uint64_t{0};
inline constexpr std::uint64_t kMaxSizeBytes = 0xffffffff;

using Id = std::uint32_t;  // 0: none

struct Type {
    std::uint32_t op = 0;
    std::uint32_t width = 0;  // of a scalar, in bits
    bool is_signed = false;
    Id target = 0;  // of a pointer or a sampled image; the element of a vector or an array
    std::uint32_t storage_class = 0;
    std::uint32_t image_dim = 0;
    std::uint32_t image_sampled = 0;
    std::uint32_t member_count = 0;
    std::vector<Id> members;              // of a struct
    std::uint32_t length = 0;             // of a vector or an array; 0: not known here
    std::uint64_t size_bytes = kUnsized;  // where offsets and strides tell
};

struct Constant {
    Id type = 0;
    std::uint32_t bits = 0;
    bool is_spec = false;
    std::vector<Id> parts;  // of a composite
    std::size_t word = 0;
};

struct Decorations {
    std::optional<std::uint32_t> binding, set, offset, spec_id, array_stride;
    bool buffer_block = false;
    bool non_writable = false;
    bool non_readable = false;
};

struct Variable {
    Id id = 0;
    Id type = 0;
    std::size_t word = 0;
};

struct Module {
    using Member = std::pair<Id, std::uint32_t>;  // struct, index

    std::string what;           // the module's name in messages
    std::uint32_t version = 0;  // 0x00010500 is 1.5
    Id entry_point = 0;
    std::string entry_point_name;
    std::array<std::uint32_t, 3> local_size{1, 1, 1};
    std::vector<Id> local_size_parts;  // of LocalSizeId
    Id workgroup_size = 0;             // the constant decorated as WorkgroupSize
    bool reads_group_counts = false;   // a variable is decorated as NumWorkgroups
    std::set<std::uint32_t> capabilities;
    std::unordered_map<Id, std::string> names;
    std::unordered_map<Id, Decorations> decorations;
    std::map<Member, std::string> member_names;
    std::map<Member, Decorations> member_decorations;
    std::unordered_map<Id, Type> types;
    std::map<Id, Constant> constants;
    std::vector<Variable> variables;  // those outside of functions

    const Type& type(Id id, std::size_t word) const;
    const Constant* constant(Id id) const;  // or nullptr
    Decorations decorations_of(Id id) const;
    Decorations decorations_of(Id id, std::uint32_t member) const;
    std::string name_of(Id id) const;  // or ""
    std::string name_of(Id id, std::uint32_t member) const;

    // `what: word 12: reason`; the first for words that make no sense, the second for sense that we
    // do not offer.
    [[noreturn]] void malformed(std::size_t word, const std::string& reason) const;
    [[noreturn]] void unsupported(std::size_t word, const std::string& reason) const;
};

Module read_module(std::span<const std::uint32_t> words, std::string_view what);

}  // namespace ingot::spirv
