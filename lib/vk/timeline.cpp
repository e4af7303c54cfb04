// SPDX-License-Identifier: MIT
#include "vk/timeline.h"

#include "vk/device.h"
#include "vk/result.h"

#include <utility>

namespace ingot::vk {

Timeline::Timeline(const Device& device, std::string_view name) : device_(&device) {
    VkSemaphoreTypeCreateInfo type{};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    info.pNext = &type;
    check(device.fn().vkCreateSemaphore(device.handle(), &info, nullptr, &semaphore_),
          "vkCreateSemaphore");
    device.set_name(VK_OBJECT_TYPE_SEMAPHORE, semaphore_, name);
}

Timeline::Timeline(Timeline&& other) noexcept
    : device_(other.device_),
      semaphore_(std::exchange(other.semaphore_, VK_NULL_HANDLE)),
      submitted_(std::exchange(other.submitted_, 0)) {}

Timeline& Timeline::operator=(Timeline&& other) noexcept {
    if (this != &other) {
        release();
        device_ = other.device_;
        semaphore_ = std::exchange(other.semaphore_, VK_NULL_HANDLE);
        submitted_ = std::exchange(other.submitted_, 0);
    }
    return *this;
}

Timeline::~Timeline() {
    release();
}

void Timeline::release() noexcept {
    if (semaphore_) device_->fn().vkDestroySemaphore(device_->handle(), semaphore_, nullptr);
    semaphore_ = VK_NULL_HANDLE;
}

std::uint64_t Timeline::completed() const {
    std::uint64_t value = 0;
    check(device_->fn().vkGetSemaphoreCounterValue(device_->handle(), semaphore_, &value),
          "vkGetSemaphoreCounterValue");
    // Some drivers say with the largest value there is that the device is lost.
    if (value == UINT64_MAX) fail_result(VK_ERROR_DEVICE_LOST, "vkGetSemaphoreCounterValue");
    return value;
}

bool Timeline::wait(std::uint64_t value, std::uint64_t timeout_ns) const {
    VkSemaphoreWaitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    info.semaphoreCount = 1;
    info.pSemaphores = &semaphore_;
    info.pValues = &value;
    const VkResult result = device_->fn().vkWaitSemaphores(device_->handle(), &info, timeout_ns);
    check(result, "vkWaitSemaphores");
    return result == VK_SUCCESS;
}

}  // namespace ingot::vk
