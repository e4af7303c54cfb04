// SPDX-License-Identifier: MIT
#include "vk/timestamps.h"
#include "support.h"
#include "vk/commands.h"
#include "vk/timeline.h"

#include <doctest/doctest.h>

#include <array>

namespace ingot::vk::testing {

TEST_CASE("ticks become nanoseconds, also across a wrap") {
    CHECK(elapsed_ns(100, 350, 64, 1.0f) == 250);
    CHECK(elapsed_ns(100, 350, 64, 10.0f) == 2500);
    CHECK(elapsed_ns((1ull << 36) - 5, 5, 36, 1.0f) == 10);
    CHECK(elapsed_ns(~0ull - 4, 5, 64, 1.0f) == 10);
}

TEST_CASE("timestamps grow and are read without waiting") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    Timestamps timestamps(device, 3, "test");
    CHECK(timestamps.supported() == (device.limits().timestamp_valid_bits > 0));
    Block data = device.heap().allocate(1 << 20, MemoryUse::kDevice, "data");

    CommandPool pool(device, "test");
    CommandBuffer reset = pool.allocate("reset");
    reset.begin();
    reset.reset_timestamps(timestamps, 0, 3);
    reset.end();
    CommandBuffer work = pool.allocate("work");
    work.begin();
    for (std::uint32_t i = 0; i < 3; ++i) {
        work.write_timestamp(timestamps, i);
        work.fill(data.buffer(), 0, data.size_bytes(), i);
        work.barrier();
    }
    work.end();

    Timeline timeline(device, "test");
    std::array<std::uint64_t, 3> time_ns{};
    VkCommandBuffer handle = reset.handle();
    REQUIRE(timeline.wait(device.queue().submit({&handle, 1}, timeline)));
    CHECK(!timestamps.read_ns(0, time_ns));  // reset, not yet written
    handle = work.handle();
    REQUIRE(timeline.wait(device.queue().submit({&handle, 1}, timeline)));
    CHECK(timestamps.read_ns(0, time_ns) == timestamps.supported());
    if (!timestamps.supported()) return;
    CHECK(time_ns[0] == 0);
    CHECK(time_ns[1] <= time_ns[2]);
    CHECK(time_ns[2] < 10'000'000'000);
}

TEST_CASE("a queue without timestamps is reported, not fatal") {
    Instance instance;
    PhysicalDevice physical = pick_physical_device(instance);
    physical.report.limits.timestamp_valid_bits = 0;
    const auto device = Device::create(instance, physical, DeviceFixture::without_cache());
    Timestamps timestamps(*device, 2, "test");
    CHECK(!timestamps.supported());
    CommandPool pool(*device, "test");
    CommandBuffer commands = pool.allocate("test");
    commands.begin();
    commands.reset_timestamps(timestamps, 0, 2);
    commands.write_timestamp(timestamps, 0);
    commands.end();
    std::array<std::uint64_t, 2> ticks{};
    CHECK(!timestamps.read_ticks(0, ticks));
    CHECK(instance.validation_message_count() == 0);
}

}  // namespace ingot::vk::testing
