// SPDX-License-Identifier: MIT
// The one queue we use: compute, which includes transfers. Vulkan wants submissions to a queue
// serialised; a queue that an application shares with us is locked through its own hooks.
// Submitting allocates no host memory.
#pragma once

#include "vk/functions.h"

#include <cstdint>
#include <mutex>
#include <span>

namespace ingot::vk {

class Timeline;

// Called around each use of the queue. Both null: a mutex of ours, enough when nobody else submits.
struct QueueLock {
    void (*lock)(void* context) = nullptr;
    void (*unlock)(void* context) = nullptr;
    void* context = nullptr;
};

class Queue {
public:
    Queue(const DeviceFunctions& fn, VkQueue queue, std::uint32_t family, QueueLock lock);
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    VkQueue handle() const { return queue_; }
    std::uint32_t family() const { return family_; }

    // Submits in order as one batch and returns the value that `timeline` will reach when all of it
    // is done. The timeline advances only if the submission succeeded.
    std::uint64_t submit(std::span<const VkCommandBuffer> commands, Timeline& timeline);

    void wait_idle();

private:
    class Guard;

    const DeviceFunctions& fn_;
    VkQueue queue_;
    std::uint32_t family_;
    QueueLock lock_;
    std::mutex mutex_;
};

}  // namespace ingot::vk
