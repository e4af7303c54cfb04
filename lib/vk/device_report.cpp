// SPDX-License-Identifier: MIT
#include "vk/device_report.h"

#include <fmt/format.h>

namespace ingot::vk {
namespace {

// What our kernels count on. All but the storage buffers are Vulkan's own minimum, checked because
// drivers have been seen below it.
constexpr std::uint32_t kMinStorageBuffers = 10;
constexpr std::uint32_t kMinPushConstantBytes = 128;
constexpr std::uint64_t kMinStorageRangeBytes = std::uint64_t{1} << 27;
constexpr std::uint32_t kMinInvocations = 128;
constexpr std::uint32_t kMinSharedMemoryBytes = 16384;
constexpr std::uint64_t kMaxAlignmentBytes = 256;  // the memory plan aligns to this much

}  // namespace

std::uint64_t DeviceReport::device_local_bytes() const {
    std::uint64_t bytes = 0;
    for (const MemoryHeapReport& heap : heaps) {
        if (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) bytes += heap.size_bytes;
    }
    return bytes;
}

std::string reason_to_refuse(const DeviceReport& report) {
    const Limits& limits = report.limits;
    if (report.api_version < VK_API_VERSION_1_2) {
        return fmt::format("Vulkan {} (1.2 is needed)", api_version_string(report.api_version));
    }
    if (report.queue_family == VK_QUEUE_FAMILY_IGNORED) return "no queue with compute";
    if (!report.features.timeline_semaphore) return "no timeline semaphores";

    struct Minimum {
        const char* what;
        std::uint64_t value;
        std::uint64_t needed;
    };
    for (const Minimum& minimum : {
             Minimum{"storage buffers per stage", limits.max_storage_buffers_per_stage,
                     kMinStorageBuffers},
             Minimum{"bytes of push constants", limits.max_push_constant_bytes,
                     kMinPushConstantBytes},
             Minimum{"bytes of storage buffer range", limits.max_storage_buffer_range_bytes,
                     kMinStorageRangeBytes},
             Minimum{"invocations per group", limits.max_group_invocations, kMinInvocations},
             Minimum{"bytes of shared memory", limits.max_shared_memory_bytes,
                     kMinSharedMemoryBytes},
         }) {
        if (minimum.value < minimum.needed) {
            return fmt::format("{} {} ({} are needed)", minimum.value, minimum.what,
                               minimum.needed);
        }
    }
    for (const std::uint64_t alignment :
         {limits.storage_buffer_alignment_bytes, limits.uniform_buffer_alignment_bytes,
          limits.texel_buffer_alignment_bytes}) {
        if (alignment > kMaxAlignmentBytes) {
            return fmt::format("buffer offsets aligned to {} bytes (at most {} are allowed for)",
                               alignment, kMaxAlignmentBytes);
        }
    }
    return {};
}

const char* to_string(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return "integrated GPU";
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return "discrete GPU";
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return "virtual GPU";
        case VK_PHYSICAL_DEVICE_TYPE_CPU: return "CPU";
        default: return "other";
    }
}

std::string api_version_string(std::uint32_t version) {
    return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                       VK_API_VERSION_PATCH(version));
}

std::string to_string(const DeviceReport& report) {
    return fmt::format("{} ({}, {} {}, Vulkan {}, {} MiB)", report.name, to_string(report.type),
                       report.driver_name.empty() ? "driver" : report.driver_name,
                       report.driver_info.empty() ? fmt::format("{:#x}", report.driver_version)
                                                  : report.driver_info,
                       api_version_string(report.api_version), report.device_local_bytes() >> 20);
}

}  // namespace ingot::vk
