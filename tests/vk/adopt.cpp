// SPDX-License-Identifier: MIT
// An application's own objects, made as an application makes them: with vkCreateDevice and its own
// choice of features.
#include "support.h"

#include <ingot/ops.h>
#include <ingot/vulkan.h>

#include <doctest/doctest.h>

#include <mutex>

namespace ingot::vk::testing {
namespace {

// An instance, a device and a queue that belong to "the application".
struct Application {
    Application() : physical(pick_physical_device(instance)) {
        VkPhysicalDeviceVulkan12Features features{};
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
        features.timelineSemaphore = VK_TRUE;
        const float priority = 1.0f;
        VkDeviceQueueCreateInfo queue_info{};
        queue_info.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
        queue_info.queueFamilyIndex = physical.report.queue_family;
        queue_info.queueCount = 1;
        queue_info.pQueuePriorities = &priority;
        VkDeviceCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
        info.pNext = &features;
        info.queueCreateInfoCount = 1;
        info.pQueueCreateInfos = &queue_info;
        REQUIRE(instance.fn().vkCreateDevice(physical.handle, &info, nullptr, &device) ==
                VK_SUCCESS);
        fn = load_device_functions(instance.fn().vkGetDeviceProcAddr, device, false);
        fn.vkGetDeviceQueue(device, physical.report.queue_family, 0, &queue);
    }
    ~Application() {
        CHECK(fn.vkDeviceWaitIdle(device) == VK_SUCCESS);
        fn.vkDestroyDevice(device, nullptr);
        CHECK(instance.validation_message_count() == 0);
    }

    ExternalDevice external() const {
        ExternalDevice external;
        external.instance = instance.handle();
        external.physical_device = physical.handle;
        external.device = device;
        external.queue = queue;
        external.queue_family = physical.report.queue_family;
        external.api_version = instance.api_version();
        external.enabled.timeline_semaphore = true;
        external.debug_utils = instance.debug_utils();
        return external;
    }

    Instance instance;
    PhysicalDevice physical;
    VkDevice device = VK_NULL_HANDLE;
    VkQueue queue = VK_NULL_HANDLE;
    DeviceFunctions fn;
};

struct CountingLock {
    std::mutex mutex;
    int locked = 0;
    int unlocked = 0;

    QueueLock hooks() {
        return {[](void* context) {
                    auto& self = *static_cast<CountingLock*>(context);
                    self.mutex.lock();
                    ++self.locked;
                },
                [](void* context) {
                    auto& self = *static_cast<CountingLock*>(context);
                    ++self.unlocked;
                    self.mutex.unlock();
                },
                this};
    }
};

TEST_CASE("a program runs on the application's device through the public header") {
    Application application;
    ExternalVulkan external;
    external.instance = application.instance.handle();
    external.physical_device = application.physical.handle;
    external.device = application.device;
    external.queue = application.queue;
    external.queue_family = application.physical.report.queue_family;
    external.api_version = application.instance.api_version();
    {
        auto device = ingot::adopt(external);
        const auto x = input({3});
        Parameter total(HostTensor::zeros("total", {3}));
        auto program = device.compile(Graph{}.update(total, total + 2.0F * x));
        const std::vector<float> values{1, 2, 3};
        for (int i = 0; i < 5; ++i)
            program.run({{x, values}});
        program.wait();
        CHECK(total.read() == HostTensor::of<float>("total", {3}, std::vector<float>{10, 20, 30}));
    }
    external.queue = nullptr;
    CHECK_THROWS_AS(ingot::adopt(external), Error);
}

}  // namespace

TEST_CASE("an application's device is used and left alive") {
    Application application;
    {
        const auto device = Device::adopt(application.external(), DeviceFixture::without_cache());
        CHECK(device->handle() == application.device);
        CHECK(to_string(device->enabled()) == "timeline_semaphore");
        check_round_trip(*device, 1000);
    }
    // Still the application's, and still good for a second adoption.
    const auto again = Device::adopt(application.external(), DeviceFixture::without_cache());
    check_round_trip(*again, 10);
}

TEST_CASE("a shared queue is locked through the application's hooks") {
    Application application;
    CountingLock lock;
    ExternalDevice external = application.external();
    external.queue_lock = lock.hooks();
    const auto device = Device::adopt(external, DeviceFixture::without_cache());
    check_round_trip(*device, 10);
    CHECK(lock.locked == 1);
    CHECK(lock.unlocked == 1);
    device->queue().wait_idle();
    CHECK(lock.locked == 2);
}

TEST_CASE("what an adopted device lacks is an Error") {
    Application application;
    {
        ExternalDevice external = application.external();
        external.enabled.timeline_semaphore = false;
        CHECK(contains(message_of(ErrorKind::kInvalidArgument, [&] { Device::adopt(external); }),
                       "timelineSemaphore"));
    }
    {
        ExternalDevice external = application.external();
        external.api_version = VK_API_VERSION_1_1;
        CHECK(contains(message_of(ErrorKind::kNoDevice, [&] { Device::adopt(external); }),
                       "1.2 is needed"));
    }
    {
        ExternalDevice external = application.external();
        external.queue_family = 99;
        CHECK(contains(message_of(ErrorKind::kNoDevice, [&] { Device::adopt(external); }),
                       "no queue with compute"));
    }
    {
        ExternalDevice external = application.external();
        external.queue = VK_NULL_HANDLE;
        message_of(ErrorKind::kInvalidArgument, [&] { Device::adopt(external); });
    }
    if (!application.physical.report.features.shader_float16) {
        ExternalDevice external = application.external();
        external.enabled.shader_float16 = true;
        CHECK(contains(message_of(ErrorKind::kInvalidArgument, [&] { Device::adopt(external); }),
                       "shader_float16"));
    }
}

}  // namespace ingot::vk::testing
