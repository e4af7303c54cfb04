// SPDX-License-Identifier: MIT
// Progress: one line an epoch. On a terminal the line is drawn again a few times a second.
#include <ingot/callbacks.h>

#include <fmt/format.h>

#include <cmath>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

namespace ingot::train {
namespace {

constexpr double kPlainLineEvery_s = 10;
constexpr std::chrono::milliseconds kEpochLineEvery{500};
constexpr int kBarWidth = 24;

bool is_terminal(std::FILE* file) {
#if defined(_WIN32)
    return _isatty(_fileno(file)) != 0;
#else
    return isatty(fileno(file)) != 0;
#endif
}

// "12,345"
std::string with_commas(double value) {
    const std::string digits = fmt::format("{:.0f}", value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

// "0:42", "1:02:03"
std::string clock_time(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    if (whole >= 3600) {
        return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    }
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string scores(double loss, double accuracy) {
    std::string text = fmt::format("loss {:.4f}", loss);
    if (std::isfinite(accuracy)) text += fmt::format("  accuracy {:.1f} %", 100 * accuracy);
    return text;
}

std::string epoch_name(std::int64_t epoch, std::int64_t epochs) {
    const std::string total = std::to_string(epochs);
    return fmt::format("epoch {:>{}}/{}", epoch, total.size(), total);
}

}  // namespace

Progress::Progress(ProgressOptions options)
    : options_(std::move(options)), terminal_(is_terminal(options_.to)) {}

void Progress::on_begin(FitState& fit) {
    last_line_s_ = 0;
    last_epoch_line_ = {};
    if (fit.epoch == 0 && fit.step == 0) return;
    fmt::print(options_.to, "resumed in epoch {} after step {} of {}\n", fit.epoch + 1, fit.step,
               fit.steps_per_epoch);
}

void Progress::on_steps(FitState& fit) {
    const double here = static_cast<double>(fit.step - fit.steps_before);
    if (here <= 0) return;
    const double step_s = fit.epoch_time_s / here;
    const double left = static_cast<double>(fit.steps_per_epoch - fit.step) +
                        static_cast<double>((fit.epochs - fit.epoch - 1) * fit.steps_per_epoch);
    const double share = static_cast<double>(fit.step) / static_cast<double>(fit.steps_per_epoch);
    if (!terminal_) {
        if (fit.epoch_time_s - last_line_s_ < kPlainLineEvery_s) return;
        last_line_s_ = fit.epoch_time_s;
    }
    std::string bar;
    if (terminal_) {
        const int filled = static_cast<int>(share * kBarWidth);
        bar = fmt::format(" [{:=<{}}{:{}}]", "", filled, "", kBarWidth - filled);
    }
    clear_line();
    fmt::print(options_.to, "{}{} {:3.0f} %  {}  {} {}/s  {} left",
               epoch_name(fit.epoch + 1, fit.epochs), bar, 100 * share,
               scores(fit.loss, fit.accuracy), with_commas(fit.samples_per_s), options_.samples,
               clock_time(left * step_s));
    line_open_ = terminal_;
    if (!terminal_) fmt::print(options_.to, "\n");
    std::fflush(options_.to);
}

void Progress::on_epoch(FitState& fit) {
    const EpochResult& epoch = fit.history.epochs.back();
    last_line_s_ = 0;
    const bool last = static_cast<std::int64_t>(fit.history.epochs.size()) == fit.epochs;
    const auto now = std::chrono::steady_clock::now();
    if (!last && fit.stopped.empty() && now - last_epoch_line_ < kEpochLineEvery) return;
    last_epoch_line_ = now;
    std::string validation;
    if (std::isfinite(epoch.validation_loss)) {
        validation = "  validation " + scores(epoch.validation_loss, epoch.validation_accuracy);
    }
    clear_line();
    fmt::print(options_.to, "{}  {}{}  {} {}/s  {:.1f} s\n",
               epoch_name(static_cast<std::int64_t>(fit.history.epochs.size()), fit.epochs),
               scores(epoch.train_loss, epoch.train_accuracy), validation,
               with_commas(epoch.samples_per_s), options_.samples, epoch.time_s);
    std::fflush(options_.to);
}

void Progress::on_warning(FitState&, const std::string& warning) {
    clear_line();
    if (!options_.warnings) return;
    fmt::print(options_.to, "warning: {}\n", warning);
    std::fflush(options_.to);
}

void Progress::on_end(FitState& fit) {
    if (line_open_) fmt::print(options_.to, "\n");
    line_open_ = false;
    if (!fit.stopped.empty()) fmt::print(options_.to, "stopped: {}\n", fit.stopped);
    std::fflush(options_.to);
}

void Progress::clear_line() {
    if (line_open_) fmt::print(options_.to, "\r\x1b[K");
    line_open_ = false;
}

}  // namespace ingot::train
