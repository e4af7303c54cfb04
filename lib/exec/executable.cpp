// SPDX-License-Identifier: MIT
#include "exec/executable.h"

#include "core/check.h"
#include "core/log.h"
#include "exec/cutting.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <future>
#include <numeric>
#include <thread>

#include <fmt/ranges.h>

namespace ingot::exec {
namespace {

std::string largest_holders(const graph::MemoryPlan& plan) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(plan.holders.size(), 5); ++i) {
        text += fmt::format("{}'{}' {} bytes", i == 0 ? "" : ", ", plan.holders[i].name,
                            plan.holders[i].size_bytes);
    }
    return text;
}

}  // namespace

Executable::Executable(std::shared_ptr<Context> context, const Graph& graph,
                       const CompileOptions& options)
    : context_(std::move(context)), commands_(context_->device(), "step"), options_(options) {
    try {
        set_up(graph);
    } catch (...) {
        release();
        throw;
    }
}

Executable::~Executable() {
    try {
        wait();
    } catch (const Error& error) {  // a lost device runs nothing any more
        if (error.kind() == ErrorKind::kData) {
            log(LogLevel::kWarning, "a program ended before anyone asked for this: {}",
                error.what());
        }
    }
    release();
}

// What others count on; the rest goes with the members.
void Executable::release() noexcept {
    if (is_open()) context_->close_step();
    for (const std::uint32_t site : sites_) {
        if (site != Context::kNoSite) context_->release_site(site);
    }
    context_->planned_bytes -= planned_bytes_;
}

void Executable::set_up(const Graph& graph) {
    if (options_.slots < 1 || options_.slots > 8) {
        fail(ErrorKind::kInvalidArgument, "compile: {} slots; 1 to 8 are possible", options_.slots);
    }
    if (options_.slice_ms != 0) check_slices();
    compiled_ = compile(graph, context_->description(),
                        {.guard_bytes = options_.guard_bytes, .candidate = options_.candidate});
    plan_blocks();
    allocate();
    make_pipelines();
    for (const Step& step : compiled_.steps) {
        sites_.push_back(step.reports ? context_->allocate_site() : Context::kNoSite);
    }
    write_constants();
    slots_.resize(options_.slots);
    for (Slot& slot : slots_) {
        slot.prologue = commands_.allocate("prologue");
        slot.epilogue = commands_.allocate("epilogue");
    }
    for (const Step& step : compiled_.steps) {
        const std::uint32_t groups =
            is_cut(step) ? step.call.groups[axis_to_cut(step.call.groups)] : 1;
        work_.push_back({step.estimate_ns, groups});
    }
    prepare();
}

// Drivers take milliseconds for each, so as many at once as there are cores.
void Executable::make_pipelines() {
    pipelines_.resize(compiled_.steps.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < pipelines_.size(); i = next++) {
            pipelines_[i] = &pipeline_for(context_->device(), compiled_.steps[i].call,
                                          {.is_cut = is_cut(compiled_.steps[i])});
        }
    };
    const std::size_t cores = std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
    std::vector<std::future<void>> others;
    for (std::size_t i = 1; i < std::min(cores, pipelines_.size()); ++i) {
        others.push_back(std::async(std::launch::async, work));
    }
    work();
    for (std::future<void>& other : others)
        other.get();
}

void Executable::plan_blocks() {
    const graph::Body& body = compiled_.body;
    for (graph::ValueId id = 0; id < body.values.size(); ++id) {
        const graph::Value& value = body.values[id];
        const std::uint64_t offset = compiled_.memory.values[id].offset_bytes;
        if (value.kind == graph::ValueKind::kInput) {
            inputs_.push_back({value.leaf.get(), value.name, value.spec, offset});
        } else if (value.kind == graph::ValueKind::kScalar) {
            scalars_.push_back({value.cell, offset});
        }
    }
    for (const graph::BodyOutput& output : body.outputs) {
        const graph::Placement& place = compiled_.memory.values[output.use.value];
        const DType dtype = output.tensor.dtype();
        ResolvedOperand from;
        from.kind = place.region == graph::Region::kState ? ResolvedOperand::Kind::kState
                                                          : ResolvedOperand::Kind::kArena;
        from.slab = place.slab;
        from.offset_bytes =
            place.offset_bytes +
            static_cast<std::uint64_t>(output.use.view.offset) * size_bytes_of(dtype);
        from.size_bytes = graph::size_bytes_of(output.tensor.spec());
        results_.push_back({output.tensor, from, results_bytes_});
        results_bytes_ += graph::align_up(from.size_bytes);
    }
    results_bytes_ += Context::kStatusBytes;  // the status words come last
}

