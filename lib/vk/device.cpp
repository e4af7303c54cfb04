// SPDX-License-Identifier: MIT
#include "vk/device.h"

#include "core/check.h"
#include "core/log.h"
#include "vk/loader.h"
#include "vk/pipeline_cache_file.h"
#include "vk/result.h"

#include <vector>

namespace ingot::vk {
namespace {

// The feature structs of one vkCreateDevice, chained to each other; hence not movable.
class FeatureChain {
public:
    explicit FeatureChain(const Features& enabled) {
        core10_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
        core10_.pNext = &core11_;
        core10_.features.shaderInt16 = enabled.shader_int16;
        core10_.features.shaderInt64 = enabled.shader_int64;
        core11_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
        core11_.pNext = &core12_;
        core11_.storageBuffer16BitAccess = enabled.storage_buffer_16bit;
        core12_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
        core12_.timelineSemaphore = enabled.timeline_semaphore;
        core12_.storageBuffer8BitAccess = enabled.storage_buffer_8bit;
        core12_.shaderFloat16 = enabled.shader_float16;
        core12_.shaderInt8 = enabled.shader_int8;
        core12_.vulkanMemoryModel = enabled.vulkan_memory_model;
        core12_.vulkanMemoryModelDeviceScope = enabled.vulkan_memory_model;
        core12_.bufferDeviceAddress = enabled.buffer_device_address;
        sizes_.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES;
        sizes_.subgroupSizeControl =
            enabled.subgroup_size_control || enabled.compute_full_subgroups;
        sizes_.computeFullSubgroups = enabled.compute_full_subgroups;
        if (sizes_.subgroupSizeControl) core12_.pNext = &sizes_;
        executables_.sType =
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR;
        executables_.pNext = &core10_;
        executables_.pipelineExecutableInfo = enabled.pipeline_statistics;
    }
    FeatureChain(const FeatureChain&) = delete;
    FeatureChain& operator=(const FeatureChain&) = delete;
    const void* first() const {
        return executables_.pipelineExecutableInfo ? static_cast<const void*>(&executables_)
                                                   : &core10_;
    }
    bool size_control() const { return sizes_.subgroupSizeControl; }

private:
    VkPhysicalDeviceFeatures2 core10_{};
    VkPhysicalDeviceVulkan11Features core11_{};
    VkPhysicalDeviceVulkan12Features core12_{};
    VkPhysicalDeviceSubgroupSizeControlFeatures sizes_{};
    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executables_{};
};

void refuse_if_unusable(const DeviceReport& report) {
    if (report.refused.empty()) return;
    fail(ErrorKind::kNoDevice, "device: {} cannot be used: {}", report.name, report.refused);
}

}  // namespace

std::unique_ptr<Device> Device::create(const Instance& instance, const PhysicalDevice& physical,
                                       const DeviceOptions& options) {
    refuse_if_unusable(physical.report);
    auto device = std::unique_ptr<Device>(new Device);
    device->physical_ = physical.handle;
    device->instance_fn_ = instance.fn();
    device->debug_utils_ = instance.debug_utils();
    device->report_ = physical.report;
    Features wanted = options.wanted;
    wanted.timeline_semaphore = true;
    device->enabled_ = wanted & physical.report.features;

    const FeatureChain features(device->enabled_);
    std::vector<const char*> extensions;
    if (physical.report.portability_subset) extensions.push_back("VK_KHR_portability_subset");
    if (device->enabled_.memory_budget) extensions.push_back(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    if (features.size_control() && physical.report.subgroup_size_extension) {
        extensions.push_back(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME);
    }
    if (device->enabled_.pipeline_statistics) {
        extensions.push_back(VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME);
    }
    const float priority = 1.0f;
    VkDeviceQueueCreateInfo queue_info{};
    queue_info.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue_info.queueFamilyIndex = physical.report.queue_family;
    queue_info.queueCount = 1;
    queue_info.pQueuePriorities = &priority;
    VkDeviceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
    info.pNext = features.first();
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue_info;
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();
    check(instance.fn().vkCreateDevice(physical.handle, &info, nullptr, &device->device_),
          "vkCreateDevice");
    device->owned_ = true;
    device->fn_ = load_device_functions(instance.fn().vkGetDeviceProcAddr, device->device_,
                                        device->enabled_.pipeline_statistics);

    VkQueue queue = VK_NULL_HANDLE;
    device->fn_.vkGetDeviceQueue(device->device_, physical.report.queue_family, 0, &queue);
    device->make_parts(queue, physical.report.queue_family, {}, options);
    return device;
}

std::unique_ptr<Device> Device::adopt(const ExternalDevice& external,
                                      const DeviceOptions& options) {
    if (!external.instance || !external.physical_device || !external.device || !external.queue) {
        fail(ErrorKind::kInvalidArgument,
             "device: adopting needs an instance, a physical device, a device and a queue; one of "
             "them is null");
    }
    if (!external.enabled.timeline_semaphore) {
        fail(ErrorKind::kInvalidArgument,
             "device: adopting needs a device created with timelineSemaphore enabled, and "
             "ExternalDevice::enabled does not say so");
    }
    auto device = std::unique_ptr<Device>(new Device);
    const PFN_vkGetInstanceProcAddr get = external.get_instance_proc_addr
                                              ? external.get_instance_proc_addr
                                              : Loader::open().fn.vkGetInstanceProcAddr;
    device->instance_fn_ = load_instance_functions(get, external.instance, external.debug_utils);
    device->debug_utils_ = external.debug_utils;
    device->physical_ = external.physical_device;
    device->device_ = external.device;
    device->report_ = report_of(device->instance_fn_, external.physical_device,
                                external.api_version, external.queue_family);
    refuse_if_unusable(device->report_);
    device->enabled_ = external.enabled & device->report_.features;
    if (device->enabled_ != external.enabled) {
        fail(ErrorKind::kInvalidArgument,
             "device: ExternalDevice::enabled names features that {} does not have: stated {}; "
             "supported {}",
             device->report_.name, to_string(external.enabled),
             to_string(device->report_.features));
    }
    device->fn_ = load_device_functions(device->instance_fn_.vkGetDeviceProcAddr, external.device,
                                        device->enabled_.pipeline_statistics);
    device->make_parts(external.queue, external.queue_family, external.queue_lock, options);
    return device;
}

void Device::make_parts(VkQueue queue, std::uint32_t family, QueueLock lock,
                        const DeviceOptions& options) {
    if (owned_) {  // an application names its own
        set_name(VK_OBJECT_TYPE_DEVICE, device_, "ingot device");
        set_name(VK_OBJECT_TYPE_QUEUE, queue, "ingot queue");
    }
    queue_ = std::make_unique<Queue>(fn_, queue, family, lock);
    heap_ = std::make_unique<Heap>(*this);
    std::filesystem::path cache_file;
    if (options.use_pipeline_cache) {
        cache_file = cache_file_of(
            options.cache_dir.empty() ? default_cache_dir() : options.cache_dir, report_);
    }
    pipelines_ = std::make_unique<PipelineStore>(*this, std::move(cache_file));
    log(LogLevel::kInfo, "device: {}, with {}", to_string(report_), to_string(enabled_));
}

Device::~Device() {
    if (owned_ && queue_) fn_.vkDeviceWaitIdle(device_);
    pipelines_.reset();
    heap_.reset();
    if (owned_ && fn_.vkDestroyDevice) fn_.vkDestroyDevice(device_, nullptr);
}

std::vector<MemoryHeapReport> Device::heaps_now() const {
    return query_heaps(instance_fn_, physical_, enabled_.memory_budget);
}

void Device::set_name_bits(VkObjectType type, std::uint64_t handle, std::string_view name) const {
    const std::string text(name);
    VkDebugUtilsObjectNameInfoEXT info{};
    info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT;
    info.objectType = type;
    info.objectHandle = handle;
    info.pObjectName = text.c_str();
    instance_fn_.vkSetDebugUtilsObjectNameEXT(device_, &info);
}

}  // namespace ingot::vk
