// SPDX-License-Identifier: MIT
#include <ingot/vulkan.h>

#include "core/check.h"
#include "exec/context.h"

namespace ingot {

Device adopt(const ExternalVulkan& external) {
    if (external.instance == nullptr || external.physical_device == nullptr ||
        external.device == nullptr || external.queue == nullptr) {
        fail(ErrorKind::kInvalidArgument,
             "adopt: instance, physical device, device and queue are all needed");
    }
    vk::ExternalDevice own;
    own.instance = static_cast<VkInstance>(external.instance);
    own.physical_device = static_cast<VkPhysicalDevice>(external.physical_device);
    own.device = static_cast<VkDevice>(external.device);
    own.queue = static_cast<VkQueue>(external.queue);
    own.queue_family = external.queue_family;
    if (external.api_version != 0) own.api_version = external.api_version;
    own.enabled.timeline_semaphore = true;
    own.enabled.subgroup_size_control = external.subgroup_size_control;
    own.enabled.compute_full_subgroups = external.compute_full_subgroups;
    own.debug_utils = external.debug_utils;
    own.queue_lock = {external.lock, external.unlock, external.lock_context};
    own.get_instance_proc_addr =
        reinterpret_cast<PFN_vkGetInstanceProcAddr>(external.get_instance_proc_addr);
    return Device(exec::Context::adopt(own));
}

}  // namespace ingot