void Executable::allocate() {
    const graph::MemoryPlan& plan = compiled_.memory;
    vk::Heap& heap = context_->device().heap();
    const auto take = [&](std::uint64_t size, vk::MemoryUse use, const char* name) {
        vk::Block block = heap.allocate(size, use, name);
        planned_bytes_ += block_bytes(size);
        context_->planned_bytes += block_bytes(size);
        return block;
    };
    try {
        for (const graph::Placement& place : plan.values) {
            if (place.region == graph::Region::kState) context_->materialise(*place.slab);
        }
        for (const graph::PlannedCopy& copy : plan.copies) {
            if (copy.to.region == graph::Region::kState) context_->materialise(*copy.to.slab);
        }
        if (options_.guard_bytes) {
            guarded_arena_ = take(std::max<std::uint64_t>(plan.arena_bytes, 4),
                                  vk::MemoryUse::kDevice, "guarded activations");
        } else {
            context_->reserve_arena(plan.arena_bytes);
        }
        const std::uint64_t on_device = plan.inputs_bytes + plan.constants_bytes;
        if (on_device > 0) device_block_ = take(on_device, vk::MemoryUse::kDevice, "inputs");
        if (plan.inputs_bytes > 0) {
            upload_block_ =
                take(plan.inputs_bytes * options_.slots, vk::MemoryUse::kUpload, "input slots");
        }
        readback_block_ =
            take(results_bytes_ * options_.slots, vk::MemoryUse::kReadback, "result slots");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kOutOfMemory) throw;
        fail(ErrorKind::kOutOfMemory, "compile: {}; this step plans {} bytes of activations ({})",
             error.what(), plan.arena_bytes, largest_holders(plan));
    }
}

void Executable::write_constants() {
    const graph::Body& body = compiled_.body;
    const graph::MemoryPlan& plan = compiled_.memory;
    if (plan.constants_bytes == 0 && !options_.guard_bytes) return;
    context_->run_once([&](vk::CommandBuffer& commands) {
        for (graph::ValueId id = 0; id < body.values.size(); ++id) {
            if (body.values[id].kind != graph::ValueKind::kConstant) continue;
            commands.fill(device_block_.buffer(), plan.inputs_bytes + plan.values[id].offset_bytes,
                          4, body.values[id].word);
        }
        if (options_.guard_bytes) {
            commands.fill(guarded_arena_.buffer(), 0, guarded_arena_.size_bytes(), kGuardWord);
        }
    });
}

void Executable::prepare() {
    // It may be gone: given up for a larger one that could not be had.
    if (!options_.guard_bytes) context_->reserve_arena(compiled_.memory.arena_bytes);
    const std::uint64_t generation = context_->arena_generation();
    if (recorded_ && generation == recorded_generation_) return;
    wait_for(last_value_);
    recorded_ = false;

    const double budget_ns = piece_budget_ns();
    std::vector<Cut> cuts = recording_.cuts;
    if (recordings_ == 0) {
        cuts = cut(work_, budget_ns);
        // A step that is short by any estimate needs no closer look.
        calibrated_ = std::accumulate(work_.begin(), work_.end(), 0.0,
                                      [](double sum, const Work& work) { return sum + work.ns; }) <
                      budget_ns / 8;
    }
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        record_slot(slot);
    record_body(std::move(cuts));
    recorded_generation_ = generation;
}

void Executable::record_body(std::vector<Cut> cuts) {
    RecorderOptions how;
    how.cuts = std::move(cuts);
    if (options_.slice_ms > 0) {
        how.timing = Timing::kPieces;
    } else {
        how.timing = options_.profile || !calibrated_ ? Timing::kSteps : Timing::kWhole;
    }
    const std::uint32_t queries =
        count_of_queries(how.timing, compiled_.steps.size(), how.cuts.size() + 1);
    if (timestamps_.count() < queries) {
        timestamps_ = vk::Timestamps(context_->device(), queries, "step");
    }
    if (!timestamps_.supported()) how.timing = Timing::kNone;
    how.timestamps = &timestamps_;
    const RegionBuffers buffers{
        options_.guard_bytes ? guarded_arena_.buffer() : context_->arena(),
        {device_block_.buffer(), 0, compiled_.memory.inputs_bytes},
        {device_block_.buffer(), compiled_.memory.inputs_bytes, compiled_.memory.constants_bytes}};
    recorded_ = false;
    recording_ = record(*context_, commands_, compiled_, pipelines_, sites_, buffers,
                        std::move(recording_.pieces), how);
    recorded_ = true;
    ++recordings_;
    submission_.reserve(3);
    if (options_.slice_ms > 0) set_pace();
}

