// SPDX-License-Identifier: MIT
// The optional features this library knows. One struct says three things: what a device supports,
// what a caller wants, and what is enabled (wanted and supported). Timeline semaphores are not in
// it as a choice: without them a device is refused.
#pragma once

#include <string>

namespace ingot::vk {

struct Features {
    bool timeline_semaphore = false;    // required
    bool storage_buffer_16bit = false;  // 16-bit members in storage buffers
    bool storage_buffer_8bit = false;   // 8-bit members in storage buffers
    bool shader_float16 = false;        // arithmetic in float16
    bool shader_int8 = false;
    bool shader_int16 = false;
    bool shader_int64 = false;
    bool subgroup_size_control = false;   // PipelineDesc::required_subgroup_size
    bool compute_full_subgroups = false;  // PipelineDesc::full_subgroups
    bool vulkan_memory_model = false;     // cooperative matrix shaders need it
    bool buffer_device_address = false;
    bool memory_budget = false;  // VK_EXT_memory_budget; heap budgets in the report
    // PipelineDesc::statistics. For looking at what a driver's compiler made, not for work.
    bool pipeline_statistics = false;

    static Features all();
    bool operator==(const Features&) const = default;
};

Features operator&(const Features& a, const Features& b);
std::string to_string(const Features& features);  // "timeline_semaphore, shader_float16"

}  // namespace ingot::vk
