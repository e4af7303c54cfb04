// SPDX-License-Identifier: MIT
#include "vk/queue.h"

#include "vk/result.h"
#include "vk/timeline.h"

namespace ingot::vk {

class Queue::Guard {
public:
    explicit Guard(Queue& queue) : queue_(queue) {
        queue_.mutex_.lock();
        if (queue_.lock_.lock) queue_.lock_.lock(queue_.lock_.context);
    }
    ~Guard() {
        if (queue_.lock_.unlock) queue_.lock_.unlock(queue_.lock_.context);
        queue_.mutex_.unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

private:
    Queue& queue_;
};

Queue::Queue(const DeviceFunctions& fn, VkQueue queue, std::uint32_t family, QueueLock lock)
    : fn_(fn), queue_(queue), family_(family), lock_(lock) {}

std::uint64_t Queue::submit(std::span<const VkCommandBuffer> commands, Timeline& timeline) {
    const Guard guard(*this);
    const std::uint64_t value = timeline.next_value();
    VkTimelineSemaphoreSubmitInfo values{};
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.signalSemaphoreValueCount = 1;
    values.pSignalSemaphoreValues = &value;
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &values;
    info.commandBufferCount = static_cast<std::uint32_t>(commands.size());
    info.pCommandBuffers = commands.data();
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &timeline.semaphore_;
    check(fn_.vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit");
    timeline.submitted_ = value;
    return value;
}

void Queue::wait_idle() {
    const Guard guard(*this);
    check(fn_.vkQueueWaitIdle(queue_), "vkQueueWaitIdle");
}

}  // namespace ingot::vk
