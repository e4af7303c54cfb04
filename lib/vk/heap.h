// SPDX-License-Identifier: MIT
// Large blocks of memory, one VkBuffer on one VkDeviceMemory each. Where things lie inside a block
// is the memory plan's business, not ours. Every byte given to vkAllocateMemory is counted, and a
// refused allocation says what was asked, what is held, and the largest holders.
#pragma once

#include "vk/functions.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::vk {

class Device;
class Heap;

enum class MemoryUse {
    kDevice,    // read and written by kernels; not mapped
    kUpload,    // written by the host in order, read by copies; mapped
    kReadback,  // written by copies, read by the host; mapped, cached where possible
};

const char* to_string(MemoryUse use);

inline constexpr std::uint64_t kBlockGranularityBytes = 4096;  // block sizes are multiples of it

class Block {
public:
    Block() = default;
    Block(Block&& other) noexcept;
    Block& operator=(Block&& other) noexcept;
    ~Block();

    explicit operator bool() const { return buffer_ != VK_NULL_HANDLE; }
    VkBuffer buffer() const { return buffer_; }
    std::uint64_t size_bytes() const { return size_bytes_; }
    std::byte* mapped() const { return mapped_; }  // null for kDevice
    std::span<std::byte> bytes() const {
        return {mapped_, mapped_ ? static_cast<std::size_t>(size_bytes_) : 0};
    }

    // Needed after host writes and before host reads; free where the memory is coherent.
    void flush() const;
    void invalidate() const;

private:
    friend class Heap;
    void release() noexcept;

    Heap* heap_ = nullptr;
    VkBuffer buffer_ = VK_NULL_HANDLE;
    VkDeviceMemory memory_ = VK_NULL_HANDLE;
    std::uint64_t size_bytes_ = 0;
    std::byte* mapped_ = nullptr;
    bool coherent_ = true;
};

struct LiveBlock {
    std::string name;
    std::uint64_t size_bytes = 0;
    MemoryUse use = MemoryUse::kDevice;
};

// The bytes are exactly those given to vkAllocateMemory.
struct HeapStats {
    std::uint64_t bytes_now = 0;
    std::uint64_t bytes_peak = 0;
    std::uint64_t block_count = 0;
    std::uint64_t allocation_count = 0;  // since the device was made
};

class Heap {
public:
    explicit Heap(const Device& device) : device_(device) {}
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // The size is rounded up to kBlockGranularityBytes. The contents are undefined.
    Block allocate(std::uint64_t size_bytes, MemoryUse use, std::string_view name);

    HeapStats stats() const;
    void reset_peak();                           // to what is held now
    std::vector<LiveBlock> live_blocks() const;  // largest first

    // For tests: the n-th allocation from now (1 is the next) is refused as if the device were out
    // of memory. 0 takes it back.
    void fail_allocation(std::uint64_t n);

private:
    friend class Block;
    VkDeviceMemory allocate_memory(std::uint64_t size_bytes, std::uint32_t type, MemoryUse use,
                                   std::string_view name);
    void forget(VkDeviceMemory memory) noexcept;
    std::vector<LiveBlock> sorted_blocks() const;  // these two under the mutex
    std::string largest_holders() const;

    const Device& device_;
    mutable std::mutex mutex_;
    HeapStats stats_;
    std::map<VkDeviceMemory, LiveBlock> live_;
    std::uint64_t fail_in_ = 0;
};

// The index of the memory type to use, or -1: the best fit among those in `type_bits`.
int choose_memory_type(std::span<const VkMemoryType> types, std::uint32_t type_bits, MemoryUse use);

}  // namespace ingot::vk
