// SPDX-License-Identifier: MIT
// Living inside an application that has a Vulkan device already: a renderer, say. The application
// keeps its instance, device and queue; ingot makes its own memory, pipelines and command buffers
// on them, uses only what was enabled, and destroys nothing that is not its own.
//
// Vulkan's handles are pointers; they are taken as void* so that this header needs no Vulkan.
#pragma once

#include <ingot/device.h>

namespace ingot {

struct ExternalVulkan {
    void* instance = nullptr;         // VkInstance
    void* physical_device = nullptr;  // VkPhysicalDevice
    void* device = nullptr;           // VkDevice, with timeline semaphores enabled
    void* queue = nullptr;            // VkQueue with compute
    std::uint32_t queue_family = 0;
    std::uint32_t api_version = 0;  // VkApplicationInfo::apiVersion, at least Vulkan 1.2

    // What was enabled at vkCreateDevice beyond timeline semaphores; saying less costs speed only.
    bool subgroup_size_control = false;
    bool compute_full_subgroups = false;
    bool debug_utils = false;  // VK_EXT_debug_utils on the instance

    // Called around each use of the queue; needed if anyone else submits to it.
    void (*lock)(void* context) = nullptr;
    void (*unlock)(void* context) = nullptr;
    void* lock_context = nullptr;

    void* get_instance_proc_addr = nullptr;  // PFN_vkGetInstanceProcAddr; null: the loader's
};

// All handles must outlive the Device, its programs and its parameters. Throws kUnsupported, naming
// it, for what the device lacks.
INGOT_API Device adopt(const ExternalVulkan& external);

}  // namespace ingot
