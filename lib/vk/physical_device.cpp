// SPDX-License-Identifier: MIT
#include "vk/physical_device.h"

#include "vk/result.h"

#include <algorithm>
#include <cstring>

namespace ingot::vk {
namespace {

class ExtensionList {
public:
    ExtensionList(const InstanceFunctions& fn, VkPhysicalDevice device) {
        std::uint32_t count = 0;
        check(fn.vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr),
              "vkEnumerateDeviceExtensionProperties");
        extensions_.resize(count);
        check(fn.vkEnumerateDeviceExtensionProperties(device, nullptr, &count, extensions_.data()),
              "vkEnumerateDeviceExtensionProperties");
    }

    bool has(const char* name) const {
        return std::any_of(extensions_.begin(), extensions_.end(), [&](const auto& extension) {
            return std::strcmp(extension.extensionName, name) == 0;
        });
    }

private:
    std::vector<VkExtensionProperties> extensions_;
};

template <typename T>
void copy_uuid(Uuid& to, const T& from) {
    static_assert(sizeof(from) == sizeof(to));
    std::memcpy(to.data(), from, sizeof(to));
}

void fill_queue(const InstanceFunctions& fn, VkPhysicalDevice device, std::uint32_t given,
                DeviceReport& report) {
    std::uint32_t count = 0;
    fn.vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    fn.vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
    // A family without graphics leaves the one that draws the screen alone.
    int best_score = -1;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (given != VK_QUEUE_FAMILY_IGNORED && i != given) continue;
        if (!(families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || families[i].queueCount == 0)
            continue;
        const int score = (families[i].timestampValidBits > 0 ? 2 : 0) +
                          (families[i].queueFlags & VK_QUEUE_GRAPHICS_BIT ? 0 : 1);
        if (score <= best_score) continue;
        best_score = score;
        report.queue_family = i;
        report.limits.timestamp_valid_bits = families[i].timestampValidBits;
    }
}

void fill_limits(const VkPhysicalDeviceLimits& from, Limits& to) {
    to.max_push_constant_bytes = from.maxPushConstantsSize;
    to.max_storage_buffers_per_stage =
        std::min(from.maxPerStageDescriptorStorageBuffers, from.maxDescriptorSetStorageBuffers);
    to.max_uniform_buffers_per_stage =
        std::min(from.maxPerStageDescriptorUniformBuffers, from.maxDescriptorSetUniformBuffers);
    to.max_texel_buffers_per_stage =
        std::min(from.maxPerStageDescriptorSampledImages, from.maxDescriptorSetSampledImages);
    to.max_resources_per_stage = from.maxPerStageResources;
    to.max_storage_buffer_range_bytes = from.maxStorageBufferRange;
    to.max_uniform_buffer_range_bytes = from.maxUniformBufferRange;
    to.max_texel_buffer_elements = from.maxTexelBufferElements;
    std::copy_n(from.maxComputeWorkGroupCount, 3, to.max_group_count.begin());
    std::copy_n(from.maxComputeWorkGroupSize, 3, to.max_group_size.begin());
    to.max_group_invocations = from.maxComputeWorkGroupInvocations;
    to.max_shared_memory_bytes = from.maxComputeSharedMemorySize;
    to.storage_buffer_alignment_bytes = from.minStorageBufferOffsetAlignment;
    to.uniform_buffer_alignment_bytes = from.minUniformBufferOffsetAlignment;
    to.texel_buffer_alignment_bytes = from.minTexelBufferOffsetAlignment;
    to.non_coherent_atom_bytes = from.nonCoherentAtomSize;
    to.max_allocation_count = from.maxMemoryAllocationCount;
    to.timestamp_period_ns = from.timestampPeriod;
}

void fill_properties(const InstanceFunctions& fn, VkPhysicalDevice device, bool size_control,
                     DeviceReport& report) {
    const bool has_buffer_limit = report.api_version >= VK_API_VERSION_1_3;
    VkPhysicalDeviceMaintenance4Properties buffers{};
    buffers.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES;
    VkPhysicalDeviceSubgroupSizeControlProperties sizes{};
    sizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES;
    sizes.pNext = has_buffer_limit ? &buffers : nullptr;  // 1.3 brings both
    VkPhysicalDeviceVulkan12Properties core12{};
    core12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES;
    core12.pNext = size_control ? &sizes : nullptr;
    VkPhysicalDeviceVulkan11Properties core11{};
    core11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES;
    core11.pNext = &core12;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    properties.pNext = &core11;
    fn.vkGetPhysicalDeviceProperties2(device, &properties);

    fill_limits(properties.properties.limits, report.limits);
    report.limits.max_allocation_bytes = core11.maxMemoryAllocationSize;
    if (buffers.maxBufferSize > 0) {  // unknown before 1.3
        report.limits.max_allocation_bytes =
            std::min(report.limits.max_allocation_bytes, buffers.maxBufferSize);
    }
    report.driver_id = core12.driverID;
    report.driver_name = core12.driverName;
    report.driver_info = core12.driverInfo;
    copy_uuid(report.device_uuid, core11.deviceUUID);
    copy_uuid(report.driver_uuid, core11.driverUUID);

    SubgroupReport& subgroup = report.subgroup;
    subgroup.size = subgroup.min_size = subgroup.max_size = core11.subgroupSize;
    if (core11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) {
        subgroup.operations = core11.subgroupSupportedOperations;
    }
    if (size_control) {
        subgroup.min_size = sizes.minSubgroupSize;
        subgroup.max_size = sizes.maxSubgroupSize;
        subgroup.can_be_required = sizes.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT;
        report.limits.max_subgroups_per_group = sizes.maxComputeWorkgroupSubgroups;
    }
}

void fill_features(const InstanceFunctions& fn, VkPhysicalDevice device, bool size_control,
                   bool statistics, DeviceReport& report) {
    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executables{};
    executables.sType =
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR;
    VkPhysicalDeviceSubgroupSizeControlFeatures sizes{};
    sizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES;
    VkPhysicalDeviceVulkan12Features core12{};
    core12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
    core12.pNext = size_control ? &sizes : nullptr;
    VkPhysicalDeviceVulkan11Features core11{};
    core11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
    core11.pNext = &core12;
    executables.pNext = &core11;
    VkPhysicalDeviceFeatures2 features{};
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
    features.pNext = statistics ? static_cast<void*>(&executables) : &core11;
    fn.vkGetPhysicalDeviceFeatures2(device, &features);

    Features& to = report.features;
    to.timeline_semaphore = core12.timelineSemaphore;
    to.storage_buffer_16bit = core11.storageBuffer16BitAccess;
    to.storage_buffer_8bit = core12.storageBuffer8BitAccess;
    to.shader_float16 = core12.shaderFloat16;
    to.shader_int8 = core12.shaderInt8;
    to.shader_int16 = features.features.shaderInt16;
    to.shader_int64 = features.features.shaderInt64;
    to.subgroup_size_control = sizes.subgroupSizeControl && report.subgroup.can_be_required;
    to.compute_full_subgroups = sizes.subgroupSizeControl && sizes.computeFullSubgroups;
    to.vulkan_memory_model = core12.vulkanMemoryModel && core12.vulkanMemoryModelDeviceScope;
    to.buffer_device_address = core12.bufferDeviceAddress;
    to.pipeline_statistics = executables.pipelineExecutableInfo;
}

}  // namespace

