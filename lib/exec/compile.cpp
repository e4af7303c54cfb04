// SPDX-License-Identifier: MIT
#include "exec/compile.h"

#include "core/check.h"
#include "graph/program_call.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace ingot::exec {
namespace {

using graph::Body;
using graph::Candidate;
using graph::Group;
using graph::Placement;
using graph::Region;

// What a kernel takes when nobody has measured it, on the safe side: cuts are made by it before the
// first step has been timed.
double estimate_ns(const Candidate& candidate, const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    const double flops_per_ns = cpu ? 4 : 200;
    const double bytes_per_ns = cpu ? 1 : 20;
    return 20e3 + candidate.flops / flops_per_ns + candidate.bytes / bytes_per_ns;
}

std::string names_of(const Body& body, const Group& group) {
    std::vector<std::string_view> names;
    for (const std::size_t operation : group.operations) {
        names.push_back(body.operations[operation].def->name);
    }
    return fmt::format("{}", fmt::join(names, " "));
}

class Compiler {
public:
    Compiler(const Graph& graph, const DeviceDescription& device, const CompileSettings& settings)
        : device_(device), settings_(settings) {
        result_.body = graph::linearize(graph);
        const bool narrow = device.has_capability(kNarrowCapability);
        if (narrow) graph::read_narrow(result_.body);
        result_.groups = graph::fuse(result_.body, narrow);
    }

    Compiled run() {
        check_sizes();
        chosen_.resize(result_.groups.size());
        // Scratch is planned with the rest, and whether a pointwise group writes into a state,
        // which decides its kernel, is known only then; it needs no scratch.
        lower([](const Group& group) { return group.anchor.has_value(); });
        plan();
        lower([](const Group& group) { return !group.anchor; });
        if (!problems_.empty()) {
            fail(ErrorKind::kUnsupported, "compile: {} cannot run {} of the {} groups: {}",
                 device_.name, problems_.size(), result_.groups.size(), fmt::join(problems_, "; "));
        }
        for (std::size_t g = 0; g < result_.groups.size(); ++g) {
            add_copies(g);
            for (KernelCall& call : chosen_[g].calls)
                add_step(std::move(call), g);
        }
        add_copies(result_.groups.size());
        std::ranges::sort(result_.candidates);
        const auto repeated = std::ranges::unique(result_.candidates);
        result_.candidates.erase(repeated.begin(), repeated.end());
        return std::move(result_);
    }

private:
    void plan() {
        std::vector<std::vector<std::uint64_t>> scratch;
        for (const Candidate& candidate : chosen_)
            scratch.push_back(candidate.scratch_bytes);
        result_.memory =
            graph::plan_memory(result_.body, result_.groups, scratch, settings_.guard_bytes);
    }

    void check_sizes() const {
        std::vector<std::string> problems;
        for (const graph::Value& value : result_.body.values) {
            const std::uint64_t size = graph::size_bytes_of(value.spec);
            if (size <= device_.max_storage_range_bytes) continue;
            problems.push_back(
                fmt::format("'{}' {} takes {} bytes", value.name, to_string(value.spec), size));
        }
        if (problems.empty()) return;
        fail(ErrorKind::kUnsupported, "compile: {}, and {} binds at most {} bytes to a kernel",
             fmt::join(problems, "; "), device_.name, device_.max_storage_range_bytes);
    }

    // Chooses a candidate for the groups that `now` says yes to.
    template <typename Now>
    void lower(Now now) {
        for (std::size_t g = 0; g < result_.groups.size(); ++g) {
            const Group& group = result_.groups[g];
            const graph::Operation* anchor = group.anchor_in(result_.body);
            if (!now(group)) continue;
            if (anchor != nullptr && anchor->def->layout != nullptr) continue;  // placed, not run
            try {
                std::vector<Candidate> candidates =
                    anchor != nullptr ? anchor->def->lower({result_.body, group, device_})
                                      : graph::lower_pointwise(result_.body, group, device_);
                INGOT_CHECK(!candidates.empty());
                chosen_[g] = choose(std::move(candidates));
                INGOT_CHECK(anchor != nullptr || chosen_[g].scratch_bytes.empty());
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::kUnsupported) throw;
                problems_.emplace_back(error.what());
            }
        }
    }

