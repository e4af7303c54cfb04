// SPDX-License-Identifier: MIT
// What a program tells about itself: errors found on the device, figures, times, and guard bytes
// that did not hold. Nothing here runs or records a step.
#include "exec/executable.h"

#include "core/check.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace ingot::exec {
namespace {

constexpr std::uint32_t kNoOffender = 0xffffffff;  // shaders/common/status.glsl

void check_guard(std::span<const std::byte> bytes, std::uint64_t offset, std::uint64_t size,
                 std::uint32_t expected, const std::string& name) {
    for (std::uint64_t at = 0; at < size; at += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + offset + at, sizeof(word));
        if (word == expected) continue;
        fail(ErrorKind::kInternal,
             "guard bytes: a kernel wrote {:#010x} at byte {} of the guard round '{}'", word, at,
             name);
    }
}

}  // namespace

void Executable::check_status(const Slot& slot, std::size_t index) {
    readback_block_.invalidate();
    const auto* words = reinterpret_cast<const std::uint32_t*>(
        readback_block_.mapped() + (index + 1) * results_bytes_ - Context::kStatusBytes);
    if (words[0] == 0) return;
    std::string offender = "an operation of another program of this device";
    for (std::size_t step = 0; step < compiled_.steps.size(); ++step) {
        if (sites_[step] == Context::kNoSite || words[sites_[step]] == kNoOffender) continue;
        offender = describe_offender(step, words[sites_[step]], index);
        break;
    }
    // As if that run and those after it had not been: their random numbers are drawn again.
    for (const FedScalar& scalar : scalars_) {
        if (scalar.cell->is_counter) scalar.cell->word = fed_word(index, scalar.offset_bytes);
    }
    const std::uint64_t run = slot.run;
    wait_for(last_value_);
    context_->clear_status();
    for (Slot& other : slots_)
        other.run = 0;
    throw Error(ErrorKind::kData,
                fmt::format("{}, in run {}; that run and those after it changed no parameter",
                            offender, run));
}

std::string Executable::describe_offender(std::size_t step, std::uint32_t index,
                                          std::size_t slot) const {
    const graph::Group& group = compiled_.groups[compiled_.steps[step].group];
    const graph::Operation* op = group.anchor_in(compiled_.body);
    if (op == nullptr) return fmt::format("element {} is out of range", index);
    if (!op->def->reported.empty()) {
        return fmt::format("{}: {} {}", op->def->name, op->def->reported, index);
    }
    for (std::size_t i = op->inputs.size(); i-- > 0;) {
        const graph::Use& use = op->inputs[i];
        const graph::Value& value = compiled_.body.values[use.value];
        if (value.spec.dtype != i32) continue;
        if (value.kind != graph::ValueKind::kInput) {
            return fmt::format("{}: element {} of '{}' is out of range", op->def->name, index,
                               value.name);
        }
        const std::uint64_t at = compiled_.memory.values[use.value].offset_bytes +
                                 4 * static_cast<std::uint64_t>(element_of(use.view, index));
        const auto offender = static_cast<std::int32_t>(fed_word(slot, at));
        return fmt::format("{}: element {} of '{}' is {}, out of range for {}", op->def->name,
                           index, value.name, offender, to_string(op->inputs[0].view.shape));
    }
    return fmt::format("{}: row {} is out of range", op->def->name, index);
}

std::uint32_t Executable::fed_word(std::size_t slot, std::uint64_t offset_bytes) const {
    std::uint32_t word = 0;
    std::memcpy(&word, upload_block_.mapped() + slot * compiled_.memory.inputs_bytes + offset_bytes,
                sizeof(word));
    return word;
}

