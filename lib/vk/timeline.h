// SPDX-License-Identifier: MIT
// A timeline semaphore that counts submissions. Queue::submit raises it; the host asks how far it
// is, or waits for a value.
#pragma once

#include "vk/functions.h"

#include <cstdint>
#include <string_view>

namespace ingot::vk {

class Device;

inline constexpr std::uint64_t kNoTimeout = UINT64_MAX;

class Timeline {
public:
    Timeline() = default;
    Timeline(const Device& device, std::string_view name);
    Timeline(Timeline&& other) noexcept;
    Timeline& operator=(Timeline&& other) noexcept;
    ~Timeline();

    VkSemaphore semaphore() const { return semaphore_; }
    std::uint64_t submitted() const { return submitted_; }       // value of the last submission
    std::uint64_t next_value() const { return submitted_ + 1; }  // value of the coming one

    std::uint64_t completed() const;
    bool is_complete(std::uint64_t value) const { return value <= completed(); }

    // False if the time ran out first. Throws kDeviceLost if the device is lost.
    bool wait(std::uint64_t value, std::uint64_t timeout_ns = kNoTimeout) const;

private:
    friend class Queue;
    void release() noexcept;

    const Device* device_ = nullptr;
    VkSemaphore semaphore_ = VK_NULL_HANDLE;
    std::uint64_t submitted_ = 0;
};

}  // namespace ingot::vk
