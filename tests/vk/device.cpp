// SPDX-License-Identifier: MIT
#include "support.h"
#include "support/log_capture.h"
#include "vk/commands.h"

#include <doctest/doctest.h>

#include <utility>

namespace ingot::vk::testing {

TEST_CASE("a device is reported, created and gone, silently") {
    DeviceFixture fixture;
    const DeviceReport& report = fixture.device->report();
    CHECK(!report.name.empty());
    CHECK(report.refused.empty());
    CHECK(report.api_version >= VK_API_VERSION_1_2);
    CHECK(report.device_local_bytes() > 0);
    CHECK(!report.memory_types.empty());
    CHECK(report.subgroup.size > 0);
    CHECK(report.subgroup.min_size <= report.subgroup.size);
    CHECK(report.subgroup.size <= report.subgroup.max_size);
    CHECK(report.limits.max_group_size[0] > 0);
    CHECK(fixture.device->heaps_now().size() == report.heaps.size());
    CHECK(contains(to_string(report), report.name));
}

TEST_CASE("only what is wanted is enabled, and timeline semaphores always") {
    {
        DeviceFixture fixture;
        CHECK(to_string(fixture.device->enabled()) == "timeline_semaphore");
    }
    DeviceOptions options = DeviceFixture::without_cache();
    options.wanted = Features::all();
    DeviceFixture fixture(options);
    CHECK(fixture.device->enabled() == fixture.physical.report.features);
}

TEST_CASE("every device of the instance has a report, and the same index chooses it") {
    Instance instance;
    const auto devices = physical_devices(instance);
    REQUIRE(!devices.empty());
    const auto picked = pick_physical_device(instance, {.index = 0});
    CHECK(picked.report.name == devices[0].report.name);
    CHECK(instance.validation_message_count() == 0);
}

TEST_CASE("an instance moves") {
    Instance first;
    const VkInstance handle = first.handle();
    Instance second = std::move(first);
    CHECK(second.handle() == handle);
    CHECK(!physical_devices(second).empty());
}

TEST_CASE("two devices of one instance work side by side") {
    Instance instance;
    const auto physical = pick_physical_device(instance);
    const auto first = Device::create(instance, physical, DeviceFixture::without_cache());
    const auto second = Device::create(instance, physical, DeviceFixture::without_cache());
    check_round_trip(*first, 100);
    check_round_trip(*second, 100);
    CHECK(instance.validation_message_count() == 0);
}

TEST_CASE("a refused device is not created") {
    Instance instance;
    auto physical = pick_physical_device(instance);
    physical.report.refused = "it is too old";
    const auto message =
        message_of(ErrorKind::kNoDevice, [&] { Device::create(instance, physical); });
    CHECK(contains(message, "it is too old"));
}

TEST_CASE("validation speaks through the log and is counted") {
    Instance instance;
    if (!instance.validation()) return;  // the layer is not asked for in this run
    const auto device =
        Device::create(instance, pick_physical_device(instance), DeviceFixture::without_cache());
    const ingot::testing::LogCapture log;
    VkBufferCreateInfo info{};  // of no size and no usage
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    VkBuffer buffer = VK_NULL_HANDLE;
    device->fn().vkCreateBuffer(device->handle(), &info, nullptr, &buffer);
    if (buffer) device->fn().vkDestroyBuffer(device->handle(), buffer, nullptr);
    CHECK(instance.validation_message_count() > 0);
    CHECK(log.contains("VUID-VkBufferCreateInfo"));
}

TEST_CASE("synchronization validation is on: a missing barrier is found") {
    Instance instance;
    if (!instance.validation()) return;
    const auto device =
        Device::create(instance, pick_physical_device(instance), DeviceFixture::without_cache());
    const ingot::testing::LogCapture log;
    const Block block = device->heap().allocate(4096, MemoryUse::kDevice, "block");
    CommandPool pool(*device, "test");
    CommandBuffer commands = pool.allocate("test");
    commands.begin();
    commands.fill(block.buffer(), 0, 4096, 1);
    commands.fill(block.buffer(), 0, 4096, 2);
    commands.end();
    CHECK(instance.validation_message_count() > 0);
    // The wording differs between versions of the layer.
    CHECK((log.contains("SYNC-HAZARD-WRITE") || log.contains("WRITE_AFTER_WRITE")));
}

TEST_CASE("a missing validation layer is an Error, not a run without validation") {
    const ScopedEnvironment environment("VK_LAYER_PATH", "/nowhere");
    const auto message =
        message_of(ErrorKind::kUnsupported, [] { Instance instance({.validation = true}); });
    CHECK(contains(message, "VK_LAYER_KHRONOS_validation is not installed"));
}

}  // namespace ingot::vk::testing
