// SPDX-License-Identifier: MIT
#include "vk/features.h"

#include <array>

namespace ingot::vk {
namespace {

struct Row {
    const char* name;
    bool Features::*member;
};

constexpr std::array kRows{
    Row{"timeline_semaphore", &Features::timeline_semaphore},
    Row{"storage_buffer_16bit", &Features::storage_buffer_16bit},
    Row{"storage_buffer_8bit", &Features::storage_buffer_8bit},
    Row{"shader_float16", &Features::shader_float16},
    Row{"shader_int8", &Features::shader_int8},
    Row{"shader_int16", &Features::shader_int16},
    Row{"shader_int64", &Features::shader_int64},
    Row{"subgroup_size_control", &Features::subgroup_size_control},
    Row{"compute_full_subgroups", &Features::compute_full_subgroups},
    Row{"vulkan_memory_model", &Features::vulkan_memory_model},
    Row{"buffer_device_address", &Features::buffer_device_address},
    Row{"memory_budget", &Features::memory_budget},
    Row{"pipeline_statistics", &Features::pipeline_statistics},
};
static_assert(sizeof(Features) == kRows.size() * sizeof(bool), "each feature has its row");

}  // namespace

Features Features::all() {
    Features features;
    for (const Row& row : kRows)
        features.*row.member = true;
    return features;
}

Features operator&(const Features& a, const Features& b) {
    Features both;
    for (const Row& row : kRows)
        both.*row.member = a.*row.member && b.*row.member;
    return both;
}

std::string to_string(const Features& features) {
    std::string text;
    for (const Row& row : kRows) {
        if (!(features.*row.member)) continue;
        if (!text.empty()) text += ", ";
        text += row.name;
    }
    return text;
}

}  // namespace ingot::vk
