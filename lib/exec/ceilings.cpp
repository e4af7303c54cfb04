// SPDX-License-Identifier: MIT
#include "exec/ceilings.h"

#include "core/check.h"
#include "exec/recorder.h"
#include "shaders/ceiling.h"
#include "vk/descriptors.h"
#include "vk/timestamps.h"

#include <algorithm>
#include <array>

namespace ingot::exec {
namespace {

constexpr std::uint32_t kLocalSize = 64, kRepeats = 7;

// The shortest of some runs, in ns. Drivers compile a kernel when it first runs.
double time_of(Context& context, const KernelCall& call, std::span<const Range> ranges) {
    vk::Device& device = context.device();
    const vk::Pipeline& pipeline = pipeline_for(device, call);
    vk::DescriptorCounts counts;
    counts.add(pipeline);
    vk::DescriptorPool descriptors(device, counts, "ceiling");
    std::vector<vk::BoundBuffer> bound;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        bound.push_back({call.kernel->bindings[i].index, ranges[i].buffer, ranges[i].offset_bytes,
                         ranges[i].size_bytes});
    }
    const VkDescriptorSet set = descriptors.allocate(pipeline, bound);
    const vk::Timestamps timestamps(device, 2, "ceiling");
    double least = 0;
    for (std::uint32_t i = 0; i < kRepeats; ++i) {
        context.run_once([&](vk::CommandBuffer& commands) {
            commands.reset_timestamps(timestamps, 0, 2);
            commands.write_timestamp(timestamps, 0);
            commands.bind(pipeline, set);
            commands.push_constants(
                std::span(call.parameter_bytes).first(call.parameter_size_bytes));
            commands.dispatch(call.groups[0], call.groups[1], call.groups[2]);
            commands.write_timestamp(timestamps, 1);
        });
        std::array<std::uint64_t, 2> ticks{};
        INGOT_CHECK(timestamps.read_ns(0, ticks));
        const auto ns = static_cast<double>(ticks[1]);
        least = i == 0 ? ns : std::min(least, ns);
    }
    return least;
}

}  // namespace

Ceilings measure_ceilings(Context& context) {
    const DeviceDescription& device = context.description();
    if (context.device().limits().timestamp_valid_bits == 0) {
        fail(ErrorKind::kUnsupported, "measure_ceilings: the queue of {} has no timestamps",
             device.name);
    }
    const bool cpu = device.device_class == DeviceClass::kCpu;
    Ceilings ceilings;
    {
        // Far more than any cache holds.
        const std::uint64_t size = std::min<std::uint64_t>(
            std::uint64_t{cpu ? 64u : 256u} << 20, device.max_storage_range_bytes / 16 * 16);
        const auto count = static_cast<std::uint32_t>(size / 16);
        vk::Heap& heap = context.device().heap();
        const vk::Block from = heap.allocate(size, vk::MemoryUse::kDevice, "ceiling, from");
        const vk::Block to = heap.allocate(size, vk::MemoryUse::kDevice, "ceiling, to");
        context.run_once(
            [&](vk::CommandBuffer& commands) { commands.fill(from.buffer(), 0, size, 0); });
        KernelCall call = KernelCall::make("ceiling_copy");
        call.constant("LOCAL_SIZE", kLocalSize)
            .parameters(shaders::CeilingParameters{count, 0, 0, 0})
            .dispatch(groups_for(count, kLocalSize, device));
        const std::array ranges{Range{from.buffer(), 0, size}, Range{to.buffer(), 0, size}};
        ceilings.gbytes_per_s = 2 * static_cast<double>(size) / time_of(context, call, ranges);
    }
    const std::uint32_t rounds = cpu ? 1024 : 4096;
    const std::uint64_t invocations = std::uint64_t{kLocalSize} * (cpu ? 1024 : 16384);
    const vk::Block result =
        context.device().heap().allocate(invocations * 4, vk::MemoryUse::kDevice, "ceiling");
    KernelCall call = KernelCall::make("ceiling_flops");
    call.constant("LOCAL_SIZE", kLocalSize)
        .parameters(shaders::CeilingParameters{0, rounds, 0.999f, 1e-3f})
        .dispatch(groups_for(invocations, kLocalSize, device));
    const double flops = 2.0 * shaders::kCeilingChains * rounds * static_cast<double>(invocations);
    ceilings.gflops =
        flops / time_of(context, call, std::array{Range{result.buffer(), 0, invocations * 4}});
    return ceilings;
}

}  // namespace ingot::exec
