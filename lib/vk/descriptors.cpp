// SPDX-License-Identifier: MIT
#include "vk/descriptors.h"

#include "core/check.h"
#include "vk/device.h"
#include "vk/result.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ingot::vk {
namespace {

std::uint64_t texel_bytes(const BoundBuffer& bound) {
    return bound.half_texels ? 8 : 16;
}

std::uint64_t max_range_of(BindingType type, const BoundBuffer& bound, const Limits& limits) {
    switch (type) {
        case BindingType::kStorage: return limits.max_storage_buffer_range_bytes;
        case BindingType::kUniformTexel:
            return limits.max_texel_buffer_elements * texel_bytes(bound);
        case BindingType::kUniform: return limits.max_uniform_buffer_range_bytes;
    }
    return 0;
}

const char* what_of(BindingType type) {
    switch (type) {
        case BindingType::kStorage: return "storage buffer";
        case BindingType::kUniformTexel: return "texel buffer";
        case BindingType::kUniform: return "uniform buffer";
    }
    return "?";
}

}  // namespace

void DescriptorCounts::add(const Pipeline& pipeline, std::uint32_t sets_of_it) {
    if (pipeline.bindings().empty()) return;
    sets += sets_of_it;
    for (const Binding& binding : pipeline.bindings()) {
        switch (binding.type) {
            case BindingType::kStorage: storage += sets_of_it; break;
            case BindingType::kUniformTexel: uniform_texel += sets_of_it; break;
            case BindingType::kUniform: uniform += sets_of_it; break;
        }
    }
}

DescriptorPool::DescriptorPool(const Device& device, const DescriptorCounts& counts,
                               std::string_view name)
    : device_(&device) {
    if (counts.sets == 0) return;
    std::array<VkDescriptorPoolSize, 3> sizes{};
    std::uint32_t size_count = 0;
    for (const auto& [type, count] : {std::pair{BindingType::kStorage, counts.storage},
                                      std::pair{BindingType::kUniformTexel, counts.uniform_texel},
                                      std::pair{BindingType::kUniform, counts.uniform}}) {
        if (count) sizes[size_count++] = {descriptor_type_of(type), count};
    }
    VkDescriptorPoolCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
    info.maxSets = counts.sets;
    info.poolSizeCount = size_count;
    info.pPoolSizes = sizes.data();
    views_.reserve(counts.uniform_texel);
    check(device.fn().vkCreateDescriptorPool(device.handle(), &info, nullptr, &pool_),
          "vkCreateDescriptorPool");
    device.set_name(VK_OBJECT_TYPE_DESCRIPTOR_POOL, pool_, name);
}

DescriptorPool::DescriptorPool(DescriptorPool&& other) noexcept
    : device_(other.device_),
      pool_(std::exchange(other.pool_, VK_NULL_HANDLE)),
      views_(std::exchange(other.views_, {})) {}

DescriptorPool& DescriptorPool::operator=(DescriptorPool&& other) noexcept {
    if (this != &other) {
        release();
        device_ = other.device_;
        pool_ = std::exchange(other.pool_, VK_NULL_HANDLE);
        views_ = std::exchange(other.views_, {});
    }
    return *this;
}

DescriptorPool::~DescriptorPool() {
    release();
}

void DescriptorPool::release() noexcept {
    if (!device_) return;
    const DeviceFunctions& fn = device_->fn();
    if (pool_) fn.vkDestroyDescriptorPool(device_->handle(), pool_, nullptr);
    for (const VkBufferView view : views_) {
        fn.vkDestroyBufferView(device_->handle(), view, nullptr);
    }
    pool_ = VK_NULL_HANDLE;
    views_.clear();
}

VkBufferView DescriptorPool::make_texel_view(const Pipeline& pipeline, const BoundBuffer& bound) {
    if (bound.range_bytes % texel_bytes(bound) != 0) {
        fail(ErrorKind::kInternal,
             "pipeline {}: the texel buffer at binding {} has {} bytes, no multiple of {}",
             pipeline.name(), bound.binding, bound.range_bytes, texel_bytes(bound));
    }
    VkBufferViewCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO;
    info.buffer = bound.buffer;
    info.format = bound.half_texels ? VK_FORMAT_R16G16B16A16_SFLOAT : VK_FORMAT_R32G32B32A32_SFLOAT;
    info.offset = bound.offset_bytes;
    info.range = bound.range_bytes;
    views_.reserve(views_.size() + 1);  // so that a view made is a view kept
    VkBufferView view = VK_NULL_HANDLE;
    check(device_->fn().vkCreateBufferView(device_->handle(), &info, nullptr, &view),
          "vkCreateBufferView");
    views_.push_back(view);
    device_->set_name(VK_OBJECT_TYPE_BUFFER_VIEW, view, pipeline.name());
    return view;
}

VkDescriptorSet DescriptorPool::allocate(const Pipeline& pipeline,
                                         std::span<const BoundBuffer> buffers) {
    const std::span<const Binding> bindings = pipeline.bindings();
    INGOT_CHECK(buffers.size() == bindings.size());
    if (bindings.empty()) return VK_NULL_HANDLE;

    const VkDescriptorSetLayout layout = pipeline.set_layout();
    VkDescriptorSetAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
    info.descriptorPool = pool_;
    info.descriptorSetCount = 1;
    info.pSetLayouts = &layout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    check(device_->fn().vkAllocateDescriptorSets(device_->handle(), &info, &set),
          "vkAllocateDescriptorSets");
    device_->set_name(VK_OBJECT_TYPE_DESCRIPTOR_SET, set, pipeline.name());

    std::vector<VkDescriptorBufferInfo> infos(bindings.size());
    std::vector<VkBufferView> views(bindings.size());
    std::vector<VkWriteDescriptorSet> writes(bindings.size());
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        const Binding& binding = bindings[i];
        const auto bound = std::find_if(buffers.begin(), buffers.end(), [&](const BoundBuffer& b) {
            return b.binding == binding.index;
        });
        INGOT_CHECK(bound != buffers.end());
        const std::uint64_t limit = max_range_of(binding.type, *bound, device_->limits());
        if (bound->range_bytes > limit) {
            fail(ErrorKind::kUnsupported,
                 "pipeline {}: the {} at binding {} has {} bytes, this device allows {}",
                 pipeline.name(), what_of(binding.type), binding.index, bound->range_bytes, limit);
        }
        infos[i] = {bound->buffer, bound->offset_bytes, bound->range_bytes};
        writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
        writes[i].dstSet = set;
        writes[i].dstBinding = binding.index;
        writes[i].descriptorCount = 1;
        writes[i].descriptorType = descriptor_type_of(binding.type);
        if (binding.type == BindingType::kUniformTexel) {
            views[i] = make_texel_view(pipeline, *bound);
            writes[i].pTexelBufferView = &views[i];
        } else {
            writes[i].pBufferInfo = &infos[i];
        }
    }
    device_->fn().vkUpdateDescriptorSets(
        device_->handle(), static_cast<std::uint32_t>(writes.size()), writes.data(), 0, nullptr);
    return set;
}

}  // namespace ingot::vk
