// SPDX-License-Identifier: MIT
#include "vk/result.h"

#include "core/check.h"

namespace ingot::vk {

const char* to_string(VkResult result) {
    switch (result) {
#define INGOT_VK_RESULT(name) \
    case name: return #name;
        INGOT_VK_RESULT(VK_SUCCESS)
        INGOT_VK_RESULT(VK_NOT_READY)
        INGOT_VK_RESULT(VK_TIMEOUT)
        INGOT_VK_RESULT(VK_INCOMPLETE)
        INGOT_VK_RESULT(VK_ERROR_OUT_OF_HOST_MEMORY)
        INGOT_VK_RESULT(VK_ERROR_OUT_OF_DEVICE_MEMORY)
        INGOT_VK_RESULT(VK_ERROR_INITIALIZATION_FAILED)
        INGOT_VK_RESULT(VK_ERROR_DEVICE_LOST)
        INGOT_VK_RESULT(VK_ERROR_MEMORY_MAP_FAILED)
        INGOT_VK_RESULT(VK_ERROR_LAYER_NOT_PRESENT)
        INGOT_VK_RESULT(VK_ERROR_EXTENSION_NOT_PRESENT)
        INGOT_VK_RESULT(VK_ERROR_FEATURE_NOT_PRESENT)
        INGOT_VK_RESULT(VK_ERROR_INCOMPATIBLE_DRIVER)
        INGOT_VK_RESULT(VK_ERROR_TOO_MANY_OBJECTS)
        INGOT_VK_RESULT(VK_ERROR_FORMAT_NOT_SUPPORTED)
        INGOT_VK_RESULT(VK_ERROR_FRAGMENTED_POOL)
        INGOT_VK_RESULT(VK_ERROR_OUT_OF_POOL_MEMORY)
        INGOT_VK_RESULT(VK_ERROR_FRAGMENTATION)
        INGOT_VK_RESULT(VK_ERROR_INVALID_SHADER_NV)
        INGOT_VK_RESULT(VK_PIPELINE_COMPILE_REQUIRED)
#undef INGOT_VK_RESULT
        default: return "VK_ERROR_UNKNOWN";
    }
}

ErrorKind error_kind_of(VkResult result) {
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
        case VK_ERROR_TOO_MANY_OBJECTS: return ErrorKind::kOutOfMemory;
        case VK_ERROR_DEVICE_LOST: return ErrorKind::kDeviceLost;
        case VK_ERROR_INCOMPATIBLE_DRIVER:
        case VK_ERROR_INITIALIZATION_FAILED: return ErrorKind::kNoDevice;
        case VK_ERROR_LAYER_NOT_PRESENT:
        case VK_ERROR_EXTENSION_NOT_PRESENT:
        case VK_ERROR_FEATURE_NOT_PRESENT:
        case VK_ERROR_FORMAT_NOT_SUPPORTED: return ErrorKind::kUnsupported;
        default: return ErrorKind::kInternal;
    }
}

void fail_result(VkResult result, const char* function) {
    fail(error_kind_of(result), "device: {} failed with {} ({})", function, to_string(result),
         static_cast<int>(result));
}

}  // namespace ingot::vk
