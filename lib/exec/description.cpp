// SPDX-License-Identifier: MIT
#include "exec/description.h"

#include "core/check.h"

#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace ingot::exec {
namespace {

DeviceClass class_of(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return DeviceClass::kDiscrete;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return DeviceClass::kIntegrated;
        case VK_PHYSICAL_DEVICE_TYPE_CPU: return DeviceClass::kCpu;
        default: return DeviceClass::kVirtual;
    }
}

// lavapipe gathers texels without a bounds check for each lane; since Mesa 25 its buffer loads are
// as good. The version stands at the front of driver_info: "Mesa 22.3.6 (LLVM 15.0.6)".
bool prefers_texels(const vk::DeviceReport& report) {
    if (report.driver_id != VK_DRIVER_ID_MESA_LLVMPIPE) return false;
    constexpr std::string_view kMesa = "Mesa ";
    if (!report.driver_info.starts_with(kMesa)) return false;
    return std::atoi(report.driver_info.c_str() + kMesa.size()) < 25;
}

// By what a kernel would have to declare in order to use it.
std::vector<std::uint32_t> capabilities_of(const vk::SubgroupReport& subgroup,
                                           const vk::Features& enabled) {
    const std::pair<std::uint32_t, bool> kRows[] = {
        {9, enabled.shader_float16},           // Float16
        {11, enabled.shader_int64},            // Int64
        {22, enabled.shader_int16},            // Int16
        {39, enabled.shader_int8},             // Int8
        {4433, enabled.storage_buffer_16bit},  // StorageBuffer16BitAccess
        {4448, enabled.storage_buffer_8bit},   // StorageBuffer8BitAccess
        {5345, enabled.vulkan_memory_model},   // VulkanMemoryModel
        {5346, enabled.vulkan_memory_model},   // VulkanMemoryModelDeviceScope
    };
    std::vector<std::uint32_t> capabilities = DeviceDescription().capabilities;
    for (const auto& [capability, there] : kRows) {
        if (there) capabilities.push_back(capability);
    }
    // GroupNonUniformVote and what follows it, in the order of Vulkan's bits.
    for (std::uint32_t bit = 1; bit < 8; ++bit) {
        if (subgroup.operations & (1u << bit)) capabilities.push_back(61 + bit);
    }
    return capabilities;
}

}  // namespace

DeviceDescription describe(const vk::DeviceReport& report, const vk::Features& enabled) {
    const vk::Limits& limits = report.limits;
    DeviceDescription d;
    d.name = report.name;
    d.driver = report.driver_name + " " + report.driver_info;
    d.device_class = class_of(report.type);
    d.subgroup_size = report.subgroup.size;
    d.min_subgroup_size = report.subgroup.min_size;
    d.max_subgroup_size = report.subgroup.max_size;
    d.subgroup_size_control = enabled.subgroup_size_control && report.subgroup.can_be_required;
    d.max_invocations = limits.max_group_invocations;
    d.max_group_size = limits.max_group_size;
    d.max_group_count = limits.max_group_count;
    d.shared_memory_bytes = limits.max_shared_memory_bytes;
    d.max_storage_range_bytes = limits.max_storage_buffer_range_bytes;
    d.storage_offset_alignment = limits.storage_buffer_alignment_bytes;
    d.max_storage_buffers = limits.max_storage_buffers_per_stage;
    d.max_texel_elements = limits.max_texel_buffer_elements;
    d.texel_offset_alignment = limits.texel_buffer_alignment_bytes;
    d.prefers_texels = prefers_texels(report);
    d.float16 = enabled.shader_float16;
    d.int8 = enabled.shader_int8;
    d.capabilities = capabilities_of(report.subgroup, enabled);
    return d;
}

DeviceDescription treated_as(DeviceDescription description, const std::string& device_class) {
    constexpr std::pair<std::string_view, DeviceClass> kClasses[] = {
        {"discrete", DeviceClass::kDiscrete},
        {"integrated", DeviceClass::kIntegrated},
        {"virtual", DeviceClass::kVirtual},
        {"cpu", DeviceClass::kCpu}};
    if (device_class.empty()) return description;
    for (const auto& [name, value] : kClasses) {
        if (name != device_class) continue;
        description.device_class = value;
        description.prefers_texels &= value == DeviceClass::kCpu;
        return description;
    }
    fail(ErrorKind::kInvalidArgument,
         "device: '{}' is no class of devices; discrete, integrated, virtual and cpu are",
         device_class);
}

DeviceInfo info_of(const vk::DeviceReport& report) {
    const vk::Limits& limits = report.limits;
    DeviceInfo info;
    info.name = report.name;
    info.type = vk::to_string(report.type);
    info.driver = report.driver_info.empty()
                      ? report.driver_name
                      : fmt::format("{} ({})", report.driver_name, report.driver_info);
    info.api_version = vk::api_version_string(report.api_version);
    info.vendor_id = report.vendor_id;
    info.device_id = report.device_id;
    info.memory_bytes = report.device_local_bytes();
    info.features = vk::to_string(report.features);
    info.stores_16_bits = report.features.storage_buffer_16bit;
    info.refused = report.refused;
    const auto add = [&](const char* name, auto value) {
        info.limits.emplace_back(name, fmt::format("{}", value));
    };
    add("storage buffer range, bytes", limits.max_storage_buffer_range_bytes);
    add("single allocation, bytes", limits.max_allocation_bytes);
    add("storage buffers per stage", limits.max_storage_buffers_per_stage);
    add("texel buffer elements", limits.max_texel_buffer_elements);
    add("group invocations", limits.max_group_invocations);
    add("shared memory, bytes", limits.max_shared_memory_bytes);
    add("push constants, bytes", limits.max_push_constant_bytes);
    add("subgroup size", report.subgroup.size);
    add("timestamp period, ns",
        limits.timestamp_valid_bits == 0 ? 0.0F : limits.timestamp_period_ns);
    return info;
}

}  // namespace ingot::exec