    // The cheapest, after those that were asked for by name.
    Candidate choose(std::vector<Candidate> candidates) {
        const auto rank = [&](const Candidate& candidate) {
            const bool part = candidate.name.find(settings_.candidate) != std::string::npos;
            const int distance = candidate.name == settings_.candidate ? 0 : part ? 1 : 2;
            return std::pair(distance, candidate.cost_ns);
        };
        if (candidates.size() > 1) {
            for (const Candidate& candidate : candidates)
                result_.candidates.push_back(candidate.name);
        }
        return std::move(*std::min_element(
            candidates.begin(), candidates.end(),
            [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); }));
    }

    ResolvedOperand resolve(const Placement& place) const {
        switch (place.region) {
            case Region::kArena:
                return {ResolvedOperand::Kind::kArena, nullptr, place.offset_bytes,
                        place.size_bytes};
            case Region::kState:
                return {ResolvedOperand::Kind::kState, place.slab, place.offset_bytes,
                        place.size_bytes};
            case Region::kInputs:
                return {ResolvedOperand::Kind::kInputs, nullptr, place.offset_bytes,
                        place.size_bytes};
            case Region::kConstants:
                return {ResolvedOperand::Kind::kConstants, nullptr, place.offset_bytes,
                        place.size_bytes};
            case Region::kNone: break;
        }
        INGOT_CHECK(place.region != Region::kNone);
        return {};
    }

    ResolvedOperand resolve(const Operand& operand, std::size_t g) const {
        ResolvedOperand resolved;
        switch (operand.kind) {
            case Operand::Kind::kNone:
            case Operand::Kind::kUnused: return {};
            case Operand::Kind::kStatus: return {ResolvedOperand::Kind::kStatus, nullptr, 0, 0};
            case Operand::Kind::kValue:
                resolved = resolve(result_.memory.values[operand.id]);
                break;
            case Operand::Kind::kScratch:
                resolved = {ResolvedOperand::Kind::kArena, nullptr,
                            result_.memory.scratch_offsets[g][operand.id],
                            chosen_[g].scratch_bytes[operand.id]};
                break;
        }
        const std::uint64_t rest = resolved.size_bytes - operand.offset_bytes;
        INGOT_CHECK(operand.offset_bytes < resolved.size_bytes && operand.size_bytes <= rest);
        resolved.offset_bytes += operand.offset_bytes;
        resolved.size_bytes = operand.size_bytes == 0 ? rest : operand.size_bytes;
        // Bytes come packed in words and words in vectors: the last may be partly beyond the
        // tensor, never beyond the aligned slot that the tensor lies in.
        resolved.size_bytes = graph::align_up(resolved.size_bytes, 16);
        return resolved;
    }

    void add_step(KernelCall call, std::size_t g) {
        call.check_complete();
        if (call.groups[0] == 0) return;
        Step step;
        for (std::size_t i = 0; i < call.operands.size(); ++i) {
            step.operands.push_back(resolve(call.operands[i], g));
            const bool written = call.kernel->bindings[i].access == Access::kReadWrite;
            if (call.operands[i].kind == Operand::Kind::kStatus && written) step.reports = true;
        }
        // The plan relies on the table: what updates a state must come after what may report.
        const graph::Operation* anchor = result_.groups[g].anchor_in(result_.body);
        INGOT_CHECK(!step.reports || (anchor != nullptr && anchor->def->reports));
        if (call.label.empty() || call.label == call.kernel->name) {
            call.label = names_of(result_.body, result_.groups[g]);
        }
        const double share = 1.0 / static_cast<double>(chosen_[g].calls.size());
        step.call = std::move(call);
        step.group = g;
        step.flops = chosen_[g].flops * share;
        step.bytes = chosen_[g].bytes * share;
        step.estimate_ns = estimate_ns(chosen_[g], device_) * share;
        result_.steps.push_back(std::move(step));
    }

    void add_copies(std::size_t before) {
        for (const graph::PlannedCopy& copy : result_.memory.copies) {
            if (copy.before != before) continue;
            Step step;
            step.call = graph::copy_call(result_.body, copy.from, copy.updates_state, device_);
            step.call.label = "copy";
            for (std::size_t i = 0; i < step.call.operands.size(); ++i) {
                const bool target = step.call.kernel->bindings[i].name == "pw_out0";
                step.operands.push_back(target ? resolve(copy.to)
                                               : resolve(step.call.operands[i], before));
            }
            step.group = before;
            step.bytes = 2.0 * static_cast<double>(copy.to.size_bytes);
            step.estimate_ns = 20e3 + step.bytes;
            result_.steps.push_back(std::move(step));
        }
    }

    const DeviceDescription& device_;
    const CompileSettings& settings_;
    Compiled result_;
    std::vector<Candidate> chosen_;      // by group
    std::vector<std::string> problems_;  // of groups that the device cannot run
};

}  // namespace

Compiled compile(const Graph& graph, const DeviceDescription& device,
                 const CompileSettings& settings) {
    if (graph.outputs.empty() && graph.updates.empty()) {
        fail(ErrorKind::kInvalidArgument, "compile: the graph has no outputs and no updates");
    }
    return Compiler(graph, device, settings).run();
}

std::string to_text(const Compiled& compiled) {
    std::string text = graph::to_text(compiled.body, compiled.groups);
    for (const Step& step : compiled.steps) {
        text += fmt::format("dispatch {} [{}]: {}\n", step.call.kernel->name,
                            fmt::join(step.call.groups, " x "), step.call.label);
    }
    text += fmt::format("arena {} bytes, inputs {}, constants {}\n", compiled.memory.arena_bytes,
                        compiled.memory.inputs_bytes, compiled.memory.constants_bytes);
    return text;
}

}  // namespace ingot::exec
