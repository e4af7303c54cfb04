// SPDX-License-Identifier: MIT
#include "vk/heap.h"

#include "core/check.h"
#include "vk/device.h"
#include "vk/result.h"

#include <algorithm>
#include <utility>

namespace ingot::vk {
namespace {

constexpr std::size_t kHoldersNamed = 5;  // in the message of a refused allocation

std::string mib(std::uint64_t bytes) {
    return fmt::format("{} bytes ({:.1f} MiB)", bytes, static_cast<double>(bytes) / (1 << 20));
}

VkBuffer make_buffer(const Device& device, std::uint64_t size_bytes) {
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = size_bytes;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                 VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
    VkBuffer buffer = VK_NULL_HANDLE;
    check(device.fn().vkCreateBuffer(device.handle(), &info, nullptr, &buffer), "vkCreateBuffer");
    return buffer;
}

}  // namespace

const char* to_string(MemoryUse use) {
    switch (use) {
        case MemoryUse::kDevice: return "device";
        case MemoryUse::kUpload: return "upload";
        case MemoryUse::kReadback: return "readback";
    }
    return "?";
}

int choose_memory_type(std::span<const VkMemoryType> types, std::uint32_t type_bits,
                       MemoryUse use) {
    constexpr VkMemoryPropertyFlags kUnwanted =
        VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT |
        VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD | VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD;
    int best = -1;
    int best_score = -1;
    for (std::size_t i = 0; i < types.size() && i < 32; ++i) {
        const VkMemoryPropertyFlags flags = types[i].propertyFlags;
        if (!(type_bits & (1u << i)) || (flags & kUnwanted)) continue;
        const auto has = [&](VkMemoryPropertyFlags flag) { return (flags & flag) != 0; };
        const bool visible = has(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT);
        const bool coherent = has(VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
        const bool cached = has(VK_MEMORY_PROPERTY_HOST_CACHED_BIT);
        const bool local = has(VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT);
        int score = 0;
        switch (use) {
            case MemoryUse::kDevice:  // the window that the host sees may be a small heap
                score = (local ? 4 : 0) + (visible ? 0 : 1);
                break;
            case MemoryUse::kUpload:
                if (!visible || !coherent) continue;
                score = (cached ? 0 : 2) + (local ? 0 : 1);
                break;
            case MemoryUse::kReadback:  // reading uncached memory is many times slower
                if (!visible) continue;
                score = (cached ? 4 : 0) + (coherent ? 2 : 0) + (local ? 0 : 1);
                break;
        }
        if (score > best_score) {
            best = static_cast<int>(i);
            best_score = score;
        }
    }
    return best;
}

Block::Block(Block&& other) noexcept
    : heap_(std::exchange(other.heap_, nullptr)),
      buffer_(std::exchange(other.buffer_, VK_NULL_HANDLE)),
      memory_(std::exchange(other.memory_, VK_NULL_HANDLE)),
      size_bytes_(std::exchange(other.size_bytes_, 0)),
      mapped_(std::exchange(other.mapped_, nullptr)),
      coherent_(other.coherent_) {}

Block& Block::operator=(Block&& other) noexcept {
    if (this != &other) {
        release();
        heap_ = std::exchange(other.heap_, nullptr);
        buffer_ = std::exchange(other.buffer_, VK_NULL_HANDLE);
        memory_ = std::exchange(other.memory_, VK_NULL_HANDLE);
        size_bytes_ = std::exchange(other.size_bytes_, 0);
        mapped_ = std::exchange(other.mapped_, nullptr);
        coherent_ = other.coherent_;
    }
    return *this;
}

Block::~Block() {
    release();
}

void Block::release() noexcept {
    if (!heap_) return;
    const Device& device = heap_->device_;
    if (buffer_) device.fn().vkDestroyBuffer(device.handle(), buffer_, nullptr);
    if (memory_) {
        heap_->forget(memory_);  // first: once freed, another thread may be given the same handle
        device.fn().vkFreeMemory(device.handle(), memory_, nullptr);  // unmaps it
    }
    heap_ = nullptr;
    buffer_ = VK_NULL_HANDLE;
    memory_ = VK_NULL_HANDLE;
    mapped_ = nullptr;
    size_bytes_ = 0;
}

void Block::flush() const {
    if (coherent_ || !mapped_) return;
    const Device& device = heap_->device_;
    const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory_, 0,
                                    VK_WHOLE_SIZE};
    check(device.fn().vkFlushMappedMemoryRanges(device.handle(), 1, &range),
          "vkFlushMappedMemoryRanges");
}

void Block::invalidate() const {
    if (coherent_ || !mapped_) return;
    const Device& device = heap_->device_;
    const VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE, nullptr, memory_, 0,
                                    VK_WHOLE_SIZE};
    check(device.fn().vkInvalidateMappedMemoryRanges(device.handle(), 1, &range),
          "vkInvalidateMappedMemoryRanges");
}

