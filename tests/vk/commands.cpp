// SPDX-License-Identifier: MIT
#include "vk/commands.h"
#include "support.h"
#include "vk/descriptors.h"
#include "vk/timeline.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

namespace ingot::vk::testing {
namespace {

std::vector<std::uint32_t> words_of(const Block& block, std::size_t count) {
    block.invalidate();
    std::vector<std::uint32_t> words(count);
    std::memcpy(words.data(), block.mapped(), count * sizeof(std::uint32_t));
    return words;
}

void submit_and_wait(Device& device, CommandBuffer commands) {
    Timeline timeline(device, "test");
    const VkCommandBuffer handle = commands.handle();
    REQUIRE(timeline.wait(device.queue().submit({&handle, 1}, timeline)));
}

}  // namespace

TEST_CASE("a kernel's result comes back, for sizes around the group size") {
    DeviceFixture fixture;
    for (const std::uint32_t count : {1u, 31u, 32u, 33u, 1009u, 100'000u}) {
        check_round_trip(*fixture.device, count);
    }
}

TEST_CASE("one recording is submitted many times, also while it is pending") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    constexpr std::uint32_t kCount = 64;
    constexpr std::uint32_t kTimes = 50;
    constexpr std::array constants{SpecConstant{0, 32}, SpecConstant{1, 1}};
    const Pipeline& pipeline = device.pipelines().get(scale_add_desc(constants));
    Block data = device.heap().allocate(kCount * 4, MemoryUse::kReadback, "data");
    std::memset(data.mapped(), 0, kCount * 4);
    data.flush();

    DescriptorCounts counts;
    counts.add(pipeline);
    DescriptorPool descriptors(device, counts, "test");
    const std::array buffers{BoundBuffer{0, data.buffer(), 0, kCount * 4},
                             BoundBuffer{1, data.buffer(), 0, kCount * 4}};
    const VkDescriptorSet set = descriptors.allocate(pipeline, buffers);

    CommandPool pool(device, "test");
    CommandBuffer step = pool.allocate("step");
    const std::array<std::uint32_t, 2> parameters{kCount, 2};
    step.begin();
    step.barrier();
    step.bind(pipeline, set);
    step.push_constants(std::as_bytes(std::span(parameters)));
    step.dispatch(kCount / 32);
    step.end();
    CommandBuffer epilogue = pool.allocate("epilogue");
    epilogue.begin();
    epilogue.barrier({VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                      VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT});
    epilogue.end();

    Timeline timeline(device, "test");
    const std::array handles{step.handle(), step.handle(), epilogue.handle()};
    for (std::uint32_t i = 0; i < kTimes; ++i) {
        CHECK(timeline.next_value() == i + 1);
        CHECK(device.queue().submit(handles, timeline) == i + 1);
    }
    REQUIRE(timeline.wait(kTimes));
    CHECK(timeline.completed() == kTimes);
    CHECK(timeline.is_complete(kTimes));
    CHECK(words_of(data, kCount) == std::vector<std::uint32_t>(kCount, 2 * 2 * kTimes));
}

TEST_CASE("waiting for what was never submitted runs into the timeout") {
    DeviceFixture fixture;
    Timeline timeline(*fixture.device, "test");
    CHECK(timeline.completed() == 0);
    CHECK(timeline.wait(0));
    CHECK(!timeline.wait(1, 1'000'000));
}

TEST_CASE("a dispatch with a base covers the groups from there on") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    constexpr std::uint32_t kCount = 160;
    constexpr std::array constants{SpecConstant{0, 32}, SpecConstant{1, 1}};
    PipelineDesc desc = scale_add_desc(constants);
    desc.dispatch_base = true;
    const Pipeline& pipeline = device.pipelines().get(desc);
    Block data = device.heap().allocate(kCount * 4, MemoryUse::kReadback, "data");
    DescriptorCounts counts;
    counts.add(pipeline);
    DescriptorPool descriptors(device, counts, "test");
    const std::array buffers{BoundBuffer{0, data.buffer(), 0, kCount * 4},
                             BoundBuffer{1, data.buffer(), 0, kCount * 4}};
    const VkDescriptorSet set = descriptors.allocate(pipeline, buffers);