void Executable::record_slot(std::size_t index) {
    Slot& slot = slots_[index];
    const std::uint64_t inputs_bytes = compiled_.memory.inputs_bytes;
    slot.prologue.begin();
    slot.prologue.barrier();
    if (inputs_bytes > 0) {
        slot.prologue.copy({upload_block_.buffer(), index * inputs_bytes, device_block_.buffer(), 0,
                            inputs_bytes});
        slot.prologue.barrier(vk::Barrier::transfer_to_compute());
    }
    slot.prologue.end();

    slot.epilogue.begin();
    slot.epilogue.barrier(vk::Barrier::compute_to_transfer());
    const RegionBuffers buffers{
        options_.guard_bytes ? guarded_arena_.buffer() : context_->arena(), {}, {}};
    const std::uint64_t base = index * results_bytes_;
    for (const Result& result : results_) {
        const Range range = locate(*context_, buffers, result.from);
        slot.epilogue.copy({range.buffer, range.offset_bytes, readback_block_.buffer(),
                            base + result.offset_bytes, range.size_bytes});
    }
    const Range status = context_->status();
    slot.epilogue.copy({status.buffer, status.offset_bytes, readback_block_.buffer(),
                        base + results_bytes_ - Context::kStatusBytes, Context::kStatusBytes});
    slot.epilogue.barrier(vk::Barrier::transfer_to_host());
    slot.epilogue.end();
}

std::size_t Executable::next_slot() {
    prepare();
    if (!calibrated_) calibrate();
    const std::size_t index = runs_ % slots_.size();
    const Slot& slot = slots_[index];
    if (slot.run != 0) {
        wait_for(slot.timeline_value);
        check_status(slot, index);
    }
    return index;
}

void* Executable::input_memory(const Tensor& tensor, DType dtype) {
    const auto input = std::ranges::find_if(
        inputs_, [&](const FedInput& fed) { return fed.leaf == tensor.node().get(); });
    if (input == inputs_.end() || !is_stored_as(input->spec.dtype, dtype)) {
        fail(ErrorKind::kInvalidArgument, "input_memory: the graph reads no input {} as {}",
             to_string(tensor.spec()), to_string(dtype));
    }
    return upload_block_.mapped() + next_slot() * compiled_.memory.inputs_bytes +
           input->offset_bytes;
}

void Executable::run(std::span<const Feed> feeds) {
    begin(feeds);
    hand_over_rest();
}

void Executable::begin(std::span<const Feed> feeds) {
    context_->finish_open_step();
    retire_pieces();
    const std::size_t index = next_slot();
    fill_slot(index, feeds);
    slots_[index].run = ++runs_;
    context_->open_step(this);
}

void Executable::hand_over_rest() {
    while (is_open())
        submit_piece();
}

void Executable::fill_slot(std::size_t index, std::span<const Feed> feeds) {
    if (feeds.size() != inputs_.size()) {
        std::vector<std::string> names;
        for (const FedInput& input : inputs_)
            names.push_back(input.name);
        fail(ErrorKind::kInvalidArgument, "run: {} inputs were fed, the graph reads {} ({})",
             feeds.size(), inputs_.size(), fmt::join(names, ", "));
    }
    std::byte* const to = upload_block_.mapped() + index * compiled_.memory.inputs_bytes;
    for (const FedInput& input : inputs_) {
        const auto feed = std::find_if(feeds.begin(), feeds.end(), [&](const Feed& candidate) {
            return candidate.first.node().get() == input.leaf;
        });
        if (feed == feeds.end()) {
            fail(ErrorKind::kInvalidArgument, "run: input '{}' {} was not fed", input.name,
                 to_string(input.spec));
        }
        const HostView& data = feed->second;
        if (!is_stored_as(input.spec.dtype, data.dtype) || data.count != input.spec.shape.count()) {
            fail(ErrorKind::kInvalidArgument, "run: input '{}' is {} ({} elements), fed with {} {}",
                 input.name, to_string(input.spec), input.spec.shape.count(), data.count,
                 to_string(data.dtype));
        }
        if (data.data == to + input.offset_bytes) continue;  // of input_memory()
        std::memcpy(to + input.offset_bytes, data.data, graph::size_bytes_of(input.spec));
    }
    for (const FedScalar& scalar : scalars_) {
        const std::uint32_t word =
            scalar.cell->is_counter ? scalar.cell->word.fetch_add(1) : scalar.cell->word.load();
        std::memcpy(to + scalar.offset_bytes, &word, sizeof(word));
    }
    if (upload_block_) upload_block_.flush();
}

