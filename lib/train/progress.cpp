// SPDX-License-Identifier: MIT
// Progress: when something is written; progress_text.cpp says what. On a terminal one line is drawn
// again a few times a second, below the table of epochs.
#include "train/progress_text.h"

#include <fmt/format.h>

#if defined(_WIN32)
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace ingot::train {
namespace {

constexpr double kPlainLineEvery_s = 10;
constexpr std::chrono::milliseconds kEpochLineEvery{500};
constexpr int kUsualWidth = 80;

// Not fmt::print, which throws where nothing can be written: a full disk ends no training.
template <typename... Args>
void say(std::FILE* to, fmt::format_string<Args...> text, Args&&... args) {
    std::fputs(fmt::format(text, std::forward<Args>(args)...).c_str(), to);
}

// Of the terminal that the file is, in characters; 0: it is none.
int terminal_width(std::FILE* file) {
#if defined(_WIN32)
    return _isatty(_fileno(file)) != 0 ? kUsualWidth : 0;
#else
    if (isatty(fileno(file)) == 0) return 0;
    winsize size{};
    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
    return size.ws_col;
#endif
}

}  // namespace

Progress::Progress(ProgressOptions options) : options_(std::move(options)) {}

// The last column stays free: some terminals go to the next line with it.
int Progress::width() const {
    const int all = options_.width ? *options_.width : terminal_width(options_.to);
    return all > 1 ? all - 1 : 0;
}

void Progress::on_begin(FitState& fit) {
    last_line_s_ = 0;
    last_epoch_line_ = {};
    table_.reset();
    if (fit.epoch == 0 && fit.step == 0) return;
    say(options_.to, "resumed in epoch {} after step {} of {}\n", fit.epoch + 1, fit.step,
        fit.steps_per_epoch);
}

void Progress::on_steps(FitState& fit) {
    if (fit.step <= fit.steps_before) return;
    const int width = this->width();
    if (width == 0) {
        if (fit.epoch_time_s - last_line_s_ < kPlainLineEvery_s) return;
        last_line_s_ = fit.epoch_time_s;
    }
    clear_line();
    say(options_.to, "{}", progress_line(fit, options_.samples, width));
    line_open_ = width > 0;
    if (!line_open_) say(options_.to, "\n");
    std::fflush(options_.to);
}

void Progress::on_epoch(FitState& fit) {
    const EpochResult& epoch = fit.history.epochs.back();
    const auto number = static_cast<std::int64_t>(fit.history.epochs.size());
    last_line_s_ = 0;
    const auto now = std::chrono::steady_clock::now();
    if (number != fit.epochs && fit.stopped.empty() && now - last_epoch_line_ < kEpochLineEvery) {
        return;
    }
    last_epoch_line_ = now;
    clear_line();
    if (const int width = this->width(); width > 0) {
        if (table_ == nullptr) {
            table_ = std::make_shared<EpochTable>(epoch, fit.epochs, options_.samples, width);
            say(options_.to, "{}\n", table_->header());
        }
        say(options_.to, "{}\n", table_->row(number, epoch));
    } else {
        say(options_.to, "{}\n", epoch_line(number, fit.epochs, epoch, options_.samples));
    }
    std::fflush(options_.to);
}

void Progress::on_warning(FitState&, const std::string& warning) {
    clear_line();
    if (!options_.warnings) return;
    say(options_.to, "warning: {}\n", warning);
    std::fflush(options_.to);
}

void Progress::on_end(FitState& fit) {
    if (line_open_) say(options_.to, "\n");
    line_open_ = false;
    if (!fit.stopped.empty()) say(options_.to, "stopped: {}\n", fit.stopped);
    std::fflush(options_.to);
}

void Progress::clear_line() {
    if (line_open_) say(options_.to, "\r\x1b[K");
    line_open_ = false;
}

}  // namespace ingot::train
