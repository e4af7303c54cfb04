// SPDX-License-Identifier: MIT
// Physical devices of an instance with their reports. Each is queried once; the pair of handle and
// report is what a Device is made from.
#pragma once

#include "vk/device_report.h"
#include "vk/instance.h"

#include <vector>

namespace ingot::vk {

struct PhysicalDevice {
    VkPhysicalDevice handle = VK_NULL_HANDLE;
    DeviceReport report;
};

// An empty list is not an error here; choosing from it is.
std::vector<PhysicalDevice> physical_devices(const Instance& instance);

// Enumerates, chooses (see choose_device) and returns the chosen one. Without a request:
// INGOT_DEVICE, else the best.
PhysicalDevice pick_physical_device(const Instance& instance, const DeviceRequest& request = {});

// instance_version limits what is asked of the device: VkApplicationInfo::apiVersion. A queue
// family that is given is the one reported on; otherwise the best one with compute.
DeviceReport report_of(const InstanceFunctions& fn, VkPhysicalDevice device,
                       std::uint32_t instance_version,
                       std::uint32_t queue_family = VK_QUEUE_FAMILY_IGNORED);

// Heaps with their present budgets.
std::vector<MemoryHeapReport> query_heaps(const InstanceFunctions& fn, VkPhysicalDevice device,
                                          bool memory_budget);

}  // namespace ingot::vk
