// SPDX-License-Identifier: MIT
// Executable: a compiled step on a device, and its replay.
//
// Of everything that changes from run to run there are `slots`: the host fills slot k with inputs
// and scalars while the runs before it are on the device, a recorded prologue copies the slot in,
// the body runs, and an epilogue copies outputs and status out to slot k. A slot is used again when
// its run is over; that is the only thing run() ever waits for.
//
// A step may be handed over in slices: advance() submits as many pieces as a Pacer admits, and the
// context keeps everybody else away until the step is whole (executable_slices.cpp).
#pragma once

#include "exec/pacer.h"
#include "exec/recorder.h"

#include <ingot/device.h>

#include <deque>
#include <string>
#include <vector>

namespace ingot::exec {

class Executable final : public OpenStep {
public:
    Executable(std::shared_ptr<Context> context, const Graph& graph, const CompileOptions& options);
    ~Executable();
    Executable(const Executable&) = delete;
    Executable& operator=(const Executable&) = delete;

    void run(std::span<const Feed> feeds);
    bool advance(std::span<const Feed> feeds, double budget_ms);
    void* input_memory(const Tensor& input, DType dtype);
    void read(const Tensor& output, std::span<std::byte> to);
    void wait();

    std::size_t output_index(const Tensor& output) const;
    ProgramStats stats();
    void set_profile(bool on);
    std::vector<KernelTime> kernel_times();
    std::string to_text() const;
    const std::vector<std::string>& candidates() const { return compiled_.candidates; }
    void check_guards();

private:
    static constexpr std::uint32_t kGuardWord = 0xdeadbeef;

    struct Slot {
        vk::CommandBuffer prologue, epilogue;
        std::uint64_t timeline_value = 0;  // reached when its run is over
        std::uint64_t run = 0;             // which one, from 1; 0: never used
    };
    struct FedInput {
        const graph::Node* leaf;
        std::string name;
        TensorSpec spec;
        std::uint64_t offset_bytes;
    };
    struct FedScalar {
        std::shared_ptr<graph::ScalarCell> cell;
        std::uint64_t offset_bytes;
    };
    struct Result {
        Tensor tensor;
        ResolvedOperand from;
        std::uint64_t offset_bytes;
    };

    struct PieceOnDevice {
        std::uint64_t timeline_value;
        std::uint64_t run;
    };

    void set_up(const Graph& graph);
    void release() noexcept;
    void make_pipelines();
    void plan_blocks();
    void allocate();
    void write_constants();
    void prepare();  // records what is not recorded yet, or no longer right
    void record_body(std::vector<Cut> cuts);
    void record_again(std::vector<Cut> cuts);
    void record_slot(std::size_t slot);
    void calibrate();
    void calibrate_slices();
    std::size_t next_slot();  // waits until the device has let go of it
    void fill_slot(std::size_t slot, std::span<const Feed> feeds);
    void begin(std::span<const Feed> feeds);  // the step is open from here on
    bool is_open() const { return context_->is_open(this); }
    void submit_piece();
    void hand_over_rest() override;
    bool next_slot_is_free() const;
    void check_slices() const;
    bool is_cut(const Step& step) const;
    double piece_budget_ns() const;
    void set_pace();
    void retire_pieces();
    void check_status(const Slot& slot, std::size_t index);
    std::string describe_offender(std::size_t step, std::uint32_t index, std::size_t slot) const;
    std::uint32_t fed_word(std::size_t slot, std::uint64_t offset_bytes) const;
    bool read_step_times(std::vector<double>& times_ns) const;
    void wait_for(std::uint64_t value) const;

    std::shared_ptr<Context> context_;
    vk::CommandPool commands_;
    CompileOptions options_;
    Compiled compiled_;
    std::vector<FedInput> inputs_;
    std::vector<FedScalar> scalars_;
    std::vector<Result> results_;
    std::uint64_t results_bytes_ = 0;

    vk::Block device_block_;    // inputs, then constants
    vk::Block upload_block_;    // a slot of inputs after the other
    vk::Block readback_block_;  // a slot of results and status after the other
    vk::Block guarded_arena_;   // of its own, with guards
    std::uint64_t planned_bytes_ = 0;

    std::vector<const vk::Pipeline*> pipelines_;
    std::vector<std::uint32_t> sites_;  // by step; Context::kNoSite where it reports nothing
    vk::Timestamps timestamps_;
    Recording recording_;
    std::vector<Slot> slots_;
    std::uint64_t runs_ = 0;
    std::uint64_t recorded_generation_ = 0;
    bool recorded_ = false;  // false again while a recording is made anew
    std::uint32_t recordings_ = 0;
    bool calibrated_ = false;
    std::size_t piece_ = 0;  // of the open step, the next to submit

    // With CompileOptions::slice_ms:
    std::vector<Work> work_;  // of each step, as far as it is known
    Pacer pacer_;
    std::deque<PieceOnDevice> on_device_;  // the oldest first, as in the pacer
    static constexpr std::uint64_t kFirstCalibration = 3;
    std::uint64_t calibrate_at_run_ = kFirstCalibration;  // the next; then at three times as many
    double busy_ns_ = 0;                                  // all that was measured

    std::uint64_t last_value_ = 0;  // of the timeline, when the last run is over
    std::vector<VkCommandBuffer> submission_;
};

}  // namespace ingot::exec
