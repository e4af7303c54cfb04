// SPDX-License-Identifier: MIT
// From what Vulkan reports about a device to what the operators' lowering, and a user, get to see.
#pragma once

#include "kernels/device_description.h"
#include "vk/device.h"

#include <ingot/device.h>

namespace ingot::exec {

DeviceDescription describe(const vk::DeviceReport& report, const vk::Features& enabled);
DeviceInfo info_of(const vk::DeviceReport& report);

}  // namespace ingot::exec
