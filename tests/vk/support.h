// SPDX-License-Identifier: MIT
// What the tests of this room share: a device that checks at its end that validation was silent,
// the test shaders as pipeline descriptions, and environment variables and folders that go away.
#pragma once

#include "vk/device.h"

#include <ingot/error.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace ingot::vk::testing {

// An instance and a device on the driver that the environment names; no cache file unless asked.
struct DeviceFixture {
    explicit DeviceFixture(DeviceOptions options = without_cache());
    ~DeviceFixture();

    static DeviceOptions without_cache();

    Instance instance;
    PhysicalDevice physical;
    std::unique_ptr<Device> device;
};

// One value each: y = scale * x + addend over `count` elements, run on the device and compared.
void check_round_trip(Device& device, std::uint32_t count);

PipelineDesc scale_add_desc(std::span<const SpecConstant> constants);
PipelineDesc texel_sum_desc();

class ScopedEnvironment {
public:
    ScopedEnvironment(const char* name, const std::string& value);
    ~ScopedEnvironment();
    ScopedEnvironment(const ScopedEnvironment&) = delete;
    ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

private:
    const char* name_;
    std::optional<std::string> before_;
};

class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// The message of the Error that `action` throws; fails the test if it throws none of this kind.
std::string message_of(ErrorKind kind, const std::function<void()>& action);

bool contains(const std::string& text, const std::string& part);

}  // namespace ingot::vk::testing
