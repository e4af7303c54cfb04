// SPDX-License-Identifier: MIT
#include "vk/pipeline_store.h"

#include "core/check.h"
#include "core/log.h"
#include "vk/device.h"
#include "vk/pipeline_cache_file.h"
#include "vk/result.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace ingot::vk {
namespace {

// The bytes of a description, so that equal ones meet in a map and unequal ones never do.
class Key {
public:
    template <typename T>
    Key& add(std::span<const T> values) {
        static_assert(std::has_unique_object_representations_v<T>, "padding would enter the key");
        const auto bytes = std::as_bytes(values);
        const std::uint64_t size = bytes.size();
        bytes_.append(reinterpret_cast<const char*>(&size), sizeof(size));
        bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return *this;
    }
    template <typename T>
    Key& add_value(T value) {
        return add(std::span<const T>(&value, 1));
    }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

std::string key_of(const PipelineDesc& desc, std::span<const Binding> sorted) {
    return Key()
        .add(std::span<const char>(desc.name))
        .add_value(checksum_of(std::as_bytes(desc.spirv)))
        .add(desc.spec_constants)
        .add(sorted)
        .add_value(desc.push_constant_bytes)
        .add_value(desc.required_subgroup_size)
        .add_value(static_cast<std::uint32_t>(desc.full_subgroups))
        .add_value(static_cast<std::uint32_t>(desc.dispatch_base))
        .add_value(static_cast<std::uint32_t>(desc.statistics))
        .take();
}

std::vector<Binding> sorted_bindings(const PipelineDesc& desc) {
    std::vector<Binding> sorted(desc.bindings.begin(), desc.bindings.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const Binding& a, const Binding& b) { return a.index < b.index; });
    return sorted;
}

class ShaderModule {
public:
    ShaderModule(const Device& device, const PipelineDesc& desc) : device_(device) {
        VkShaderModuleCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
        info.codeSize = desc.spirv.size_bytes();
        info.pCode = desc.spirv.data();
        check(device.fn().vkCreateShaderModule(device.handle(), &info, nullptr, &module_),
              "vkCreateShaderModule");
        device.set_name(VK_OBJECT_TYPE_SHADER_MODULE, module_, desc.name);
    }
    ~ShaderModule() { device_.fn().vkDestroyShaderModule(device_.handle(), module_, nullptr); }
    ShaderModule(const ShaderModule&) = delete;
    ShaderModule& operator=(const ShaderModule&) = delete;
    VkShaderModule handle() const { return module_; }

private:
    const Device& device_;
    VkShaderModule module_ = VK_NULL_HANDLE;
};

}  // namespace

VkDescriptorType descriptor_type_of(BindingType type) {
    switch (type) {
        case BindingType::kStorage: return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        case BindingType::kUniformTexel: return VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
        case BindingType::kUniform: return VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
    }
    return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
}

PipelineStore::PipelineStore(const Device& device, std::filesystem::path cache_file)
    : device_(device), cache_file_(std::move(cache_file)) {
    std::vector<std::byte> data;
    if (!cache_file_.empty()) data = read_cache_file(cache_file_, cache_key_of(device.report()));
    VkPipelineCacheCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
    info.initialDataSize = data.size();
    info.pInitialData = data.data();
    check(device.fn().vkCreatePipelineCache(device.handle(), &info, nullptr, &cache_),
          "vkCreatePipelineCache");
    loaded_bytes_ = data.size();
    saved_checksum_ = checksum_of(data);
}

PipelineStore::~PipelineStore() {
    save();
    const DeviceFunctions& fn = device_.fn();
    const VkDevice device = device_.handle();
    for (const auto& [key, pipeline] : pipelines_) {
        fn.vkDestroyPipeline(device, pipeline->pipeline_, nullptr);
    }
    for (const auto& [key, layout] : layouts_) {
        if (layout.pipeline) fn.vkDestroyPipelineLayout(device, layout.pipeline, nullptr);
        if (layout.set) fn.vkDestroyDescriptorSetLayout(device, layout.set, nullptr);
    }
    fn.vkDestroyPipelineCache(device, cache_, nullptr);
}