std::vector<MemoryHeapReport> query_heaps(const InstanceFunctions& fn, VkPhysicalDevice device,
                                          bool memory_budget) {
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{};
    budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT;
    VkPhysicalDeviceMemoryProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    properties.pNext = memory_budget ? &budget : nullptr;
    fn.vkGetPhysicalDeviceMemoryProperties2(device, &properties);

    const VkPhysicalDeviceMemoryProperties& memory = properties.memoryProperties;
    std::vector<MemoryHeapReport> heaps(memory.memoryHeapCount);
    for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i) {
        const VkMemoryHeap& heap = memory.memoryHeaps[i];
        heaps[i].size_bytes = heap.size;
        heaps[i].flags = heap.flags;
        heaps[i].budget_bytes = memory_budget ? budget.heapBudget[i] : heap.size;
        heaps[i].used_bytes = memory_budget ? budget.heapUsage[i] : 0;
    }
    return heaps;
}

DeviceReport report_of(const InstanceFunctions& fn, VkPhysicalDevice device,
                       std::uint32_t instance_version, std::uint32_t queue_family) {
    VkPhysicalDeviceProperties properties{};
    fn.vkGetPhysicalDeviceProperties(device, &properties);
    DeviceReport report;
    report.name = properties.deviceName;
    report.type = properties.deviceType;
    report.vendor_id = properties.vendorID;
    report.device_id = properties.deviceID;
    report.driver_version = properties.driverVersion;
    report.api_version = std::min(properties.apiVersion, instance_version);
    copy_uuid(report.pipeline_cache_uuid, properties.pipelineCacheUUID);
    if (report.api_version < VK_API_VERSION_1_2) {  // the structs below came with 1.2
        report.refused = reason_to_refuse(report);
        return report;
    }

    const ExtensionList extensions(fn, device);
    report.cooperative_matrix = extensions.has("VK_KHR_cooperative_matrix");
    report.portability_subset = extensions.has("VK_KHR_portability_subset");
    report.subgroup_size_extension = report.api_version < VK_API_VERSION_1_3 &&
                                     extensions.has(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
    const bool size_control =
        report.api_version >= VK_API_VERSION_1_3 || report.subgroup_size_extension;
    report.features.memory_budget = extensions.has(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    fill_queue(fn, device, queue_family, report);
    fill_properties(fn, device, size_control, report);
    fill_features(fn, device, size_control,
                  extensions.has(VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME), report);

    report.heaps = query_heaps(fn, device, report.features.memory_budget);
    VkPhysicalDeviceMemoryProperties2 memory{};
    memory.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2;
    fn.vkGetPhysicalDeviceMemoryProperties2(device, &memory);
    const VkMemoryType* types = memory.memoryProperties.memoryTypes;
    report.memory_types.assign(types, types + memory.memoryProperties.memoryTypeCount);
    report.refused = reason_to_refuse(report);
    return report;
}

std::vector<PhysicalDevice> physical_devices(const Instance& instance) {
    const InstanceFunctions& fn = instance.fn();
    std::uint32_t count = 0;
    check(fn.vkEnumeratePhysicalDevices(instance.handle(), &count, nullptr),
          "vkEnumeratePhysicalDevices");
    std::vector<VkPhysicalDevice> handles(count);
    check(fn.vkEnumeratePhysicalDevices(instance.handle(), &count, handles.data()),
          "vkEnumeratePhysicalDevices");
    handles.resize(count);
    std::vector<PhysicalDevice> devices;
    devices.reserve(count);
    for (const VkPhysicalDevice handle : handles) {
        devices.push_back({handle, report_of(fn, handle, instance.api_version())});
    }
    return devices;
}

PhysicalDevice pick_physical_device(const Instance& instance, const DeviceRequest& request) {
    std::vector<PhysicalDevice> devices = physical_devices(instance);
    std::vector<DeviceReport> reports;
    reports.reserve(devices.size());
    for (const PhysicalDevice& device : devices)
        reports.push_back(device.report);
    const bool asked = request.index >= 0 || !request.name.empty();
    return std::move(
        devices[choose_device(reports, asked ? request : DeviceRequest::from_environment())]);
}

}  // namespace ingot::vk
