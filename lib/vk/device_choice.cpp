// SPDX-License-Identifier: MIT
// Which device: apart from how a device is described, so that the order of preference and the
// wording of refusals stand on one page.
#include "vk/device_report.h"

#include "core/check.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

namespace ingot::vk {
namespace {

int rank_of(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: return 0;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: return 1;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: return 2;
        case VK_PHYSICAL_DEVICE_TYPE_CPU: return 3;
        default: return 4;
    }
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::string list(std::span<const DeviceReport> reports) {
    if (reports.empty()) return "there is none";
    std::string text;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        text += fmt::format("{}{}: {} ({}){}{}", i ? "; " : "", i, reports[i].name,
                            to_string(reports[i].type),
                            reports[i].refused.empty() ? "" : ", refused: ", reports[i].refused);
    }
    return text;
}

std::size_t usable_or_fail(std::span<const DeviceReport> reports, std::size_t index) {
    const DeviceReport& report = reports[index];
    if (!report.refused.empty()) {
        fail(ErrorKind::kNoDevice, "device: {} ({}) was asked for and cannot be used: {}", index,
             report.name, report.refused);
    }
    return index;
}

}  // namespace

DeviceRequest DeviceRequest::from_environment() {
    DeviceRequest request;
    const char* value = std::getenv("INGOT_DEVICE");
    if (!value || !*value) return request;
    const std::string_view text = value;
    int index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error == std::errc() && end == text.data() + text.size() && index >= 0) {
        request.index = index;
    } else {
        request.name = text;
    }
    return request;
}

std::size_t choose_device(std::span<const DeviceReport> reports, const DeviceRequest& request) {
    if (request.index >= 0) {
        const auto index = static_cast<std::size_t>(request.index);
        if (index >= reports.size()) {
            fail(ErrorKind::kNoDevice, "device: no Vulkan device has the index {}: {}", index,
                 list(reports));
        }
        return usable_or_fail(reports, index);
    }

    const std::string wanted = lower(request.name);
    std::size_t best = reports.size();
    std::size_t refused_match = reports.size();
    for (std::size_t i = 0; i < reports.size(); ++i) {
        if (lower(reports[i].name).find(wanted) == std::string::npos) continue;
        if (!reports[i].refused.empty()) {
            refused_match = i;
        } else if (best == reports.size() ||
                   rank_of(reports[i].type) < rank_of(reports[best].type)) {
            best = i;
        }
    }
    if (best < reports.size()) return best;
    if (request.name.empty()) {
        fail(ErrorKind::kNoDevice, "device: no usable Vulkan device: {}", list(reports));
    }
    if (refused_match < reports.size()) return usable_or_fail(reports, refused_match);
    fail(ErrorKind::kNoDevice, "device: no Vulkan device has \"{}\" in its name: {}", request.name,
         list(reports));
}

}  // namespace ingot::vk
