// SPDX-License-Identifier: MIT
// What a physical device is, as plain data: identity, memory, limits, subgroups, features, and why
// it is refused, if it is. Queried once; choosing, planning and printing read this and nothing
// else, so all of them are tested on fabricated reports.
#pragma once

#include "vk/features.h"
#include "vk/functions.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::vk {

using Uuid = std::array<std::uint8_t, VK_UUID_SIZE>;

struct MemoryHeapReport {
    std::uint64_t size_bytes = 0;
    std::uint64_t budget_bytes = 0;  // when queried; size_bytes without VK_EXT_memory_budget
    std::uint64_t used_bytes = 0;    // by this process; 0 without VK_EXT_memory_budget
    VkMemoryHeapFlags flags = 0;
};

struct Limits {
    std::uint32_t max_push_constant_bytes = 0;
    std::uint32_t max_storage_buffers_per_stage = 0;
    std::uint32_t max_uniform_buffers_per_stage = 0;
    std::uint32_t max_texel_buffers_per_stage = 0;
    std::uint32_t max_resources_per_stage = 0;
    std::uint64_t max_storage_buffer_range_bytes = 0;
    std::uint64_t max_uniform_buffer_range_bytes = 0;
    std::uint32_t max_texel_buffer_elements = 0;  // of 16 bytes each in our RGBA32F views
    std::array<std::uint32_t, 3> max_group_count{};
    std::array<std::uint32_t, 3> max_group_size{};
    std::uint32_t max_group_invocations = 0;
    std::uint32_t max_shared_memory_bytes = 0;
    std::uint32_t max_subgroups_per_group = 0;  // 0: unknown
    std::uint64_t storage_buffer_alignment_bytes = 0;
    std::uint64_t uniform_buffer_alignment_bytes = 0;
    std::uint64_t texel_buffer_alignment_bytes = 0;
    std::uint64_t non_coherent_atom_bytes = 0;
    std::uint64_t max_allocation_bytes = 0;  // of one buffer with its memory
    std::uint32_t max_allocation_count = 0;
    float timestamp_period_ns = 0;
    std::uint32_t timestamp_valid_bits = 0;  // 0: the queue has no timestamps
};

struct SubgroupReport {
    std::uint32_t size = 0;
    std::uint32_t min_size = 0;  // equal to size without subgroup size control
    std::uint32_t max_size = 0;
    VkSubgroupFeatureFlags operations = 0;  // in compute shaders
    bool can_be_required = false;           // by a compute pipeline
};

struct DeviceReport {
    std::string name;
    VkPhysicalDeviceType type = VK_PHYSICAL_DEVICE_TYPE_OTHER;
    std::uint32_t vendor_id = 0;
    std::uint32_t device_id = 0;
    std::uint32_t api_version = 0;  // the lower of the driver's and what the instance asked for
    std::uint32_t driver_version = 0;
    VkDriverId driver_id{};
    std::string driver_name;
    std::string driver_info;
    Uuid device_uuid{};
    Uuid driver_uuid{};
    Uuid pipeline_cache_uuid{};

    std::vector<MemoryHeapReport> heaps;
    std::vector<VkMemoryType> memory_types;
    Limits limits;
    SubgroupReport subgroup;
    Features features;                // supported, not enabled
    bool cooperative_matrix = false;  // VK_KHR_cooperative_matrix is listed
    bool portability_subset = false;  // VK_KHR_portability_subset is listed and must be enabled
    bool subgroup_size_extension = false;  // size control needs VK_EXT_subgroup_size_control
    std::uint32_t queue_family = VK_QUEUE_FAMILY_IGNORED;  // with compute

    std::string refused;  // why it cannot be used; empty: it can

    std::uint64_t device_local_bytes() const;  // of all device-local heaps
};

// The reason for DeviceReport::refused: the first requirement that is not met, with the numbers.
std::string reason_to_refuse(const DeviceReport& report);

const char* to_string(VkPhysicalDeviceType type);   // "discrete GPU"
std::string to_string(const DeviceReport& report);  // one line: name, type, driver, memory
std::string api_version_string(std::uint32_t version);

struct DeviceRequest {
    int index = -1;    // in enumeration order; -1: not by index
    std::string name;  // part of the name, case ignored; empty: not by name

    static DeviceRequest from_environment();  // INGOT_DEVICE: a number, or part of a name
};

// The position of the device to use: the one asked for, else discrete before integrated before
// virtual before CPU, the first of equals. Throws kNoDevice with every candidate and its reason.
std::size_t choose_device(std::span<const DeviceReport> reports, const DeviceRequest& request);

}  // namespace ingot::vk
