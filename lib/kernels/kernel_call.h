// SPDX-License-Identifier: MIT
// One dispatch as plain data: what lowering produces and the recorder consumes. Constants and
// operands are set by the name they have in the shader, parameters by the struct that both sides
// include; a slip is our bug and throws an internal error naming the kernel and the name.
#pragma once

#include "kernels/device_description.h"
#include "kernels/kernel.h"
#include "kernels/narrow.h"

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace ingot {

// What stands behind a binding; the meaning of `id` belongs to whoever made the call.
struct Operand {
    // kNone: forgotten, an error. kUnused: the kernel, specialised like this, does not touch it.
    enum class Kind { kNone, kUnused, kValue, kScratch, kStatus };

    Kind kind = Kind::kNone;
    std::uint32_t id = 0;
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;  // 0: to the end
    // Of f32 as the shader sees it. A program takes and stores narrow elements by itself.
    Storage storage = Storage::kWord;

    bool operator==(const Operand&) const = default;
};

inline constexpr std::size_t kMaxParameterBytes = 128;

struct KernelCall {
    const Kernel* kernel = nullptr;
    std::vector<std::uint32_t> constants;  // bits, one word for each of kernel->constants
    std::array<std::byte, kMaxParameterBytes> parameter_bytes{};
    std::uint32_t parameter_size_bytes = 0;
    std::vector<Operand> operands;             // one for each of kernel->bindings
    std::array<std::uint32_t, 3> groups{};     // all zero: not set yet
    std::uint32_t required_subgroup_size = 0;  // 0: the device's choice
    std::string label;                         // for traces; the kernel's name unless set

    static KernelCall make(std::string_view kernel_name);  // from the catalog
    static KernelCall make(const Kernel& kernel);          // which must outlive the call

    KernelCall& constant(std::string_view name, bool value);
    KernelCall& constant(std::string_view name, std::int32_t value);
    KernelCall& constant(std::string_view name, std::uint32_t value);
    KernelCall& constant(std::string_view name, float value);
    KernelCall& bind(std::string_view name, const Operand& operand);
    KernelCall& dispatch(const std::array<std::uint32_t, 3>& group_counts);
    KernelCall& require_subgroup_size(std::uint32_t size);
    KernelCall& named(std::string text);

    template <typename T>
    KernelCall& parameters(const T& values) {
        static_assert(std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>);
        static_assert(sizeof(T) % 4 == 0 && sizeof(T) <= kMaxParameterBytes);
        return set_parameters(&values, sizeof(T));
    }

    // Of buffers that do not hold words, by the binding's index.
    std::map<std::uint32_t, Storage> narrow_bindings() const;

    // Every binding has an operand, parameters and groups are set: else an internal error.
    const KernelCall& check_complete() const;

private:
    KernelCall& set_constant(std::string_view name, ScalarType type, std::uint32_t bits);
    KernelCall& set_parameters(const void* values, std::size_t size_bytes);
};

// The groups that cover `count` invocations (or rows, or tiles) at `per_group` each. What exceeds
// the device's limit in x is folded into y: the shader's index is y * num_groups.x + x, see
// shaders/common/index.glsl. A count of 0 gives {0, 1, 1}, which runs nothing.
std::array<std::uint32_t, 3> groups_for(std::uint64_t count, std::uint32_t per_group,
                                        const DeviceDescription& limits);

}  // namespace ingot