Block Heap::allocate(std::uint64_t size_bytes, MemoryUse use, std::string_view name) {
    constexpr std::uint64_t kMask = kBlockGranularityBytes - 1;
    const std::uint64_t limit = device_.limits().max_allocation_bytes & ~kMask;
    if (size_bytes == 0) {
        fail(ErrorKind::kInvalidArgument, "memory: the block \"{}\" has no bytes", name);
    }
    if (size_bytes > limit) {
        fail(ErrorKind::kOutOfMemory,
             "memory: the block \"{}\" of {} is larger than this device allocates at once, {}",
             name, mib(size_bytes), mib(limit));
    }
    Block block;
    block.heap_ = this;
    block.size_bytes_ = (size_bytes + kMask) & ~kMask;
    block.buffer_ = make_buffer(device_, block.size_bytes_);
    device_.set_name(VK_OBJECT_TYPE_BUFFER, block.buffer_, name);

    VkMemoryRequirements needs{};
    device_.fn().vkGetBufferMemoryRequirements(device_.handle(), block.buffer_, &needs);
    const auto& types = device_.report().memory_types;
    const int type = choose_memory_type(types, needs.memoryTypeBits, use);
    if (type < 0) {
        fail(ErrorKind::kUnsupported, "memory: this device has no memory type for {} buffers",
             to_string(use));
    }
    const auto type_index = static_cast<std::uint32_t>(type);
    block.coherent_ = types[type_index].propertyFlags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    block.memory_ = allocate_memory(needs.size, type_index, use, name);
    device_.set_name(VK_OBJECT_TYPE_DEVICE_MEMORY, block.memory_, name);
    check(device_.fn().vkBindBufferMemory(device_.handle(), block.buffer_, block.memory_, 0),
          "vkBindBufferMemory");
    if (use != MemoryUse::kDevice) {
        void* mapped = nullptr;
        check(
            device_.fn().vkMapMemory(device_.handle(), block.memory_, 0, VK_WHOLE_SIZE, 0, &mapped),
            "vkMapMemory");
        block.mapped_ = static_cast<std::byte*>(mapped);
    }
    return block;
}

VkDeviceMemory Heap::allocate_memory(std::uint64_t size_bytes, std::uint32_t type, MemoryUse use,
                                     std::string_view name) {
    const std::scoped_lock lock(mutex_);
    VkMemoryAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.allocationSize = size_bytes;
    info.memoryTypeIndex = type;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const bool refuse = fail_in_ > 0 && --fail_in_ == 0;
    const VkResult result =
        refuse ? VK_ERROR_OUT_OF_DEVICE_MEMORY
               : device_.fn().vkAllocateMemory(device_.handle(), &info, nullptr, &memory);
    if (error_kind_of(result) == ErrorKind::kOutOfMemory) {
        const std::string holders = largest_holders();
        fail(ErrorKind::kOutOfMemory,
             "memory: {} bytes for \"{}\" ({}) were refused with {}; {} are held in {} blocks{}{}",
             size_bytes, name, to_string(use), to_string(result), mib(stats_.bytes_now),
             stats_.block_count, holders.empty() ? "" : ", the largest: ", holders);
    }
    check(result, "vkAllocateMemory");
    live_.emplace(memory, LiveBlock{std::string(name), size_bytes, use});
    stats_.bytes_now += size_bytes;
    stats_.bytes_peak = std::max(stats_.bytes_peak, stats_.bytes_now);
    ++stats_.block_count;
    ++stats_.allocation_count;
    return memory;
}

void Heap::forget(VkDeviceMemory memory) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto found = live_.find(memory);
    if (found == live_.end()) return;
    stats_.bytes_now -= found->second.size_bytes;
    --stats_.block_count;
    live_.erase(found);
}

HeapStats Heap::stats() const {
    const std::scoped_lock lock(mutex_);
    return stats_;
}

void Heap::reset_peak() {
    const std::scoped_lock lock(mutex_);
    stats_.bytes_peak = stats_.bytes_now;
}

std::vector<LiveBlock> Heap::sorted_blocks() const {
    std::vector<LiveBlock> blocks;
    blocks.reserve(live_.size());
    for (const auto& [memory, block] : live_)
        blocks.push_back(block);
    std::sort(blocks.begin(), blocks.end(), [](const LiveBlock& a, const LiveBlock& b) {
        return a.size_bytes != b.size_bytes ? a.size_bytes > b.size_bytes : a.name < b.name;
    });
    return blocks;
}

std::string Heap::largest_holders() const {
    const std::vector<LiveBlock> blocks = sorted_blocks();
    std::string text;
    for (std::size_t i = 0; i < blocks.size() && i < kHoldersNamed; ++i) {
        text += fmt::format("{}\"{}\" {}", i ? ", " : "", blocks[i].name, blocks[i].size_bytes);
    }
    return text;
}

std::vector<LiveBlock> Heap::live_blocks() const {
    const std::scoped_lock lock(mutex_);
    return sorted_blocks();
}

void Heap::fail_allocation(std::uint64_t n) {
    const std::scoped_lock lock(mutex_);
    fail_in_ = n;
}

}  // namespace ingot::vk
