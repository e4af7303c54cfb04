// SPDX-License-Identifier: MIT
#include "vk/pipeline_statistics.h"

#include "core/check.h"
#include "vk/device.h"
#include "vk/result.h"

namespace ingot::vk {
namespace {

double number(const VkPipelineExecutableStatisticKHR& statistic) {
    switch (statistic.format) {
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR: return statistic.value.b32;
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR:
            return static_cast<double>(statistic.value.i64);
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR:
            return static_cast<double>(statistic.value.u64);
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR: return statistic.value.f64;
        default: return 0;
    }
}

}  // namespace

std::vector<PipelineExecutable> statistics_of(const Device& device, const Pipeline& pipeline) {
    INGOT_CHECK(device.enabled().pipeline_statistics);
    const DeviceFunctions& fn = device.fn();
    VkPipelineInfoKHR which{};
    which.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR;
    which.pipeline = pipeline.handle();
    std::uint32_t count = 0;
    check(fn.vkGetPipelineExecutablePropertiesKHR(device.handle(), &which, &count, nullptr),
          "vkGetPipelineExecutablePropertiesKHR");
    VkPipelineExecutablePropertiesKHR blank{};
    blank.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR;
    std::vector<VkPipelineExecutablePropertiesKHR> properties(count, blank);
    check(
        fn.vkGetPipelineExecutablePropertiesKHR(device.handle(), &which, &count, properties.data()),
        "vkGetPipelineExecutablePropertiesKHR");

    std::vector<PipelineExecutable> executables;
    for (std::uint32_t i = 0; i < count; ++i) {
        PipelineExecutable executable{properties[i].name, properties[i].subgroupSize, {}};
        VkPipelineExecutableInfoKHR part{};
        part.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR;
        part.pipeline = pipeline.handle();
        part.executableIndex = i;
        std::uint32_t rows = 0;
        check(fn.vkGetPipelineExecutableStatisticsKHR(device.handle(), &part, &rows, nullptr),
              "vkGetPipelineExecutableStatisticsKHR");
        VkPipelineExecutableStatisticKHR empty{};
        empty.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
        std::vector<VkPipelineExecutableStatisticKHR> statistics(rows, empty);
        check(fn.vkGetPipelineExecutableStatisticsKHR(device.handle(), &part, &rows,
                                                      statistics.data()),
              "vkGetPipelineExecutableStatisticsKHR");
        for (const VkPipelineExecutableStatisticKHR& statistic : statistics) {
            executable.statistics.push_back({statistic.name, number(statistic)});
        }
        executables.push_back(std::move(executable));
    }
    return executables;
}

}  // namespace ingot::vk
