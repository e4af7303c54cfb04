// SPDX-License-Identifier: MIT
#include "pipelines.h"

#include "exec/compile.h"
#include "exec/description.h"
#include "kernels/catalog.h"

#include <ingot/error.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ingot::compile_kernels {
namespace {

// SPIR-V's numbers for what a shader may declare and a device may lack.
struct Capability {
    std::uint32_t number;
    const char* name;
    bool vk::Features::*feature;
};
constexpr Capability kCapabilities[] = {
    {9, "float16 arithmetic", &vk::Features::shader_float16},
    {11, "64-bit integers", &vk::Features::shader_int64},
    {22, "16-bit integers", &vk::Features::shader_int16},
    {39, "8-bit integers", &vk::Features::shader_int8},
    {4433, "16-bit storage", &vk::Features::storage_buffer_16bit},
    {4448, "8-bit storage", &vk::Features::storage_buffer_8bit},
    {5345, "the Vulkan memory model", &vk::Features::vulkan_memory_model},
};
struct SubgroupCapability {
    std::uint32_t number;
    const char* name;
    VkSubgroupFeatureFlagBits operation;
};
constexpr SubgroupCapability kSubgroupCapabilities[] = {
    {61, "subgroups", VK_SUBGROUP_FEATURE_BASIC_BIT},
    {62, "subgroup votes", VK_SUBGROUP_FEATURE_VOTE_BIT},
    {63, "subgroup arithmetic", VK_SUBGROUP_FEATURE_ARITHMETIC_BIT},
    {64, "subgroup ballots", VK_SUBGROUP_FEATURE_BALLOT_BIT},
    {65, "subgroup shuffles", VK_SUBGROUP_FEATURE_SHUFFLE_BIT},
    {66, "relative subgroup shuffles", VK_SUBGROUP_FEATURE_SHUFFLE_RELATIVE_BIT},
    {67, "subgroup clusters", VK_SUBGROUP_FEATURE_CLUSTERED_BIT},
    {68, "subgroup quads", VK_SUBGROUP_FEATURE_QUAD_BIT},
};
constexpr std::uint32_t kCooperativeMatrix = 6022;

std::string key_of(const KernelCall& call) {
    return fmt::format("{} {} {:x}", call.kernel->name, call.required_subgroup_size,
                       fmt::join(call.constants, " "));
}

// With its default constants, why its group does not fit; empty: it does.
std::string too_large(const Kernel& kernel, const vk::Limits& limits) {
    std::uint64_t invocations = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        invocations *= kernel.local_size[axis];
        if (kernel.local_size[axis] > limits.max_group_size[axis]) {
            return fmt::format("a group of {}, {} are possible", kernel.local_size[axis],
                               limits.max_group_size[axis]);
        }
    }
    if (invocations <= limits.max_group_invocations) return {};
    return fmt::format("a group of {}, {} are possible", invocations, limits.max_group_invocations);
}

}  // namespace

std::string missing_feature(const Kernel& kernel, const vk::Device& device) {
    for (const std::uint32_t number : kernel.capabilities) {
        for (const Capability& row : kCapabilities) {
            if (row.number == number && !(device.enabled().*row.feature)) return row.name;
        }
        for (const SubgroupCapability& row : kSubgroupCapabilities) {
            const bool there = device.report().subgroup.operations & row.operation;
            if (row.number == number && !there) return row.name;
        }
        if (number == kCooperativeMatrix && !device.report().cooperative_matrix) {
            return "cooperative matrices";
        }
    }
    return {};
}

Pipelines::Pipelines(const vk::Device& device)
    : device_(device), description_(exec::describe(device.report(), device.enabled())) {}

void Pipelines::add(const KernelCall& call, const std::string& source, bool from_table) {
    // Not those of the tests' own operators.
    if (std::ranges::none_of(catalog(), [&](const Kernel& each) { return &each == call.kernel; })) {
        return;
    }
    wanted_.try_emplace(key_of(call), Wanted{call, source, from_table});
}

void Pipelines::add_graph(const std::string& source, const Graph& graph, bool from_table) {
    ++graph_count_;
    try {
        exec::Compiled compiled = exec::compile(graph, description_);
        const std::vector<std::string> candidates = compiled.candidates;
        for (const exec::Step& step : compiled.steps)
            add(step.call, source, from_table);
        for (const std::string& candidate : candidates) {
            compiled = exec::compile(graph, description_, {.candidate = candidate});
            for (const exec::Step& step : compiled.steps)
                add(step.call, source, from_table);
        }
    } catch (const Error& error) {
        const bool honest = error.kind() == ErrorKind::kUnsupported;
        (honest ? skipped_ : failures_).push_back({source, error.what()});
    }
}

void Pipelines::add_catalog() {
    for (const Kernel& kernel : catalog()) {
        std::string reason = missing_feature(kernel, device_);
        if (!reason.empty()) reason = "no " + reason;
        if (reason.empty()) reason = too_large(kernel, device_.limits());
        if (reason.empty()) {
            add(KernelCall::make(kernel), "default constants", false);
        } else {
            skipped_.push_back({std::string(kernel.name), reason});
        }
    }
}

std::vector<Wanted> Pipelines::wanted(std::size_t most_from_tables) const {
    std::map<const Kernel*, std::size_t> from_tables, seen;
    for (const auto& [key, wanted] : wanted_)
        from_tables[wanted.call.kernel] += wanted.from_table;
    std::vector<Wanted> chosen;
    for (const auto& [key, wanted] : wanted_) {
        const std::size_t all = from_tables[wanted.call.kernel];
        if (wanted.from_table && most_from_tables != 0 && all > most_from_tables) {
            // The first of each of `most_from_tables` shares.
            const std::size_t at = seen[wanted.call.kernel]++;
            const bool first =
                at == 0 || at * most_from_tables / all != (at - 1) * most_from_tables / all;
            if (!first) continue;
        }
        chosen.push_back(wanted);
    }
    return chosen;
}

}  // namespace ingot::compile_kernels
