// SPDX-License-Identifier: MIT
#include "vk/functions.h"

#include "core/check.h"

namespace ingot::vk {
namespace {

[[noreturn]] void fail_missing(const char* function) {
    fail(ErrorKind::kUnsupported, "device: the Vulkan driver has no function {}", function);
}

}  // namespace

LoaderFunctions load_loader_functions(PFN_vkGetInstanceProcAddr get) {
    LoaderFunctions fn;
    fn.vkGetInstanceProcAddr = get;
    fn.vkEnumerateInstanceVersion = reinterpret_cast<PFN_vkEnumerateInstanceVersion>(
        get(VK_NULL_HANDLE, "vkEnumerateInstanceVersion"));
#define INGOT_VK_LOAD(name)                                             \
    fn.name = reinterpret_cast<PFN_##name>(get(VK_NULL_HANDLE, #name)); \
    if (!fn.name) fail_missing(#name);
    INGOT_VK_LOADER_FUNCTIONS(INGOT_VK_LOAD)
#undef INGOT_VK_LOAD
    return fn;
}

InstanceFunctions load_instance_functions(PFN_vkGetInstanceProcAddr get, VkInstance instance,
                                          bool debug_utils) {
    InstanceFunctions fn;
#define INGOT_VK_LOAD(name)                                       \
    fn.name = reinterpret_cast<PFN_##name>(get(instance, #name)); \
    if (!fn.name) fail_missing(#name);
    INGOT_VK_INSTANCE_FUNCTIONS(INGOT_VK_LOAD)
    // Some loaders crash when asked for functions of an extension that is not enabled.
    if (debug_utils) {
        INGOT_VK_DEBUG_FUNCTIONS(INGOT_VK_LOAD)
    }
#undef INGOT_VK_LOAD
    return fn;
}

DeviceFunctions load_device_functions(PFN_vkGetDeviceProcAddr get, VkDevice device,
                                      bool pipeline_statistics) {
    DeviceFunctions fn;
#define INGOT_VK_LOAD(name)                                     \
    fn.name = reinterpret_cast<PFN_##name>(get(device, #name)); \
    if (!fn.name) fail_missing(#name);
    INGOT_VK_DEVICE_FUNCTIONS(INGOT_VK_LOAD)
    if (pipeline_statistics) {
        INGOT_VK_STATISTICS_FUNCTIONS(INGOT_VK_LOAD)
    }
#undef INGOT_VK_LOAD
    return fn;
}

}  // namespace ingot::vk
