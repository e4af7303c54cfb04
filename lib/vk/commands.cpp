// SPDX-License-Identifier: MIT
#include "vk/commands.h"

#include "core/check.h"
#include "vk/device.h"
#include "vk/pipeline.h"
#include "vk/result.h"
#include "vk/timestamps.h"

#include <string>
#include <utility>

namespace ingot::vk {
namespace {

constexpr VkAccessFlags kShaderReadWrite = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;

}  // namespace

Barrier Barrier::compute_to_compute() {
    return {VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
            VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, kShaderReadWrite | VK_ACCESS_UNIFORM_READ_BIT};
}

Barrier Barrier::transfer_to_compute() {
    return {VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
            VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, kShaderReadWrite | VK_ACCESS_UNIFORM_READ_BIT};
}

Barrier Barrier::compute_to_transfer() {
    return {VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
            VK_PIPELINE_STAGE_TRANSFER_BIT,
            VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT};
}

Barrier Barrier::transfer_to_host() {
    return {VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
            VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT};
}

void CommandBuffer::begin() {
    bound_ = nullptr;
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    info.flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT;
    check(device_->fn().vkBeginCommandBuffer(commands_, &info), "vkBeginCommandBuffer");
}

void CommandBuffer::end() {
    check(device_->fn().vkEndCommandBuffer(commands_), "vkEndCommandBuffer");
}

void CommandBuffer::bind(const Pipeline& pipeline, VkDescriptorSet set) {
    const DeviceFunctions& fn = device_->fn();
    if (bound_ != &pipeline) {
        fn.vkCmdBindPipeline(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle());
        bound_ = &pipeline;
    }
    if (set) {
        fn.vkCmdBindDescriptorSets(commands_, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout(), 0,
                                   1, &set, 0, nullptr);
    }
}

void CommandBuffer::push_constants(std::span<const std::byte> bytes) {
    INGOT_CHECK(bound_ && bytes.size() <= bound_->push_constant_bytes() && bytes.size() % 4 == 0);
    if (bytes.empty()) return;
    device_->fn().vkCmdPushConstants(commands_, bound_->layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                                     static_cast<std::uint32_t>(bytes.size()), bytes.data());
}

void CommandBuffer::dispatch(std::uint32_t x, std::uint32_t y, std::uint32_t z) {
    INGOT_CHECK(bound_);
    device_->fn().vkCmdDispatch(commands_, x, y, z);
}

void CommandBuffer::dispatch_base(const std::array<std::uint32_t, 3>& base,
                                  const std::array<std::uint32_t, 3>& count) {
    INGOT_CHECK(bound_);
    device_->fn().vkCmdDispatchBase(commands_, base[0], base[1], base[2], count[0], count[1],
                                    count[2]);
}

void CommandBuffer::copy(const BufferCopy& copy) {
    if (copy.size_bytes == 0) return;
    const VkBufferCopy region{copy.from_offset_bytes, copy.to_offset_bytes, copy.size_bytes};
    device_->fn().vkCmdCopyBuffer(commands_, copy.from, copy.to, 1, &region);
}

void CommandBuffer::fill(VkBuffer buffer, std::uint64_t offset_bytes, std::uint64_t size_bytes,
                         std::uint32_t word) {
    INGOT_CHECK(offset_bytes % 4 == 0 && size_bytes % 4 == 0);
    if (size_bytes == 0) return;
    device_->fn().vkCmdFillBuffer(commands_, buffer, offset_bytes, size_bytes, word);
}

void CommandBuffer::barrier(const Barrier& barrier) {
    VkMemoryBarrier memory{};
    memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    memory.srcAccessMask = barrier.from_access;
    memory.dstAccessMask = barrier.to_access;
    device_->fn().vkCmdPipelineBarrier(commands_, barrier.from_stages, barrier.to_stages, 0, 1,
                                       &memory, 0, nullptr, 0, nullptr);
}

void CommandBuffer::reset_timestamps(const Timestamps& timestamps, std::uint32_t first,
                                     std::uint32_t count) {
    if (!timestamps.supported() || count == 0) return;
    INGOT_CHECK(first + count <= timestamps.count());
    device_->fn().vkCmdResetQueryPool(commands_, timestamps.handle(), first, count);
}

void CommandBuffer::write_timestamp(const Timestamps& timestamps, std::uint32_t index,
                                    VkPipelineStageFlagBits after) {
    if (!timestamps.supported()) return;
    INGOT_CHECK(index < timestamps.count());
    device_->fn().vkCmdWriteTimestamp(commands_, after, timestamps.handle(), index);
}

void CommandBuffer::begin_label(std::string_view name) {
    if (!device_->debug_utils()) return;
    const std::string text(name);
    VkDebugUtilsLabelEXT label{};
    label.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT;
    label.pLabelName = text.c_str();
    device_->instance_fn().vkCmdBeginDebugUtilsLabelEXT(commands_, &label);
}

void CommandBuffer::end_label() {
    if (device_->debug_utils()) device_->instance_fn().vkCmdEndDebugUtilsLabelEXT(commands_);
}

CommandPool::CommandPool(Device& device, std::string_view name) : device_(&device) {
    VkCommandPoolCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
    info.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
    info.queueFamilyIndex = device.queue().family();
    check(device.fn().vkCreateCommandPool(device.handle(), &info, nullptr, &pool_),
          "vkCreateCommandPool");
    device.set_name(VK_OBJECT_TYPE_COMMAND_POOL, pool_, name);
}

CommandPool::CommandPool(CommandPool&& other) noexcept
    : device_(other.device_), pool_(std::exchange(other.pool_, VK_NULL_HANDLE)) {}

CommandPool& CommandPool::operator=(CommandPool&& other) noexcept {
    if (this != &other) {
        release();
        device_ = other.device_;
        pool_ = std::exchange(other.pool_, VK_NULL_HANDLE);
    }
    return *this;
}

CommandPool::~CommandPool() {
    release();
}

void CommandPool::release() noexcept {
    if (pool_) device_->fn().vkDestroyCommandPool(device_->handle(), pool_, nullptr);
    pool_ = VK_NULL_HANDLE;
}

CommandBuffer CommandPool::allocate(std::string_view name) {
    VkCommandBufferAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
    info.commandPool = pool_;
    info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    info.commandBufferCount = 1;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    check(device_->fn().vkAllocateCommandBuffers(device_->handle(), &info, &commands),
          "vkAllocateCommandBuffers");
    device_->set_name(VK_OBJECT_TYPE_COMMAND_BUFFER, commands, name);
    return CommandBuffer(*device_, commands);
}

void CommandPool::reset() {
    check(device_->fn().vkResetCommandPool(device_->handle(), pool_, 0), "vkResetCommandPool");
}

}  // namespace ingot::vk
