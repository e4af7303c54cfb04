// SPDX-License-Identifier: MIT
// A machine without Vulkan is made by pointing the loader at a library that is not there.
#include "vk/loader.h"
#include "support.h"
#include "vk/result.h"

#include <doctest/doctest.h>

#include <fstream>

namespace ingot::vk::testing {

TEST_CASE("a missing loader is an Error that says what was looked for and what to install") {
    const auto message = message_of(ErrorKind::kNoDevice, [] {
        Instance instance({.loader_path = "libvulkan-is-not-here.so.1"});
    });
    CHECK(contains(message, "no Vulkan loader"));
    CHECK(contains(message, "looked for libvulkan-is-not-here.so.1"));
    CHECK(contains(message, "install"));
}

TEST_CASE("INGOT_VULKAN_LIBRARY names the loader") {
    const ScopedEnvironment environment("INGOT_VULKAN_LIBRARY", "/nowhere/libvulkan.so");
    const auto message = message_of(ErrorKind::kNoDevice, [] { Loader::open(); });
    CHECK(contains(message, "/nowhere/libvulkan.so"));
}

TEST_CASE("a file that is no library is a missing loader") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "libvulkan.so";
    std::ofstream(path) << "not a library";
    message_of(ErrorKind::kNoDevice, [&] { Loader::open(path.string()); });
}

TEST_CASE("opening the loader twice gives the same functions") {
    const Loader first = Loader::open();
    const Loader second = Loader::open();
    const bool same = first.fn.vkGetInstanceProcAddr == second.fn.vkGetInstanceProcAddr;
    CHECK(same);
    CHECK(first.api_version >= VK_API_VERSION_1_1);
}

TEST_CASE("results have their names and kinds") {
    CHECK(message_of(ErrorKind::kDeviceLost, [] {
              check(VK_ERROR_DEVICE_LOST, "vkQueueSubmit");
          }) == "device: vkQueueSubmit failed with VK_ERROR_DEVICE_LOST (-4)");
    message_of(ErrorKind::kOutOfMemory,
               [] { check(VK_ERROR_OUT_OF_DEVICE_MEMORY, "vkAllocateMemory"); });
    CHECK_NOTHROW(check(VK_SUCCESS, "vkQueueSubmit"));
    CHECK_NOTHROW(check(VK_TIMEOUT, "vkWaitSemaphores"));
}

}  // namespace ingot::vk::testing
