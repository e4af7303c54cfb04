// SPDX-License-Identifier: MIT
// All pipelines of a device. Equal descriptions give the same Pipeline; layouts of equal shape are
// shared; what the driver compiled is kept on disk from run to run. May be called from several
// threads: two different pipelines compile at the same time.
#pragma once

#include "vk/pipeline.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ingot::vk {

class Device;

class PipelineStore {
public:
    // An empty path: no file. The file is read now and written by save().
    PipelineStore(const Device& device, std::filesystem::path cache_file);
    ~PipelineStore();  // saves
    PipelineStore(const PipelineStore&) = delete;
    PipelineStore& operator=(const PipelineStore&) = delete;

    const Pipeline& get(const PipelineDesc& desc);

    // Writes the cache file if the driver compiled anything new. Never throws: a folder that cannot
    // be written costs time in the next run, nothing else.
    void save() noexcept;

    std::size_t pipeline_count() const;
    std::size_t layout_count() const;
    bool loaded_from_disk() const { return loaded_bytes_ > 0; }
    const std::filesystem::path& cache_file() const { return cache_file_; }

private:
    struct Layout {
        VkDescriptorSetLayout set = VK_NULL_HANDLE;
        VkPipelineLayout pipeline = VK_NULL_HANDLE;
    };
    Layout layout_of(std::span<const Binding> sorted, std::uint32_t push_constant_bytes);
    std::unique_ptr<Pipeline> compile(const PipelineDesc& desc, std::span<const Binding> bindings);
    void check_against_device(const PipelineDesc& desc) const;

    const Device& device_;
    std::filesystem::path cache_file_;
    VkPipelineCache cache_ = VK_NULL_HANDLE;
    std::size_t loaded_bytes_ = 0;
    std::uint64_t saved_checksum_ = 0;
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Pipeline>> pipelines_;  // by the bytes of the description
    std::map<std::string, Layout> layouts_;
};

}  // namespace ingot::vk