void Executable::submit_piece() {
    Slot& slot = slots_[(runs_ - 1) % slots_.size()];
    const bool is_last = piece_ + 1 == recording_.pieces.size();
    submission_.clear();
    if (piece_ == 0) submission_.push_back(slot.prologue.handle());
    submission_.push_back(recording_.pieces[piece_].handle());
    if (is_last) submission_.push_back(slot.epilogue.handle());
    last_value_ = context_->device().queue().submit(submission_, context_->timeline());
    if (options_.slice_ms > 0) {
        pacer_.hand_over();
        on_device_.push_back({last_value_, runs_});
    }
    ++piece_;
    if (!is_last) return;
    slot.timeline_value = last_value_;
    piece_ = 0;
    context_->close_step();
}

// Once the first step has been timed, cuts follow the measured times. The second run waits for the
// first: a host that is always ahead would never see it complete.
void Executable::calibrate() {
    if (options_.slice_ms > 0) return calibrate_slices();
    if (runs_ == 0) return;
    calibrated_ = true;
    if (recording_.timing != Timing::kSteps) return;
    wait_for(last_value_);
    std::vector<double> times_ns;
    if (!read_step_times(times_ns)) return;
    for (std::size_t i = 0; i < work_.size(); ++i)
        work_[i].ns = times_ns[i];
    std::vector<Cut> cuts = cut(work_, piece_budget_ns());
    if (options_.profile && cuts == recording_.cuts) return;
    record_again(std::move(cuts));
}

void Executable::record_again(std::vector<Cut> cuts) {
    log(LogLevel::kDebug, "step: {} submissions after calibration, {} before", cuts.size() + 1,
        recording_.cuts.size() + 1);
    record_body(std::move(cuts));
}

double Executable::piece_budget_ns() const {
    const double slice_ms = options_.slice_ms > 0 ? options_.slice_ms : HUGE_VAL;
    return std::min(slice_ms, options_.submission_budget_ms) * 1e6;
}

void Executable::wait_for(std::uint64_t value) const {
    context_->timeline().wait(value);
}

void Executable::wait() {
    if (is_open()) hand_over_rest();
    wait_for(last_value_);
    if (runs_ == 0) return;
    const std::size_t index = (runs_ - 1) % slots_.size();
    // The oldest run first: it names the first offender.
    for (std::size_t i = 1; i <= slots_.size(); ++i) {
        const std::size_t slot = (index + i) % slots_.size();
        if (slots_[slot].run != 0) check_status(slots_[slot], slot);
    }
}

std::size_t Executable::output_index(const Tensor& output) const {
    for (std::size_t i = 0; i < results_.size(); ++i) {
        if (results_[i].tensor == output) return i;
    }
    fail(ErrorKind::kInvalidArgument, "read: {} is not an output of this graph",
         output ? to_string(output.spec()) : "an empty Tensor");
}

void Executable::read(const Tensor& output, std::span<std::byte> to) {
    const Result& result = results_[output_index(output)];
    if (to.size() != result.from.size_bytes) {
        fail(ErrorKind::kInvalidArgument, "read: {} holds {} bytes, {} were asked for",
             to_string(output.spec()), result.from.size_bytes, to.size());
    }
    if (runs_ == 0) fail(ErrorKind::kInvalidArgument, "read: the program has not run yet");
    wait();
    readback_block_.invalidate();
    const std::size_t slot = (runs_ - 1) % slots_.size();
    std::memcpy(to.data(), readback_block_.mapped() + slot * results_bytes_ + result.offset_bytes,
                to.size());
}

}  // namespace ingot::exec