    CommandPool pool(device, "test");
    CommandBuffer commands = pool.allocate("test");
    const std::array<std::uint32_t, 2> parameters{kCount, 1};
    commands.begin();
    commands.fill(data.buffer(), 0, kCount * 4, 10);
    commands.barrier(Barrier::transfer_to_compute());
    commands.bind(pipeline, set);
    commands.push_constants(std::as_bytes(std::span(parameters)));
    commands.dispatch_base({1, 0, 0}, {3, 1, 1});  // groups 1, 2 and 3 of 0 to 4
    commands.barrier({VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                      VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT});
    commands.end();
    submit_and_wait(device, commands);

    std::vector<std::uint32_t> expected(kCount, 10);
    for (std::uint32_t i = 32; i < 128; ++i)
        expected[i] = 11;
    CHECK(words_of(data, kCount) == expected);
}

TEST_CASE("texel and uniform bindings at offsets, a texel view as RGBA32F") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    constexpr std::uint32_t kTexels = 100;
    constexpr std::uint64_t kTexelOffset = 256, kUniformOffset = 4096, kSumOffset = 8192;
    struct Parameters {
        std::uint32_t count = kTexels;
        float factor = 0.5f;
    };
    Block block = device.heap().allocate(12288, MemoryUse::kReadback, "block");
    std::vector<float> texels(kTexels * 4);
    for (std::size_t i = 0; i < texels.size(); ++i)
        texels[i] = static_cast<float>(i);
    const Parameters parameters;
    std::memcpy(block.mapped() + kTexelOffset, texels.data(), texels.size() * sizeof(float));
    std::memcpy(block.mapped() + kUniformOffset, &parameters, sizeof(parameters));
    block.flush();

    const Pipeline& pipeline = device.pipelines().get(texel_sum_desc());
    DescriptorCounts counts;
    counts.add(pipeline);
    DescriptorPool descriptors(device, counts, "test");
    std::array buffers{BoundBuffer{5, block.buffer(), kSumOffset, kTexels * 4},
                       BoundBuffer{0, block.buffer(), kTexelOffset, kTexels * 16},
                       BoundBuffer{1, block.buffer(), kUniformOffset, sizeof(Parameters)}};
    const VkDescriptorSet set = descriptors.allocate(pipeline, buffers);

    CommandPool pool(device, "test");
    CommandBuffer commands = pool.allocate("test");
    commands.begin();
    commands.bind(pipeline, set);
    commands.dispatch((kTexels + 31) / 32);
    commands.barrier({VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                      VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT});
    commands.end();
    submit_and_wait(device, commands);

    block.invalidate();
    std::vector<float> sums(kTexels);
    std::memcpy(sums.data(), block.mapped() + kSumOffset, kTexels * sizeof(float));
    for (std::uint32_t i = 0; i < kTexels; ++i) {
        CHECK(sums[i] == 0.5f * static_cast<float>(16 * i + 6));
    }
}

TEST_CASE("a texel buffer beyond the device's limit is refused with the numbers") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    const std::uint64_t range = (std::uint64_t{device.limits().max_texel_buffer_elements} + 1) * 16;
    if (range > device.limits().max_allocation_bytes || range > (1u << 28)) return;
    const Pipeline& pipeline = device.pipelines().get(texel_sum_desc());
    const Block block = device.heap().allocate(range, MemoryUse::kDevice, "block");
    DescriptorCounts counts;
    counts.add(pipeline);
    DescriptorPool descriptors(device, counts, "test");
    const std::array buffers{BoundBuffer{0, block.buffer(), 0, range},
                             BoundBuffer{1, block.buffer(), 0, 16},
                             BoundBuffer{5, block.buffer(), 0, 16}};
    const auto message =
        message_of(ErrorKind::kUnsupported, [&] { descriptors.allocate(pipeline, buffers); });
    CHECK(contains(message, "texel buffer at binding 0"));
    CHECK(contains(message, std::to_string(range)));
}

TEST_CASE("recording again after a reset of the pool") {
    DeviceFixture fixture;
    Device& device = *fixture.device;
    Block data = device.heap().allocate(4096, MemoryUse::kReadback, "data");
    CommandPool pool(device, "test");
    CommandBuffer commands = pool.allocate("test");
    for (const std::uint32_t word : {7u, 8u}) {
        commands.begin();
        commands.fill(data.buffer(), 0, 4096, word);
        commands.barrier(Barrier::transfer_to_host());
        commands.end();
        submit_and_wait(device, commands);
        CHECK(words_of(data, 1024) == std::vector<std::uint32_t>(1024, word));
        if (word == 7u) pool.reset();
    }
}

}  // namespace ingot::vk::testing
