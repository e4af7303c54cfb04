// SPDX-License-Identifier: MIT
// What one compiled shader demands of its host: bindings, specialization constants, parameter size,
// group size, capabilities. All of it is read from the SPIR-V by shaderpack; nobody types it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace ingot {

enum class BindingKind { kStorageBuffer, kUniformBuffer, kUniformTexelBuffer, kStorageTexelBuffer };
enum class Access { kRead, kWrite, kReadWrite };
enum class ScalarType { kBool, kInt, kUint, kFloat };

const char* to_string(BindingKind kind);
const char* to_string(Access access);
const char* to_string(ScalarType type);

inline constexpr std::uint32_t kNoSpecId = 0xffffffff;

// The name is that of the instance; of the only member of a block without one; else the block's.
struct Binding {
    std::string_view name;
    std::uint32_t index;  // in set 0
    BindingKind kind;
    Access access;
};

struct SpecConstant {
    std::string_view name;
    std::uint32_t id;
    std::uint32_t default_bits;  // a bool is 0 or 1
    ScalarType type;
};

struct Kernel {
    std::string_view name;
    std::span<const std::uint32_t> spirv;
    std::span<const Binding> bindings;            // by index
    std::span<const SpecConstant> constants;      // by id
    std::span<const std::uint32_t> capabilities;  // SPIR-V's numbers, ascending
    std::uint32_t parameter_size_bytes;           // of the push-constant block; 0 without one
    std::array<std::uint32_t, 3> local_size;      // with the default constants
    std::array<std::uint32_t, 3> local_size_ids;  // the constant that sets it, or kNoSpecId
    bool uses_subgroups;
    bool is_foreign = false;  // a user's: the driver gets the words as they are
};

}  // namespace ingot
