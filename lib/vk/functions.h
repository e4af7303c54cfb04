// SPDX-License-Identifier: MIT
// The Vulkan functions we call, as three lists: those found without an instance, with one, and with
// a device. Each list becomes a struct of pointers owned by the object it belongs to. There are no
// global vk* symbols: in a static build those would collide with an application's own volk, or
// shadow the functions of a libvulkan it links.
#pragma once

#ifndef VK_NO_PROTOTYPES
#define VK_NO_PROTOTYPES
#endif
#include <vulkan/vulkan_core.h>

// clang-format off
#define INGOT_VK_LOADER_FUNCTIONS(X)        \
    X(vkCreateInstance)                     \
    X(vkEnumerateInstanceLayerProperties)   \
    X(vkEnumerateInstanceExtensionProperties)

#define INGOT_VK_INSTANCE_FUNCTIONS(X)      \
    X(vkDestroyInstance)                    \
    X(vkEnumeratePhysicalDevices)           \
    X(vkGetPhysicalDeviceProperties)        \
    X(vkGetPhysicalDeviceProperties2)       \
    X(vkGetPhysicalDeviceFeatures2)         \
    X(vkGetPhysicalDeviceMemoryProperties2) \
    X(vkGetPhysicalDeviceQueueFamilyProperties) \
    X(vkEnumerateDeviceExtensionProperties) \
    X(vkCreateDevice)                       \
    X(vkGetDeviceProcAddr)

// Null unless VK_EXT_debug_utils is enabled. The device ones are fetched through the instance.
#define INGOT_VK_DEBUG_FUNCTIONS(X)         \
    X(vkCreateDebugUtilsMessengerEXT)       \
    X(vkDestroyDebugUtilsMessengerEXT)      \
    X(vkSetDebugUtilsObjectNameEXT)         \
    X(vkCmdBeginDebugUtilsLabelEXT)         \
    X(vkCmdEndDebugUtilsLabelEXT)

#define INGOT_VK_DEVICE_FUNCTIONS(X)        \
    X(vkDestroyDevice)                      \
    X(vkDeviceWaitIdle)                     \
    X(vkGetDeviceQueue)                     \
    X(vkQueueSubmit)                        \
    X(vkQueueWaitIdle)                      \
    X(vkCreateBuffer)                       \
    X(vkDestroyBuffer)                      \
    X(vkGetBufferMemoryRequirements)        \
    X(vkAllocateMemory)                     \
    X(vkFreeMemory)                         \
    X(vkBindBufferMemory)                   \
    X(vkMapMemory)                          \
    X(vkUnmapMemory)                        \
    X(vkFlushMappedMemoryRanges)            \
    X(vkInvalidateMappedMemoryRanges)       \
    X(vkCreateBufferView)                   \
    X(vkDestroyBufferView)                  \
    X(vkCreateShaderModule)                 \
    X(vkDestroyShaderModule)                \
    X(vkCreateDescriptorSetLayout)          \
    X(vkDestroyDescriptorSetLayout)         \
    X(vkCreatePipelineLayout)               \
    X(vkDestroyPipelineLayout)              \
    X(vkCreatePipelineCache)                \
    X(vkDestroyPipelineCache)               \
    X(vkGetPipelineCacheData)               \
    X(vkCreateComputePipelines)             \
    X(vkDestroyPipeline)                    \
    X(vkCreateDescriptorPool)               \
    X(vkDestroyDescriptorPool)              \
    X(vkAllocateDescriptorSets)             \
    X(vkUpdateDescriptorSets)               \
    X(vkCreateCommandPool)                  \
    X(vkDestroyCommandPool)                 \
    X(vkResetCommandPool)                   \
    X(vkAllocateCommandBuffers)             \
    X(vkBeginCommandBuffer)                 \
    X(vkEndCommandBuffer)                   \
    X(vkCmdBindPipeline)                    \
    X(vkCmdBindDescriptorSets)              \
    X(vkCmdPushConstants)                   \
    X(vkCmdDispatch)                        \
    X(vkCmdDispatchBase)                    \
    X(vkCmdDispatchIndirect)                \
    X(vkCmdCopyBuffer)                      \
    X(vkCmdFillBuffer)                      \
    X(vkCmdUpdateBuffer)                    \
    X(vkCmdPipelineBarrier)                 \
    X(vkCmdResetQueryPool)                  \
    X(vkCmdWriteTimestamp)                  \
    X(vkCreateQueryPool)                    \
    X(vkDestroyQueryPool)                   \
    X(vkGetQueryPoolResults)                \
    X(vkCreateSemaphore)                    \
    X(vkDestroySemaphore)                   \
    X(vkGetSemaphoreCounterValue)           \
    X(vkWaitSemaphores)

// Null unless Features::pipeline_statistics is enabled.
#define INGOT_VK_STATISTICS_FUNCTIONS(X)    \
    X(vkGetPipelineExecutablePropertiesKHR) \
    X(vkGetPipelineExecutableStatisticsKHR)
// clang-format on

namespace ingot::vk {

#define INGOT_VK_DECLARE(function) PFN_##function function = nullptr;

struct LoaderFunctions {
    PFN_vkGetInstanceProcAddr vkGetInstanceProcAddr = nullptr;
    PFN_vkEnumerateInstanceVersion vkEnumerateInstanceVersion = nullptr;  // null on Vulkan 1.0
    INGOT_VK_LOADER_FUNCTIONS(INGOT_VK_DECLARE)
};

struct InstanceFunctions {
    INGOT_VK_INSTANCE_FUNCTIONS(INGOT_VK_DECLARE)
    INGOT_VK_DEBUG_FUNCTIONS(INGOT_VK_DECLARE)
};

struct DeviceFunctions {
    INGOT_VK_DEVICE_FUNCTIONS(INGOT_VK_DECLARE)
    INGOT_VK_STATISTICS_FUNCTIONS(INGOT_VK_DECLARE)
};

#undef INGOT_VK_DECLARE

// Throws kUnsupported with the name of the first function that the driver does not have.
LoaderFunctions load_loader_functions(PFN_vkGetInstanceProcAddr get);
InstanceFunctions load_instance_functions(PFN_vkGetInstanceProcAddr get, VkInstance instance,
                                          bool debug_utils);
DeviceFunctions load_device_functions(PFN_vkGetDeviceProcAddr get, VkDevice device,
                                      bool pipeline_statistics);

}  // namespace ingot::vk
