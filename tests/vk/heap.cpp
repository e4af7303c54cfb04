// SPDX-License-Identifier: MIT
#include "support.h"

#include <doctest/doctest.h>

#include <array>
#include <utility>

namespace ingot::vk::testing {
namespace {

constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags kCoherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

}  // namespace

TEST_CASE("memory types: a card") {
    const std::array<VkMemoryType, 6> types{{{0, 1},
                                             {kLocal, 0},
                                             {kLocal | kVisible | kCoherent, 2},
                                             {kVisible | kCoherent, 1},
                                             {kVisible | kCoherent | kCached, 1},
                                             {kLocal | VK_MEMORY_PROPERTY_PROTECTED_BIT, 0}}};
    CHECK(choose_memory_type(types, ~0u, MemoryUse::kDevice) == 1);
    CHECK(choose_memory_type(types, ~0u, MemoryUse::kUpload) == 3);
    CHECK(choose_memory_type(types, ~0u, MemoryUse::kReadback) == 4);
    CHECK(choose_memory_type(types, 1u << 2 | 1u, MemoryUse::kUpload) == 2);
    CHECK(choose_memory_type(types, 1u, MemoryUse::kUpload) == -1);
    CHECK(choose_memory_type(types, 1u << 5, MemoryUse::kDevice) == -1);
}

TEST_CASE("memory types: one memory for all") {
    const std::array<VkMemoryType, 1> types{{{kLocal | kVisible | kCoherent | kCached, 0}}};
    for (const MemoryUse use : {MemoryUse::kDevice, MemoryUse::kUpload, MemoryUse::kReadback}) {
        CHECK(choose_memory_type(types, 1, use) == 0);
    }
}

TEST_CASE("memory types: cached memory that is not coherent is for reading back only") {
    const std::array<VkMemoryType, 2> types{
        {{kLocal | kVisible | kCoherent, 0}, {kLocal | kVisible | kCached, 0}}};
    CHECK(choose_memory_type(types, 3, MemoryUse::kUpload) == 0);
    CHECK(choose_memory_type(types, 3, MemoryUse::kReadback) == 1);
    CHECK(choose_memory_type(types, 2, MemoryUse::kUpload) == -1);
}

TEST_CASE("blocks are counted to the byte") {
    DeviceFixture fixture;
    Heap& heap = fixture.device->heap();
    {
        Block arena = heap.allocate(1'000'000, MemoryUse::kDevice, "arena");
        CHECK(arena.size_bytes() == 1'003'520);
        CHECK(arena.mapped() == nullptr);
        CHECK(heap.stats().bytes_now == 1'003'520);
        Block upload = heap.allocate(1, MemoryUse::kUpload, "upload");
        CHECK(upload.size_bytes() == 4096);
        CHECK(upload.bytes().size() == 4096);
        upload.mapped()[4095] = std::byte{1};
        upload.flush();
        CHECK(heap.stats().bytes_now == 1'007'616);
        CHECK(heap.stats().block_count == 2);

        const auto live = heap.live_blocks();
        REQUIRE(live.size() == 2);
        CHECK(live[0].name == "arena");
        CHECK(live[1].name == "upload");
        CHECK(live[1].size_bytes == 4096);

        arena = Block();  // given back at once
        CHECK(heap.stats().bytes_now == 4096);
        Block moved = std::move(upload);
        CHECK(!upload);
        CHECK(moved.mapped()[4095] == std::byte{1});
    }
    CHECK(heap.stats().bytes_now == 0);
    CHECK(heap.stats().bytes_peak == 1'007'616);
    CHECK(heap.stats().allocation_count == 2);
    heap.reset_peak();
    CHECK(heap.stats().bytes_peak == 0);
}

TEST_CASE("a refused allocation says what was asked, what is held and by whom") {
    DeviceFixture fixture;
    Heap& heap = fixture.device->heap();
    const Block parameters = heap.allocate(8192, MemoryUse::kDevice, "parameters");
    const Block activations = heap.allocate(65536, MemoryUse::kDevice, "activations");
    heap.fail_allocation(2);
    const Block passes = heap.allocate(4096, MemoryUse::kUpload, "inputs");
    const auto message = message_of(ErrorKind::kOutOfMemory,
                                    [&] { heap.allocate(12288, MemoryUse::kDevice, "workspace"); });
    CHECK(message ==
          "memory: 12288 bytes for \"workspace\" (device) were refused with "
          "VK_ERROR_OUT_OF_DEVICE_MEMORY; 77824 bytes (0.1 MiB) are held in 3 blocks, the largest: "
          "\"activations\" 65536, \"parameters\" 8192, \"inputs\" 4096");
    CHECK(heap.stats().bytes_now == 77824);
    CHECK_NOTHROW(heap.allocate(12288, MemoryUse::kDevice, "workspace"));
}

TEST_CASE("more than the device allocates at once is refused with the numbers") {
    DeviceFixture fixture;
    const std::uint64_t limit = fixture.device->limits().max_allocation_bytes /
                                kBlockGranularityBytes * kBlockGranularityBytes;
    const auto message = message_of(ErrorKind::kOutOfMemory, [&] {
        fixture.device->heap().allocate(limit + 1, MemoryUse::kDevice, "everything");
    });
    CHECK(contains(message, "\"everything\""));
    CHECK(contains(message, std::to_string(limit)));
    message_of(ErrorKind::kInvalidArgument,
               [&] { fixture.device->heap().allocate(0, MemoryUse::kDevice, "nothing"); });
}

}  // namespace ingot::vk::testing