void PipelineStore::save() noexcept {
    try {
        const std::scoped_lock lock(mutex_);
        if (cache_file_.empty() || pipelines_.empty()) return;
        std::size_t size_bytes = 0;
        check(device_.fn().vkGetPipelineCacheData(device_.handle(), cache_, &size_bytes, nullptr),
              "vkGetPipelineCacheData");
        std::vector<std::byte> data(size_bytes);
        check(
            device_.fn().vkGetPipelineCacheData(device_.handle(), cache_, &size_bytes, data.data()),
            "vkGetPipelineCacheData");
        data.resize(size_bytes);
        const std::uint64_t checksum = checksum_of(data);
        if (data.empty() || checksum == saved_checksum_) return;
        write_cache_file(cache_file_, cache_key_of(device_.report()), data);
        saved_checksum_ = checksum;
    } catch (const std::exception& error) {
        try {
            log(LogLevel::kDebug, "pipeline cache: not saved: {}", error.what());
        } catch (...) {
        }
    }
}

const Pipeline& PipelineStore::get(const PipelineDesc& desc) {
    const std::vector<Binding> bindings = sorted_bindings(desc);
    std::string key = key_of(desc, bindings);
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = pipelines_.find(key); found != pipelines_.end()) {
            return *found->second;
        }
    }
    std::unique_ptr<Pipeline> pipeline = compile(desc, bindings);
    const std::scoped_lock lock(mutex_);
    const auto [place, inserted] = pipelines_.try_emplace(std::move(key), std::move(pipeline));
    if (!inserted) {  // another thread compiled the same meanwhile
        device_.fn().vkDestroyPipeline(device_.handle(), pipeline->pipeline_, nullptr);
    }
    return *place->second;
}

