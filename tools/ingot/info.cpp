// SPDX-License-Identifier: MIT
// `ingot info`: every Vulkan device of the machine, the refused ones with their reasons.
#include "commands.h"

#include <ingot/device.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ingot::cli {
namespace {

nlohmann::ordered_json json_of(const DeviceInfo& device, std::size_t number) {
    nlohmann::ordered_json json{
        {"number", number},
        {"name", device.name},
        {"type", device.type},
        {"driver", device.driver},
        {"api_version", device.api_version},
        {"vendor_id", device.vendor_id},
        {"device_id", device.device_id},
        {"memory_bytes", device.memory_bytes},
        {"features", device.features},
        {"stores_16_bits", device.stores_16_bits},
        {"usable", device.refused.empty()},
    };
    if (!device.refused.empty()) json["refused"] = device.refused;
    for (const auto& [name, value] : device.limits)
        json["limits"][name] = value;
    return json;
}

void print(const DeviceInfo& device, std::size_t number) {
    const auto row = [](std::string_view name, std::string_view value) {
        if (!value.empty()) fmt::print("    {:28} {}\n", name, value);
    };
    fmt::print("{}: {}\n", number, device.name);
    row("type", device.type);
    row("driver", device.driver);
    row("Vulkan", device.api_version);
    row("memory",
        fmt::format("{:.1f} GiB", static_cast<double>(device.memory_bytes) / (1ULL << 30)));
    row("features used", device.features);
    for (const auto& [name, value] : device.limits)
        row(name, value);
    row("refused", device.refused);
}

}  // namespace

int info(bool json) {
    const std::vector<DeviceInfo> devices = Device::list();
    if (json) {
        auto list = nlohmann::ordered_json::array();
        for (const DeviceInfo& device : devices)
            list.push_back(json_of(device, list.size()));
        fmt::print("{}\n", list.dump(2));
        return 0;
    }
    for (std::size_t i = 0; i < devices.size(); ++i)
        print(devices[i], i);
    if (devices.empty()) fmt::print("no Vulkan device; install a driver (tools/setup does)\n");
    return 0;
}

}  // namespace ingot::cli
