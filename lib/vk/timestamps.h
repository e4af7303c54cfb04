// SPDX-License-Identifier: MIT
// Device timestamps, written by CommandBuffer::write_timestamp and read without waiting. A queue
// without timestamps gives an object that is not supported(): writing records nothing and reading
// finds nothing.
#pragma once

#include "vk/functions.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ingot::vk {

class Device;

class Timestamps {
public:
    Timestamps() = default;
    Timestamps(const Device& device, std::uint32_t count, std::string_view name);
    Timestamps(Timestamps&& other) noexcept;
    Timestamps& operator=(Timestamps&& other) noexcept;
    ~Timestamps();

    bool supported() const { return pool_ != VK_NULL_HANDLE; }
    VkQueryPool handle() const { return pool_; }
    std::uint32_t count() const { return count_; }

    // Fills `ticks` from query `first` on. False, with undefined contents, unless all are
    // available. Each must have been reset by a command buffer before.
    bool read_ticks(std::uint32_t first, std::span<std::uint64_t> ticks) const;

    // The same in nanoseconds since the first of them, so time_ns[0] is 0.
    bool read_ns(std::uint32_t first, std::span<std::uint64_t> time_ns) const;

    std::uint64_t elapsed_ns(std::uint64_t from_ticks, std::uint64_t to_ticks) const;

private:
    void release() noexcept;

    const Device* device_ = nullptr;
    VkQueryPool pool_ = VK_NULL_HANDLE;
    std::uint32_t count_ = 0;
};

// Ticks wrap at the queue's valid bits; the period is in nanoseconds per tick.
std::uint64_t elapsed_ns(std::uint64_t from_ticks, std::uint64_t to_ticks, std::uint32_t valid_bits,
                         float period_ns);

}  // namespace ingot::vk
