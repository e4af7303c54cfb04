// SPDX-License-Identifier: MIT
// Choosing among devices, on fabricated reports: no device is opened here.
#include "support.h"

#include <doctest/doctest.h>

namespace ingot::vk::testing {
namespace {

DeviceReport good_report(const char* name, VkPhysicalDeviceType type) {
    DeviceReport report;
    report.name = name;
    report.type = type;
    report.api_version = VK_API_VERSION_1_2;
    report.queue_family = 0;
    report.features.timeline_semaphore = true;
    report.limits.max_storage_buffers_per_stage = 16;
    report.limits.max_push_constant_bytes = 128;
    report.limits.max_storage_buffer_range_bytes = 1u << 27;
    report.limits.max_group_invocations = 128;
    report.limits.max_shared_memory_bytes = 16384;
    report.limits.storage_buffer_alignment_bytes = 256;
    report.limits.uniform_buffer_alignment_bytes = 256;
    report.limits.texel_buffer_alignment_bytes = 256;
    return report;
}

DeviceReport refused_report(const char* name, VkPhysicalDeviceType type) {
    DeviceReport report = good_report(name, type);
    report.features.timeline_semaphore = false;
    report.refused = reason_to_refuse(report);
    return report;
}

constexpr auto kDiscrete = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
constexpr auto kIntegrated = VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
constexpr auto kVirtual = VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU;
constexpr auto kCpu = VK_PHYSICAL_DEVICE_TYPE_CPU;
constexpr auto kOther = VK_PHYSICAL_DEVICE_TYPE_OTHER;

}  // namespace

TEST_CASE("a discrete card comes before an integrated, a virtual one and a processor") {
    std::vector<DeviceReport> reports{
        good_report("other", kOther), good_report("cpu", kCpu), good_report("virtual", kVirtual),
        good_report("integrated", kIntegrated), good_report("discrete", kDiscrete)};
    for (std::size_t best = reports.size(); best-- > 0;) {
        CHECK(choose_device(reports, {}) == best);
        reports.pop_back();
    }
}

TEST_CASE("the first of equals is chosen") {
    const std::vector reports{good_report("cpu", kCpu), good_report("first", kDiscrete),
                              good_report("second", kDiscrete)};
    CHECK(choose_device(reports, {}) == 1);
}

TEST_CASE("a refused device is passed over") {
    const std::vector reports{refused_report("old card", kDiscrete), good_report("cpu", kCpu)};
    CHECK(choose_device(reports, {}) == 1);
}

TEST_CASE("a device is chosen by index or by part of its name, case ignored") {
    const std::vector reports{good_report("AMD Radeon RX 7900", kDiscrete),
                              good_report("Intel UHD 770", kIntegrated),
                              good_report("llvmpipe (LLVM 15.0.6)", kCpu)};
    CHECK(choose_device(reports, {.index = 2}) == 2);
    CHECK(choose_device(reports, {.name = "uhd"}) == 1);
    CHECK(choose_device(reports, {.name = "LLVM"}) == 2);
    CHECK(choose_device(reports, {.name = "e"}) == 0);  // the best of those that match
}

TEST_CASE("no usable device: every candidate is named with its reason") {
    const std::vector reports{refused_report("old card", kDiscrete),
                              refused_report("older card", kIntegrated)};
    const auto message = message_of(ErrorKind::kNoDevice, [&] { choose_device(reports, {}); });
    CHECK(contains(message, "0: old card (discrete GPU), refused: no timeline semaphores"));
    CHECK(contains(message, "1: older card (integrated GPU), refused: no timeline semaphores"));
    const auto none = message_of(ErrorKind::kNoDevice, [] { choose_device({}, {}); });
    CHECK(contains(none, "there is none"));
}

TEST_CASE("a request that nothing meets says what there is") {
    const std::vector reports{good_report("Radeon", kDiscrete), refused_report("UHD", kIntegrated)};
    const auto by_name =
        message_of(ErrorKind::kNoDevice, [&] { choose_device(reports, {.name = "GeForce"}); });
    CHECK(contains(by_name, "\"GeForce\""));
    CHECK(contains(by_name, "0: Radeon (discrete GPU)"));
    const auto by_index =
        message_of(ErrorKind::kNoDevice, [&] { choose_device(reports, {.index = 7}); });
    CHECK(contains(by_index, "index 7"));
    CHECK(contains(by_index, "1: UHD"));
    const auto refused =
        message_of(ErrorKind::kNoDevice, [&] { choose_device(reports, {.name = "uhd"}); });
    CHECK(contains(refused, "1 (UHD) was asked for and cannot be used: no timeline semaphores"));
    message_of(ErrorKind::kNoDevice, [&] { choose_device(reports, {.index = 1}); });
}

TEST_CASE("INGOT_DEVICE is an index or part of a name") {
    {
        const ScopedEnvironment environment("INGOT_DEVICE", "2");
        CHECK(DeviceRequest::from_environment().index == 2);
        CHECK(DeviceRequest::from_environment().name.empty());
    }
    {
        const ScopedEnvironment environment("INGOT_DEVICE", "7900 XTX");
        CHECK(DeviceRequest::from_environment().index == -1);
        CHECK(DeviceRequest::from_environment().name == "7900 XTX");
    }
    {
        const ScopedEnvironment environment("INGOT_DEVICE", "");
        CHECK(DeviceRequest::from_environment().index == -1);
        CHECK(DeviceRequest::from_environment().name.empty());
    }
}

TEST_CASE("each requirement refuses with its numbers") {
    const DeviceReport good = good_report("card", kDiscrete);
    CHECK(reason_to_refuse(good) == "");

    const auto refused = [&](auto change) {
        DeviceReport report = good;
        change(report);
        return reason_to_refuse(report);
    };
    using R = DeviceReport;
    CHECK(refused([](R& r) { r.api_version = VK_API_VERSION_1_1; }) ==
          "Vulkan 1.1.0 (1.2 is needed)");
    CHECK(refused([](R& r) { r.queue_family = VK_QUEUE_FAMILY_IGNORED; }) ==
          "no queue with compute");
    CHECK(refused([](R& r) { r.limits.max_storage_buffers_per_stage = 4; }) ==
          "4 storage buffers per stage (10 are needed)");
    CHECK(refused([](R& r) { r.limits.max_push_constant_bytes = 64; }) ==
          "64 bytes of push constants (128 are needed)");
    CHECK(refused([](R& r) { r.limits.max_storage_buffer_range_bytes = 1u << 20; }) ==
          "1048576 bytes of storage buffer range (134217728 are needed)");
    CHECK(refused([](R& r) { r.limits.max_group_invocations = 64; }) ==
          "64 invocations per group (128 are needed)");
    CHECK(refused([](R& r) { r.limits.max_shared_memory_bytes = 8192; }) ==
          "8192 bytes of shared memory (16384 are needed)");
    CHECK(refused([](R& r) { r.limits.texel_buffer_alignment_bytes = 512; }) ==
          "buffer offsets aligned to 512 bytes (at most 256 are allowed for)");
}

TEST_CASE("features: wanted and supported") {
    Features wanted;
    wanted.shader_float16 = wanted.timeline_semaphore = true;
    Features supported;
    supported.timeline_semaphore = supported.shader_int8 = true;
    CHECK(to_string(wanted & supported) == "timeline_semaphore");
    CHECK((Features::all() & supported) == supported);
    CHECK(to_string(Features{}) == "");
}

}  // namespace ingot::vk::testing
