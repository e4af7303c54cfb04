// SPDX-License-Identifier: MIT
#include "exec/recorder.h"

#include "core/check.h"
#include "exec/hazards.h"
#include "kernels/specialize.h"

#include <algorithm>
#include <cstring>

namespace ingot::exec {
namespace {

vk::BindingType type_of(BindingKind kind) {
    switch (kind) {
        case BindingKind::kStorageBuffer: return vk::BindingType::kStorage;
        case BindingKind::kUniformTexelBuffer: return vk::BindingType::kUniformTexel;
        case BindingKind::kUniformBuffer: return vk::BindingType::kUniform;
        case BindingKind::kStorageTexelBuffer: break;
    }
    INGOT_CHECK(kind != BindingKind::kStorageTexelBuffer);
    return vk::BindingType::kStorage;
}

std::uint64_t identity(VkBuffer buffer) {
    std::uint64_t bits = 0;
    static_assert(sizeof(buffer) <= sizeof(bits));
    std::memcpy(&bits, &buffer, sizeof(buffer));
    return bits;
}

}  // namespace

const vk::Pipeline& pipeline_for(vk::Device& device, const KernelCall& call, PipelineUse use) {
    const Kernel& kernel = *call.kernel;
    std::vector<vk::Binding> bindings;
    for (const Binding& binding : kernel.bindings) {
        bindings.push_back({binding.index, type_of(binding.kind)});
    }
    vk::PipelineDesc desc;
    desc.name = kernel.name;
    // Words that another compiler wrote may hold what specialize() has never seen.
    std::vector<std::uint32_t> words;
    std::vector<vk::SpecConstant> constants;
    if (kernel.is_foreign) {
        for (std::size_t i = 0; i < kernel.constants.size(); ++i)
            constants.push_back({kernel.constants[i].id, call.constants[i]});
        desc.spirv = kernel.spirv;
        desc.spec_constants = constants;
    } else {
        words = specialize(kernel, call.constants);
        if (const auto storage = call.narrow_bindings(); !storage.empty())
            words = narrow(words, storage);
        desc.spirv = words;
    }
    desc.bindings = bindings;
    desc.push_constant_bytes = kernel.parameter_size_bytes;
    desc.required_subgroup_size = call.required_subgroup_size;
    desc.full_subgroups =
        call.required_subgroup_size != 0 && device.enabled().compute_full_subgroups;
    desc.statistics = use.statistics;
    desc.dispatch_base = use.is_cut;
    return device.pipelines().get(desc);
}

Range locate(const Context& context, const RegionBuffers& buffers, const ResolvedOperand& operand) {
    using Kind = ResolvedOperand::Kind;
    switch (operand.kind) {
        case Kind::kUnused: return context.unused_input();
        case Kind::kStatus: return context.status();
        case Kind::kArena: return {buffers.arena, operand.offset_bytes, operand.size_bytes};
        case Kind::kState:
            return {context.buffer_of(*operand.slab), operand.offset_bytes, operand.size_bytes};
        case Kind::kInputs:
            return {buffers.inputs.buffer, buffers.inputs.offset_bytes + operand.offset_bytes,
                    operand.size_bytes};
        case Kind::kConstants:
            return {buffers.constants.buffer, buffers.constants.offset_bytes + operand.offset_bytes,
                    operand.size_bytes};
    }
    return {};
}

std::uint32_t count_of_queries(Timing timing, std::size_t steps, std::size_t pieces) {
    switch (timing) {
        case Timing::kNone: return 0;
        case Timing::kWhole: return 2;
        case Timing::kSteps: return static_cast<std::uint32_t>(steps) + 1;
        case Timing::kPieces: return 2 * static_cast<std::uint32_t>(pieces);
    }
    return 0;
}

Recording record(Context& context, vk::CommandPool& pool, const Compiled& compiled,
                 std::span<const vk::Pipeline* const> pipelines,
                 std::span<const std::uint32_t> sites, const RegionBuffers& buffers,
                 std::vector<vk::CommandBuffer> reuse, const RecorderOptions& options) {
    Recording recording;
    recording.cuts = options.cuts;
    recording.timing = options.timing;
    recording.pieces = std::move(reuse);
    while (recording.pieces.size() < options.cuts.size() + 1) {
        recording.pieces.push_back(pool.allocate("step"));
    }
    recording.pieces.resize(options.cuts.size() + 1);

    vk::DescriptorCounts counts;
    for (const vk::Pipeline* pipeline : pipelines)
        counts.add(*pipeline);
    recording.descriptors = vk::DescriptorPool(context.device(), counts, "step");

    std::size_t piece = 0;
    vk::CommandBuffer* commands = &recording.pieces[0];
    Hazards hazards;
    std::uint32_t unused_outputs = 0;
    std::vector<MemoryAccess> accesses;
    std::vector<vk::BoundBuffer> bound;
    const auto stamp = [&](Timing when, std::size_t query) {
        if (options.timing != when) return;
        commands->write_timestamp(*options.timestamps, static_cast<std::uint32_t>(query));
    };
    const auto begin_piece = [&] {
        commands->begin();
        if (options.timing == Timing::kPieces) {
            const auto first = static_cast<std::uint32_t>(2 * piece);
            commands->reset_timestamps(*options.timestamps, first, 2);
        } else if (options.timing != Timing::kNone && piece == 0) {
            commands->reset_timestamps(*options.timestamps, 0, options.timestamps->count());
        }
        stamp(Timing::kPieces, 2 * piece);
    };
    const auto next_piece = [&] {
        commands->barrier();
        ++recording.barriers;
        stamp(Timing::kPieces, 2 * piece + 1);
        commands->end();
        commands = &recording.pieces[++piece];
        begin_piece();
        hazards.clear();
    };
    begin_piece();
    stamp(Timing::kWhole, 0);
    stamp(Timing::kSteps, 0);
    for (std::size_t s = 0; s < compiled.steps.size(); ++s) {
        const Step& step = compiled.steps[s];
        if (piece < options.cuts.size() && options.cuts[piece] == Cut{s, 0}) next_piece();
        accesses.clear();
        bound.clear();
        for (std::size_t i = 0; i < step.operands.size(); ++i) {
            const Binding& binding = step.call.kernel->bindings[i];
            Range range = locate(context, buffers, step.operands[i]);
            const bool unused = step.operands[i].kind == ResolvedOperand::Kind::kUnused;
            if (unused && binding.access != Access::kRead) {
                range = context.unused_output(unused_outputs++ % Context::kUnusedSlots);
            }
            bound.push_back({binding.index, range.buffer, range.offset_bytes, range.size_bytes,
                             step.call.operands[i].storage == Storage::kHalf});
            accesses.push_back({identity(range.buffer), range.offset_bytes,
                                range.offset_bytes + range.size_bytes,
                                binding.access != Access::kRead});
        }
        if (hazards.add(accesses)) {
            commands->barrier(vk::Barrier::compute_to_compute());
            ++recording.barriers;
        }
        const vk::Pipeline& pipeline = *pipelines[s];
        const VkDescriptorSet set = recording.descriptors.allocate(pipeline, bound);
        std::array<std::byte, kMaxParameterBytes> parameters = step.call.parameter_bytes;
        if (step.reports) std::memcpy(parameters.data(), &sites[s], sizeof(sites[s]));
        const std::size_t axis = axis_to_cut(step.call.groups);
        std::array<std::uint32_t, 3> first{};
        const auto dispatch_until = [&](std::uint32_t last) {
            std::array<std::uint32_t, 3> count = step.call.groups;
            count[axis] = last - first[axis];
            commands->begin_label(step.call.label);
            commands->bind(pipeline, set);
            commands->push_constants(std::span(parameters).first(step.call.parameter_size_bytes));
            if (first[axis] == 0) {
                commands->dispatch(count[0], count[1], count[2]);
            } else {
                commands->dispatch_base(first, count);
            }
            commands->end_label();
            first[axis] = last;
        };
        while (piece < options.cuts.size() && options.cuts[piece].dispatch == s) {
            dispatch_until(options.cuts[piece].group);
            next_piece();
            hazards.add(accesses);
        }
        dispatch_until(step.call.groups[axis]);
        stamp(Timing::kSteps, s + 1);
    }
    stamp(Timing::kWhole, 1);
    stamp(Timing::kPieces, 2 * piece + 1);
    commands->end();
    return recording;
}

}  // namespace ingot::exec
