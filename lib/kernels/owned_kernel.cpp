// SPDX-License-Identifier: MIT
#include "kernels/owned_kernel.h"

#include "core/check.h"
#include "kernels/kernel_call.h"

#include <algorithm>
#include <utility>

namespace ingot {
namespace {

constexpr std::uint32_t kNewestVersion = 0x00010500;  // that Vulkan 1.2 takes

constexpr std::pair<std::uint32_t, const char*> kCapabilityNames[] = {
    {4, "Addresses"},
    {5, "Linkage"},
    {6, "Kernel"},
    {9, "Float16"},
    {10, "Float64"},
    {11, "Int64"},
    {12, "Int64Atomics"},
    {22, "Int16"},
    {39, "Int8"},
    {61, "GroupNonUniform"},
    {62, "GroupNonUniformVote"},
    {63, "GroupNonUniformArithmetic"},
    {64, "GroupNonUniformBallot"},
    {65, "GroupNonUniformShuffle"},
    {66, "GroupNonUniformShuffleRelative"},
    {67, "GroupNonUniformClustered"},
    {68, "GroupNonUniformQuad"},
    {4423, "SubgroupBallotKHR"},
    {4431, "SubgroupVoteKHR"},
    {4433, "StorageBuffer16BitAccess"},
    {4434, "UniformAndStorageBuffer16BitAccess"},
    {4435, "StoragePushConstant16"},
    {4448, "StorageBuffer8BitAccess"},
    {4449, "UniformAndStorageBuffer8BitAccess"},
    {4450, "StoragePushConstant8"},
    {5116, "BFloat16TypeKHR"},
    {5302, "RuntimeDescriptorArray"},
    {5345, "VulkanMemoryModel"},
    {5346, "VulkanMemoryModelDeviceScope"},
    {5347, "PhysicalStorageBufferAddresses"},
    {5357, "CooperativeMatrixNV"},
    {6016, "DotProductInputAll"},
    {6017, "DotProductInput4x8Bit"},
    {6018, "DotProductInput4x8BitPacked"},
    {6019, "DotProduct"},
    {6022, "CooperativeMatrixKHR"},
    {6026, "GroupNonUniformRotateKHR"},
    {6033, "AtomicFloat32AddEXT"},
    {6034, "AtomicFloat64AddEXT"},
};

}  // namespace

OwnedKernel::OwnedKernel(std::string name, std::span<const std::uint32_t> spirv)
    : name_(std::move(name)),
      spirv_(spirv.begin(), spirv.end()),
      reflection_(reflect(spirv_, name_)) {
    if (reflection_.entry_point != "main") {
        fail(ErrorKind::kInvalidArgument, "{}: the entry point of its SPIR-V is `{}`, not `main`",
             name_, reflection_.entry_point);
    }
    if (reflection_.version > kNewestVersion) {
        fail(ErrorKind::kUnsupported,
             "{}: its SPIR-V is of version {}.{}; 1.5 is the newest that Vulkan 1.2 takes", name_,
             reflection_.version >> 16, reflection_.version >> 8 & 0xff);
    }
    if (reflection_.parameter_size_bytes > kMaxParameterBytes) {
        fail(ErrorKind::kUnsupported, "{}: its parameters take {} bytes; {} are possible", name_,
             reflection_.parameter_size_bytes, kMaxParameterBytes);
    }
    for (const Reflection::Binding& binding : reflection_.bindings) {
        bindings_.push_back({binding.name, binding.index, binding.kind, binding.access});
    }
    for (const Reflection::Constant& constant : reflection_.constants) {
        constants_.push_back({constant.name, constant.id, constant.default_bits, constant.type});
    }
    kernel_ = {.name = name_,
               .spirv = spirv_,
               .bindings = bindings_,
               .constants = constants_,
               .capabilities = reflection_.capabilities,
               .parameter_size_bytes = reflection_.parameter_size_bytes,
               .local_size = reflection_.local_size,
               .local_size_ids = reflection_.local_size_ids,
               .uses_subgroups = reflection_.uses_subgroups,
               .is_foreign = true};
}

std::string capability_name(std::uint32_t capability) {
    const auto found = std::ranges::find(kCapabilityNames, capability,
                                         &std::pair<std::uint32_t, const char*>::first);
    return found == std::end(kCapabilityNames) ? fmt::format("capability {}", capability)
                                               : found->second;
}

}  // namespace ingot
