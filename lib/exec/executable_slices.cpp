// SPDX-License-Identifier: MIT
// A step in slices: for an application that draws and can spare the device for a few milliseconds a
// frame. Nothing here waits.
#include "exec/executable.h"

#include "core/check.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ingot::exec {
namespace {

// Many drivers compile a kernel when it first runs, so that run tells nothing.
constexpr std::uint64_t kUnmeasuredRuns = 1;

bool is_alike(std::size_t a, std::size_t b) {
    return 10 * std::max(a, b) <= 11 * std::min(a, b);
}

}  // namespace

void Executable::check_slices() const {
    if (!(options_.slice_ms > 0)) {
        fail(ErrorKind::kInvalidArgument, "compile: slices of {} ms; more than 0 are possible",
             options_.slice_ms);
    }
    if (options_.profile) {
        fail(ErrorKind::kInvalidArgument,
             "compile: `profile` times kernels, `slice_ms` pieces of them; choose one");
    }
    if (context_->device().limits().timestamp_valid_bits == 0) {
        fail(ErrorKind::kUnsupported,
             "compile: slices are cut by measured times, and the queue of {} has no timestamps",
             context_->info().name);
    }
}

// Groups of our own kernels know nothing of each other. A user's may.
bool Executable::is_cut(const Step& step) const {
    return options_.slice_ms > 0 && !step.call.kernel->is_foreign;
}

void Executable::set_pace() {
    pacer_ = Pacer(times_of_pieces(work_, recording_.cuts));
    on_device_.clear();
}

bool Executable::advance(std::span<const Feed> feeds, double budget_ms) {
    if (options_.slice_ms == 0) {
        fail(ErrorKind::kInvalidArgument,
             "advance: the program was compiled without CompileOptions::slice_ms");
    }
    if (std::isnan(budget_ms)) {
        fail(ErrorKind::kInvalidArgument, "advance: a budget of {} ms", budget_ms);
    }
    const double budget_ns = budget_ms * 1e6;
    retire_pieces();
    if (!is_open()) {
        if (!pacer_.admits(budget_ns) || !next_slot_is_free()) return false;
        begin(feeds);
    }
    while (is_open()) {
        if (!pacer_.admits(budget_ns)) return false;
        submit_piece();
    }
    return true;
}

bool Executable::next_slot_is_free() const {
    const Slot& slot = slots_[runs_ % slots_.size()];
    return slot.run == 0 || context_->timeline().is_complete(slot.timeline_value);
}

void Executable::retire_pieces() {
    if (on_device_.empty()) return;
    const std::uint64_t completed = context_->timeline().completed();
    while (!on_device_.empty() && on_device_.front().timeline_value <= completed) {
        const std::uint64_t run = on_device_.front().run;
        const std::size_t piece = pacer_.oldest();
        on_device_.pop_front();
        std::array<std::uint64_t, 2> ticks{};
        const bool is_known = timestamps_.read_ns(static_cast<std::uint32_t>(2 * piece), ticks);
        const auto taken_ns = static_cast<double>(ticks[1]);
        if (is_known) busy_ns_ += taken_ns;
        if (is_known && run > kUnmeasuredRuns) {
            pacer_.finish(taken_ns);
        } else {
            pacer_.finish();
        }
    }
}

// Between two steps, when the device has nothing of this program: recording again would wait for
// it.
void Executable::calibrate_slices() {
    if (runs_ < calibrate_at_run_ || !on_device_.empty()) return;
    std::vector<double> taken_ns;
    for (std::size_t piece = 0; piece < recording_.pieces.size(); ++piece) {
        if (!pacer_.is_measured(piece)) return;
        taken_ns.push_back(pacer_.mean_ns(piece));
    }
    const bool is_first = calibrate_at_run_ == kFirstCalibration;
    calibrate_at_run_ *= 3;
    const auto times_ns = times_of_dispatches(work_, recording_.cuts, taken_ns);
    for (std::size_t i = 0; i < work_.size(); ++i)
        work_[i].ns = times_ns[i];
    std::vector<Cut> cuts = cut(work_, piece_budget_ns());
    if (!is_first && is_alike(cuts.size() + 1, recording_.pieces.size())) return;
    record_again(std::move(cuts));
}

}  // namespace ingot::exec