ProgramStats Executable::stats() {
    retire_pieces();
    ProgramStats stats;
    stats.dispatches = static_cast<std::uint32_t>(compiled_.steps.size());
    stats.barriers = recording_.barriers;
    stats.copies = static_cast<std::uint32_t>(results_.size()) + 1 + (upload_block_ ? 1 : 0);
    stats.submissions = static_cast<std::uint32_t>(recording_.pieces.size());
    stats.recordings = recordings_;
    stats.arena_bytes = compiled_.memory.arena_bytes;
    stats.program_bytes = planned_bytes_;
    std::set<const graph::Slab*> slabs;
    const auto add_slab = [&](const graph::Slab* slab) {
        if (slab != nullptr && slabs.insert(slab).second) stats.state_bytes += slab->size_bytes;
    };
    for (const graph::Placement& place : compiled_.memory.values)
        add_slab(place.slab.get());
    for (const graph::PlannedCopy& copy : compiled_.memory.copies)
        add_slab(copy.to.slab.get());
    stats.busy_ms = busy_ns_ * 1e-6;
    std::vector<std::uint64_t> ticks(2);
    if (runs_ > 0 && timestamps_.supported()) {
        if (recording_.timing == Timing::kSteps) ticks.resize(compiled_.steps.size() + 1);
        if (recording_.timing != Timing::kPieces && timestamps_.read_ns(0, ticks))
            stats.step_ms = static_cast<double>(ticks.back()) * 1e-6;
    }
    return stats;
}

void Executable::set_profile(bool on) {
    if (options_.profile == on) return;
    if (options_.slice_ms > 0) {
        fail(
            ErrorKind::kInvalidArgument,
            "set_profile: the program was compiled with CompileOptions::slice_ms, whose pieces are "
            "timed in place of kernels");
    }
    options_.profile = on;
    recorded_ = false;  // the next run records it anew
}

std::vector<KernelTime> Executable::kernel_times() {
    if (!options_.profile) {
        fail(ErrorKind::kInvalidArgument,
             "kernel_times: its kernels are not timed: CompileOptions::profile or set_profile()");
    }
    wait();
    std::vector<KernelTime> times;
    std::vector<double> times_ns;
    const bool known =
        runs_ > 0 && recording_.timing == Timing::kSteps && read_step_times(times_ns);
    for (std::size_t i = 0; i < compiled_.steps.size(); ++i) {
        const Step& step = compiled_.steps[i];
        times.push_back({std::string(step.call.kernel->name), step.call.label,
                         known ? times_ns[i] * 1e-6 : 0, step.flops, step.bytes});
    }
    return times;
}

std::string Executable::to_text() const {
    return exec::to_text(compiled_);
}

void Executable::check_guards() {
    if (!options_.guard_bytes) {
        fail(ErrorKind::kInvalidArgument,
             "check_guards: the program was compiled without CompileOptions::guard_bytes");
    }
    wait();
    std::vector<std::byte> bytes(guarded_arena_.size_bytes());
    context_->download(guarded_arena_.buffer(), 0, bytes);
    for (const graph::Guard& guard : compiled_.memory.guards) {
        check_guard(bytes, guard.offset_bytes, guard.size_bytes, kGuardWord, guard.name);
    }
    // Between the parameters of a slab lie zeros, and nothing may change them.
    std::vector<const graph::Slab*> seen;
    for (const graph::Placement& place : compiled_.memory.values) {
        const graph::Slab* slab = place.slab.get();
        if (slab == nullptr || std::find(seen.begin(), seen.end(), slab) != seen.end()) continue;
        seen.push_back(slab);
        bytes.resize(slab->size_bytes);
        slab->storage->read(0, bytes);
        for (const auto& weak : slab->states) {
            const auto state = weak.lock();
            if (!state) continue;
            const std::uint64_t end =
                graph::align_up(state->offset_bytes + graph::size_bytes_of(state->spec), 4);
            check_guard(bytes, end, graph::align_up(end) - end, 0, state->name);
        }
    }
}

bool Executable::read_step_times(std::vector<double>& times_ns) const {
    std::vector<std::uint64_t> ticks(compiled_.steps.size() + 1);
    if (!timestamps_.read_ns(0, ticks)) return false;
    for (std::size_t i = 0; i + 1 < ticks.size(); ++i) {
        times_ns.push_back(static_cast<double>(ticks[i + 1] - ticks[i]));
    }
    return true;
}

}  // namespace ingot::exec