PipelineStore::Layout PipelineStore::layout_of(std::span<const Binding> sorted,
                                               std::uint32_t push_constant_bytes) {
    std::string key = Key().add(sorted).add_value(push_constant_bytes).take();
    const std::scoped_lock lock(mutex_);
    // What an exception leaves half made stays in the map, and so is destroyed with it.
    Layout& layout = layouts_[std::move(key)];
    if (layout.pipeline) return layout;

    if (!sorted.empty() && !layout.set) {
        std::vector<VkDescriptorSetLayoutBinding> bindings;
        for (const Binding& binding : sorted) {
            bindings.push_back({binding.index, descriptor_type_of(binding.type), 1,
                                VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
        }
        VkDescriptorSetLayoutCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
        info.bindingCount = static_cast<std::uint32_t>(bindings.size());
        info.pBindings = bindings.data();
        check(
            device_.fn().vkCreateDescriptorSetLayout(device_.handle(), &info, nullptr, &layout.set),
            "vkCreateDescriptorSetLayout");
    }
    const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, push_constant_bytes};
    VkPipelineLayoutCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
    info.setLayoutCount = layout.set ? 1 : 0;
    info.pSetLayouts = &layout.set;
    info.pushConstantRangeCount = push_constant_bytes ? 1 : 0;
    info.pPushConstantRanges = &range;
    check(device_.fn().vkCreatePipelineLayout(device_.handle(), &info, nullptr, &layout.pipeline),
          "vkCreatePipelineLayout");
    return layout;
}

void PipelineStore::check_against_device(const PipelineDesc& desc) const {
    const Limits& limits = device_.limits();
    const auto of_type = [&](BindingType type) {
        return std::count_if(desc.bindings.begin(), desc.bindings.end(),
                             [&](const Binding& binding) { return binding.type == type; });
    };
    const auto at_most = [&](const char* what, std::uint64_t value, std::uint64_t limit) {
        if (value <= limit) return;
        fail(ErrorKind::kUnsupported, "pipeline {}: {} {}, this device allows {}", desc.name, value,
             what, limit);
    };
    at_most("storage buffers", of_type(BindingType::kStorage),
            limits.max_storage_buffers_per_stage);
    at_most("uniform buffers", of_type(BindingType::kUniform),
            limits.max_uniform_buffers_per_stage);
    at_most("texel buffers", of_type(BindingType::kUniformTexel),
            limits.max_texel_buffers_per_stage);
    at_most("bindings", desc.bindings.size(), limits.max_resources_per_stage);
    at_most("bytes of push constants", desc.push_constant_bytes, limits.max_push_constant_bytes);

    const SubgroupReport& subgroup = device_.report().subgroup;
    if (desc.required_subgroup_size != 0) {
        if (!device_.enabled().subgroup_size_control) {
            fail(ErrorKind::kUnsupported,
                 "pipeline {}: a subgroup size of {} was asked for, and subgroup_size_control is "
                 "not enabled",
                 desc.name, desc.required_subgroup_size);
        }
        if (desc.required_subgroup_size < subgroup.min_size ||
            desc.required_subgroup_size > subgroup.max_size) {
            fail(ErrorKind::kUnsupported,
                 "pipeline {}: a subgroup size of {} was asked for, this device has {} to {}",
                 desc.name, desc.required_subgroup_size, subgroup.min_size, subgroup.max_size);
        }
    }
    if (desc.statistics && !device_.enabled().pipeline_statistics) {
        fail(ErrorKind::kUnsupported,
             "pipeline {}: statistics were asked for, and pipeline_statistics is not enabled",
             desc.name);
    }
    if (desc.full_subgroups && !device_.enabled().compute_full_subgroups) {
        fail(
            ErrorKind::kUnsupported,
            "pipeline {}: full subgroups were asked for, and compute_full_subgroups is not enabled",
            desc.name);
    }
}

std::unique_ptr<Pipeline> PipelineStore::compile(const PipelineDesc& desc,
                                                 std::span<const Binding> bindings) {
    INGOT_CHECK(!desc.spirv.empty());
    check_against_device(desc);
    const Layout layout = layout_of(bindings, desc.push_constant_bytes);
    const ShaderModule module(device_, desc);

    std::vector<VkSpecializationMapEntry> entries;
    for (std::size_t i = 0; i < desc.spec_constants.size(); ++i) {
        const auto offset =
            static_cast<std::uint32_t>(i * sizeof(SpecConstant) + offsetof(SpecConstant, bits));
        entries.push_back({desc.spec_constants[i].id, offset, sizeof(std::uint32_t)});
    }
    const VkSpecializationInfo specialization{static_cast<std::uint32_t>(entries.size()),
                                              entries.data(), desc.spec_constants.size_bytes(),
                                              desc.spec_constants.data()};
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup_size{};
    subgroup_size.sType =
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO;
    subgroup_size.requiredSubgroupSize = desc.required_subgroup_size;

    VkComputePipelineCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
    if (desc.dispatch_base) info.flags |= VK_PIPELINE_CREATE_DISPATCH_BASE_BIT;
    if (desc.statistics) info.flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR;
    info.layout = layout.pipeline;
    info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    info.stage.pNext = desc.required_subgroup_size ? &subgroup_size : nullptr;
    info.stage.flags =
        desc.full_subgroups ? VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT : 0;
    info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    info.stage.module = module.handle();
    info.stage.pName = "main";
    info.stage.pSpecializationInfo = entries.empty() ? nullptr : &specialization;

    auto pipeline = std::unique_ptr<Pipeline>(new Pipeline);
    pipeline->layout_ = layout.pipeline;
    pipeline->set_layout_ = layout.set;
    pipeline->bindings_.assign(bindings.begin(), bindings.end());
    pipeline->push_constant_bytes_ = desc.push_constant_bytes;
    pipeline->name_ = desc.name;
    const VkResult result = device_.fn().vkCreateComputePipelines(
        device_.handle(), cache_, 1, &info, nullptr, &pipeline->pipeline_);
    if (result < 0) {
        fail(error_kind_of(result), "pipeline {}: vkCreateComputePipelines failed with {} ({})",
             desc.name, to_string(result), static_cast<int>(result));
    }
    device_.set_name(VK_OBJECT_TYPE_PIPELINE, pipeline->pipeline_, desc.name);
    return pipeline;
}

std::size_t PipelineStore::pipeline_count() const {
    const std::scoped_lock lock(mutex_);
    return pipelines_.size();
}

std::size_t PipelineStore::layout_count() const {
    const std::scoped_lock lock(mutex_);
    return layouts_.size();
}

}  // namespace ingot::vk
