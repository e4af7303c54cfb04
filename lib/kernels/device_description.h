// SPDX-License-Identifier: MIT
// A device as plain data, the only thing about it that lowering sees: so candidates can be made,
// costed and tested for a device that is not there. The defaults are a generic discrete GPU with
// the limits that Vulkan promises.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

enum class DeviceClass { kDiscrete, kIntegrated, kVirtual, kCpu };

struct DeviceDescription {
    std::string name = "generic";
    std::string driver = "none";
    DeviceClass device_class = DeviceClass::kDiscrete;

    std::uint32_t subgroup_size = 32;  // of a pipeline that asks for none
    std::uint32_t min_subgroup_size = 32;
    std::uint32_t max_subgroup_size = 32;
    bool subgroup_size_control = false;  // a pipeline may require a size between the two
    // Such a compiler (Intel's) has half the registers for an invocation.
    bool chooses_narrow_subgroups() const {
        return min_subgroup_size < 32 && min_subgroup_size < max_subgroup_size;
    }

    std::uint32_t max_invocations = 128;  // in one group
    std::array<std::uint32_t, 3> max_group_size{128, 128, 64};
    std::array<std::uint32_t, 3> max_group_count{65535, 65535, 65535};
    std::uint32_t shared_memory_bytes = 16384;

    std::uint64_t max_storage_range_bytes = std::uint64_t{1} << 27;
    std::uint64_t storage_offset_alignment = 256;
    // Vulkan promises only 4; SwiftShader, the least of the drivers we test on, has 30.
    std::uint32_t max_storage_buffers = 16;
    std::uint64_t max_texel_elements = 65536;
    std::uint64_t texel_offset_alignment = 256;

    // Software drivers only: whether a texel fetch costs less than loading a vec4.
    bool prefers_texels = false;

    bool float16 = false;  // arithmetic in shaders
    bool int8 = false;
    // SPIR-V's numbers of what kernels may declare: what Vulkan 1.2 promises, unless more is said.
    std::vector<std::uint32_t> capabilities{0, 1, 46, 47, 50, 61};
    bool has_capability(std::uint32_t capability) const {
        return std::ranges::find(capabilities, capability) != capabilities.end();
    }
};

}  // namespace ingot
