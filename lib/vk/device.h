// SPDX-License-Identifier: MIT
// A VkDevice with its queue, heap and pipeline store: ours, or an application's that we keep to.
// Every other object of this folder is made from a Device and must go before it, so a Device does
// not move; the Instance must outlive it.
#pragma once

#include "vk/heap.h"
#include "vk/physical_device.h"
#include "vk/pipeline_store.h"
#include "vk/queue.h"

#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

namespace ingot::vk {

struct DeviceOptions {
    Features wanted;                  // enabled where supported; see Device::enabled
    std::filesystem::path cache_dir;  // empty: INGOT_CACHE_DIR, else the user's cache folder
    bool use_pipeline_cache = true;   // false: nothing is read from or written to the disk
};

// An application's own objects. They stay the application's: we destroy none of them, they must
// outlive the Device, and the application must have enabled what `enabled` says.
struct ExternalDevice {
    VkInstance instance = VK_NULL_HANDLE;
    VkPhysicalDevice physical_device = VK_NULL_HANDLE;
    VkDevice device = VK_NULL_HANDLE;
    VkQueue queue = VK_NULL_HANDLE;
    std::uint32_t queue_family = 0;
    std::uint32_t api_version = VK_API_VERSION_1_2;  // its VkApplicationInfo::apiVersion
    Features enabled;                                // timeline_semaphore must be among them
    bool debug_utils = false;                        // VK_EXT_debug_utils is enabled
    QueueLock queue_lock;                            // needed if others submit to this queue
    PFN_vkGetInstanceProcAddr get_instance_proc_addr = nullptr;  // null: that of the loader
};

class Device {
public:
    static std::unique_ptr<Device> create(const Instance& instance, const PhysicalDevice& physical,
                                          const DeviceOptions& options = {});
    static std::unique_ptr<Device> adopt(const ExternalDevice& external,
                                         const DeviceOptions& options = {});
    ~Device();  // waits until the queue is idle if the device is ours
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    VkDevice handle() const { return device_; }
    VkPhysicalDevice physical_device() const { return physical_; }
    const DeviceFunctions& fn() const { return fn_; }
    const InstanceFunctions& instance_fn() const { return instance_fn_; }
    const DeviceReport& report() const { return report_; }
    const Limits& limits() const { return report_.limits; }
    const Features& enabled() const { return enabled_; }
    bool debug_utils() const { return debug_utils_; }

    Queue& queue() { return *queue_; }
    Heap& heap() { return *heap_; }
    PipelineStore& pipelines() { return *pipelines_; }

    std::vector<MemoryHeapReport> heaps_now() const;  // with present budgets

    // Gives an object the name that validation messages and capture tools show.
    template <typename Handle>
    void set_name(VkObjectType type, Handle handle, std::string_view name) const {
        if (!debug_utils_) return;
        std::uint64_t bits = 0;  // handles are pointers or integers, by platform and type
        static_assert(sizeof(handle) <= sizeof(bits));
        std::memcpy(&bits, &handle, sizeof(handle));
        set_name_bits(type, bits, name);
    }

private:
    Device() = default;
    void make_parts(VkQueue queue, std::uint32_t family, QueueLock lock,
                    const DeviceOptions& options);
    void set_name_bits(VkObjectType type, std::uint64_t handle, std::string_view name) const;

    VkDevice device_ = VK_NULL_HANDLE;
    VkPhysicalDevice physical_ = VK_NULL_HANDLE;
    bool owned_ = false;
    bool debug_utils_ = false;
    InstanceFunctions instance_fn_;
    DeviceFunctions fn_;
    DeviceReport report_;
    Features enabled_;
    std::unique_ptr<Queue> queue_;
    std::unique_ptr<Heap> heap_;
    std::unique_ptr<PipelineStore> pipelines_;
};

}  // namespace ingot::vk
