// SPDX-License-Identifier: MIT
// Recording. A CommandPool owns its command buffers and belongs to one thread at a time; a
// CommandBuffer is a name for one of them and may be copied. They are recorded to be submitted many
// times, also while an earlier submission is still pending.
#pragma once

#include "vk/functions.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ingot::vk {

class Device;
class Pipeline;
class Timestamps;

// A global memory barrier. The defaults order all kernels and copies against all kernels and
// copies. What the host wrote before submitting needs none.
struct Barrier {
    VkPipelineStageFlags from_stages =
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    VkAccessFlags from_access = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    VkPipelineStageFlags to_stages =
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    VkAccessFlags to_access = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT |
                              VK_ACCESS_UNIFORM_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT |
                              VK_ACCESS_TRANSFER_WRITE_BIT;

    static Barrier compute_to_compute();
    static Barrier transfer_to_compute();
    static Barrier compute_to_transfer();
    static Barrier transfer_to_host();  // before the host reads a mapped block
};

struct BufferCopy {
    VkBuffer from = VK_NULL_HANDLE;
    std::uint64_t from_offset_bytes = 0;
    VkBuffer to = VK_NULL_HANDLE;
    std::uint64_t to_offset_bytes = 0;
    std::uint64_t size_bytes = 0;
};

class CommandBuffer {
public:
    CommandBuffer() = default;

    explicit operator bool() const { return commands_ != VK_NULL_HANDLE; }
    VkCommandBuffer handle() const { return commands_; }

    void begin();  // discards what was recorded before
    void end();

    void bind(const Pipeline& pipeline, VkDescriptorSet set);  // a null set: none
    void push_constants(std::span<const std::byte> bytes);     // for the bound pipeline
    void dispatch(std::uint32_t x, std::uint32_t y = 1, std::uint32_t z = 1);
    // Groups (base .. base + count). The pipeline needs PipelineDesc::dispatch_base.
    void dispatch_base(const std::array<std::uint32_t, 3>& base,
                       const std::array<std::uint32_t, 3>& count);

    void copy(const BufferCopy& copy);  // a size of 0 records nothing
    void fill(VkBuffer buffer, std::uint64_t offset_bytes, std::uint64_t size_bytes,
              std::uint32_t word);  // offset and size are multiples of 4
    void barrier(const Barrier& barrier = {});

    void reset_timestamps(const Timestamps& timestamps, std::uint32_t first, std::uint32_t count);
    void write_timestamp(const Timestamps& timestamps, std::uint32_t index,
                         VkPipelineStageFlagBits after = VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT);

    void begin_label(std::string_view name);  // nothing without debug utils
    void end_label();

private:
    friend class CommandPool;
    CommandBuffer(const Device& device, VkCommandBuffer commands)
        : device_(&device), commands_(commands) {}

    const Device* device_ = nullptr;
    VkCommandBuffer commands_ = VK_NULL_HANDLE;
    const Pipeline* bound_ = nullptr;
};

class CommandPool {
public:
    CommandPool() = default;
    CommandPool(Device& device, std::string_view name);
    CommandPool(CommandPool&& other) noexcept;
    CommandPool& operator=(CommandPool&& other) noexcept;
    ~CommandPool();

    CommandBuffer allocate(std::string_view name);
    void reset();  // all of its command buffers; none may be pending

private:
    void release() noexcept;

    Device* device_ = nullptr;
    VkCommandPool pool_ = VK_NULL_HANDLE;
};

}  // namespace ingot::vk
