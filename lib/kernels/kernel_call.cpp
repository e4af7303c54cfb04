// SPDX-License-Identifier: MIT
#include "kernels/kernel_call.h"

#include "core/check.h"
#include "kernels/catalog.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace ingot {
namespace {

// The place of `name` in a kernel's bindings or constants.
template <typename Entry>
std::size_t place_of(const Kernel& kernel, std::span<const Entry> entries, const char* noun,
                     std::string_view name) {
    const auto found = std::ranges::find(entries, name, &Entry::name);
    if (found == entries.end()) {
        std::string names;
        for (const Entry& entry : entries)
            names += fmt::format(" {}", entry.name);
        fail(ErrorKind::kInternal, "{}: no {} is named `{}` (it has:{})", kernel.name, noun, name,
             names.empty() ? " none" : names);
    }
    return static_cast<std::size_t>(found - entries.begin());
}

std::uint64_t divide_up(std::uint64_t value, std::uint64_t divisor) {
    return value / divisor + (value % divisor != 0);
}

}  // namespace

KernelCall KernelCall::make(std::string_view kernel_name) {
    return make(find_kernel(kernel_name));
}

KernelCall KernelCall::make(const Kernel& kernel) {
    KernelCall call;
    call.kernel = &kernel;
    for (const SpecConstant& constant : kernel.constants) {
        call.constants.push_back(constant.default_bits);
    }
    call.operands.resize(kernel.bindings.size());
    call.label = kernel.name;
    return call;
}

KernelCall& KernelCall::set_constant(std::string_view name, ScalarType type, std::uint32_t bits) {
    const std::size_t place = place_of(*kernel, kernel->constants, "constant", name);
    const ScalarType declared = kernel->constants[place].type;
    if (declared != type) {
        fail(ErrorKind::kInternal, "{}: constant `{}` is declared {} and was given {}",
             kernel->name, name, to_string(declared), to_string(type));
    }
    constants[place] = bits;
    return *this;
}

KernelCall& KernelCall::constant(std::string_view name, bool value) {
    return set_constant(name, ScalarType::kBool, value ? 1 : 0);
}

KernelCall& KernelCall::constant(std::string_view name, std::int32_t value) {
    return set_constant(name, ScalarType::kInt, static_cast<std::uint32_t>(value));
}

KernelCall& KernelCall::constant(std::string_view name, std::uint32_t value) {
    return set_constant(name, ScalarType::kUint, value);
}

KernelCall& KernelCall::constant(std::string_view name, float value) {
    return set_constant(name, ScalarType::kFloat, std::bit_cast<std::uint32_t>(value));
}

KernelCall& KernelCall::bind(std::string_view name, const Operand& operand) {
    operands[place_of(*kernel, kernel->bindings, "binding", name)] = operand;
    return *this;
}

KernelCall& KernelCall::dispatch(const std::array<std::uint32_t, 3>& group_counts) {
    groups = group_counts;
    return *this;
}

KernelCall& KernelCall::require_subgroup_size(std::uint32_t size) {
    required_subgroup_size = size;
    return *this;
}

KernelCall& KernelCall::named(std::string text) {
    label = std::move(text);
    return *this;
}

KernelCall& KernelCall::set_parameters(const void* values, std::size_t size_bytes) {
    if (size_bytes != kernel->parameter_size_bytes) {
        fail(ErrorKind::kInternal, "{}: the shader takes {} bytes of parameters and was given {}",
             kernel->name, kernel->parameter_size_bytes, size_bytes);
    }
    std::memcpy(parameter_bytes.data(), values, size_bytes);
    parameter_size_bytes = static_cast<std::uint32_t>(size_bytes);
    return *this;
}

std::map<std::uint32_t, Storage> KernelCall::narrow_bindings() const {
    std::map<std::uint32_t, Storage> narrow;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Binding& binding = kernel->bindings[i];
        if (operands[i].storage == Storage::kWord || operands[i].kind == Operand::Kind::kUnused)
            continue;
        // A texel is converted by its format.
        if (binding.kind == BindingKind::kStorageBuffer)
            narrow[binding.index] = operands[i].storage;
    }
    return narrow;
}

const KernelCall& KernelCall::check_complete() const {
    INGOT_CHECK(kernel != nullptr);
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (operands[i].kind == Operand::Kind::kNone) {
            fail(ErrorKind::kInternal, "{}: nothing is bound to `{}`", kernel->name,
                 kernel->bindings[i].name);
        }
    }
    if (parameter_size_bytes != kernel->parameter_size_bytes) {
        fail(ErrorKind::kInternal, "{}: its {} bytes of parameters are not set", kernel->name,
             kernel->parameter_size_bytes);
    }
    if (groups == std::array<std::uint32_t, 3>{}) {
        fail(ErrorKind::kInternal, "{}: its group count is not set", kernel->name);
    }
    return *this;
}

std::array<std::uint32_t, 3> groups_for(std::uint64_t count, std::uint32_t per_group,
                                        const DeviceDescription& limits) {
    INGOT_CHECK(per_group > 0);
    const std::uint64_t groups = divide_up(count, per_group);
    if (groups == 0) return {0, 1, 1};
    // Even rows, so that less than one group a row is idle.
    const std::uint64_t y = divide_up(groups, limits.max_group_count[0]);
    const std::uint64_t x = divide_up(groups, y);
    // Shaders count in 32 bits, the idle tail included.
    if (y > limits.max_group_count[1] ||
        x * y > std::numeric_limits<std::uint32_t>::max() / per_group) {
        fail(ErrorKind::kUnsupported,
             "dispatch: {} elements at {} a group are more than {} can run", count, per_group,
             limits.name);
    }
    return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 1};
}

}  // namespace ingot
