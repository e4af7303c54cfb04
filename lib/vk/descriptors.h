// SPDX-License-Identifier: MIT
// Descriptor sets that are written once and never changed, from a pool whose size the caller knows
// beforehand. The pool owns the sets and the texel views made for them; all go together.
#pragma once

#include "vk/pipeline.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ingot::vk {

class Device;

struct DescriptorCounts {
    std::uint32_t sets = 0;
    std::uint32_t storage = 0;
    std::uint32_t uniform_texel = 0;
    std::uint32_t uniform = 0;

    void add(const Pipeline& pipeline, std::uint32_t sets_of_it = 1);
};

// Offsets obey the device's alignment for the binding's type. A texel binding is seen as RGBA32F
// or, with half_texels, as RGBA16F, so its range is a multiple of 16 or 8.
struct BoundBuffer {
    std::uint32_t binding = 0;
    VkBuffer buffer = VK_NULL_HANDLE;
    std::uint64_t offset_bytes = 0;
    std::uint64_t range_bytes = 0;
    bool half_texels = false;
};

class DescriptorPool {
public:
    DescriptorPool() = default;
    DescriptorPool(const Device& device, const DescriptorCounts& counts, std::string_view name);
    DescriptorPool(DescriptorPool&& other) noexcept;
    DescriptorPool& operator=(DescriptorPool&& other) noexcept;
    ~DescriptorPool();

    // One buffer for each binding of the pipeline, in any order. Null for a pipeline without any.
    VkDescriptorSet allocate(const Pipeline& pipeline, std::span<const BoundBuffer> buffers);

private:
    VkBufferView make_texel_view(const Pipeline& pipeline, const BoundBuffer& bound);
    void release() noexcept;

    const Device* device_ = nullptr;
    VkDescriptorPool pool_ = VK_NULL_HANDLE;
    std::vector<VkBufferView> views_;
};

}  // namespace ingot::vk
