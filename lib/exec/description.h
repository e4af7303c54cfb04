// SPDX-License-Identifier: MIT
// From what Vulkan reports about a device to what the operators' lowering, and a user, get to see.
#pragma once

#include "kernels/device_description.h"
#include "vk/device.h"

#include <ingot/device.h>

namespace ingot::exec {

DeviceDescription describe(const vk::DeviceReport& report, const vk::Features& enabled);
// As describe(), but with kernels chosen as for a device of the class so named; empty: no change.
DeviceDescription treated_as(DeviceDescription description, const std::string& device_class);
DeviceInfo info_of(const vk::DeviceReport& report);

}  // namespace ingot::exec
