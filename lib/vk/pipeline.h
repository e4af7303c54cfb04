// SPDX-License-Identifier: MIT
// One compute pipeline: a shader, its specialization constants, and the layout it is bound with.
// All bindings are in set 0; push constants start at offset 0.
#pragma once

#include "vk/functions.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::vk {

enum class BindingType { kStorage, kUniformTexel, kUniform };

VkDescriptorType descriptor_type_of(BindingType type);

struct Binding {
    std::uint32_t index = 0;
    BindingType type = BindingType::kStorage;

    bool operator==(const Binding&) const = default;
};

struct SpecConstant {
    std::uint32_t id = 0;
    std::uint32_t bits = 0;  // of a uint, int, float or bool (0 or 1)

    bool operator==(const SpecConstant&) const = default;
};

struct PipelineDesc {
    std::string_view name;  // of the shader variant, for messages and captures
    std::span<const std::uint32_t> spirv;
    std::span<const Binding> bindings;
    std::uint32_t push_constant_bytes = 0;
    std::span<const SpecConstant> spec_constants;
    std::uint32_t required_subgroup_size = 0;  // 0: the driver's choice
    bool full_subgroups = false;
    bool dispatch_base = false;  // allow CommandBuffer::dispatch_base with a base that is not 0
    bool statistics = false;     // keep what statistics_of() tells
};

// Owned by the PipelineStore that made it, at an address that stays.
class Pipeline {
public:
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    VkPipeline handle() const { return pipeline_; }
    VkPipelineLayout layout() const { return layout_; }
    VkDescriptorSetLayout set_layout() const { return set_layout_; }  // null without bindings
    std::span<const Binding> bindings() const { return bindings_; }   // by ascending index
    std::uint32_t push_constant_bytes() const { return push_constant_bytes_; }
    const std::string& name() const { return name_; }

private:
    friend class PipelineStore;
    Pipeline() = default;

    VkPipeline pipeline_ = VK_NULL_HANDLE;
    VkPipelineLayout layout_ = VK_NULL_HANDLE;
    VkDescriptorSetLayout set_layout_ = VK_NULL_HANDLE;
    std::vector<Binding> bindings_;
    std::uint32_t push_constant_bytes_ = 0;
    std::string name_;
};

}  // namespace ingot::vk
