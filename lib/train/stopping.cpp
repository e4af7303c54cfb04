// SPDX-License-Identifier: MIT
// Callbacks that end a run: the clock, a loss that is no number, the person at the keyboard.
#include "core/check.h"

#include <ingot/callbacks.h>

#include <cmath>
#include <csignal>

namespace ingot::train {

TimeLimit::TimeLimit(double seconds) : seconds_(seconds) {
    if (!(seconds > 0)) {
        fail(ErrorKind::kInvalidArgument, "TimeLimit: {} seconds, it must be above 0", seconds);
    }
}

void TimeLimit::on_begin(FitState&) {
    begin_ = std::chrono::steady_clock::now();
}

void TimeLimit::on_steps(FitState& fit) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    if (passed.count() >= seconds_) fit.stop(fmt::format("{} s have passed", seconds_));
}

void StopOnNonFinite::on_begin(FitState& fit) {
    looked_at_ = fit.history.step_losses.size();
}

void StopOnNonFinite::on_steps(FitState& fit) {
    for (; looked_at_ < fit.history.step_losses.size(); ++looked_at_) {
        const float loss = fit.history.step_losses[looked_at_];
        if (std::isfinite(loss)) continue;
        fit.stop(fmt::format("the loss of step {} is {}", looked_at_ + 1, loss));
        return;
    }
}

namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int signal) {
    interrupted = 1;
    std::signal(signal, SIG_DFL);  // the second time ends the process
}

}  // namespace

void StopOnInterrupt::on_begin(FitState&) {
    interrupted = 0;
    former_ = std::signal(SIGINT, interrupt);
}

void StopOnInterrupt::on_steps(FitState& fit) {
    if (interrupted != 0) fit.stop("interrupted");
}

void StopOnInterrupt::on_end(FitState&) {
    std::signal(SIGINT, former_ == SIG_ERR ? SIG_DFL : former_);
}

}  // namespace ingot::train
