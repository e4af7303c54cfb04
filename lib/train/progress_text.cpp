// SPDX-License-Identifier: MIT
#include "train/progress_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::train {
namespace {

constexpr int kWidestBar = 24;
constexpr int kNarrowestBar = 5;
constexpr double kLongWait = 0.1;  // of the time: said

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

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

std::string scores(double loss, double accuracy) {
    std::string text = fmt::format("loss {:.4f}", loss);
    if (std::isfinite(accuracy)) text += "  accuracy " + percent(accuracy);
    return text;
}

std::string epoch_name(std::int64_t epoch, std::int64_t epochs) {
    const std::string total = std::to_string(epochs);
    return fmt::format("epoch {:>{}}/{}", epoch, total.size(), total);
}

std::string waiting(double data_s, double time_s) {
    if (!(time_s > 0 && data_s > kLongWait * time_s)) return {};
    return fmt::format("  {:.0f} % for data", 100 * data_s / time_s);
}

}  // namespace

std::string progress_line(const FitState& fit, const std::string& samples, int width) {
    const auto here = static_cast<double>(fit.step - fit.steps_before);
    const double step_s = here > 0 ? fit.epoch_time_s / here : 0;
    const double left = static_cast<double>(fit.steps_per_epoch - fit.step) +
                        static_cast<double>((fit.epochs - fit.epoch - 1) * fit.steps_per_epoch);
    const double share = static_cast<double>(fit.step) / static_cast<double>(fit.steps_per_epoch);
    const std::string name = epoch_name(fit.epoch + 1, fit.epochs);
    const std::string done = fmt::format(" {:3.0f} %", 100 * share);
    const std::string loss = fmt::format("  loss {:.4f}", fit.loss);
    const std::string accuracy =
        std::isfinite(fit.accuracy) ? "  accuracy " + percent(fit.accuracy) : "";
    const std::string rate = fmt::format("  {} {}/s", with_commas(fit.samples_per_s), samples);
    const std::string time = fmt::format("  {} left", clock_time(left * step_s));
    const std::string wait = waiting(fit.data_s, fit.epoch_time_s);
    if (width == 0) return name + done + loss + accuracy + rate + time + wait;

    const int room = width - static_cast<int>(name.size());
    std::string rest;
    for (const std::string& candidate :
         {done + loss + accuracy + rate + time + wait, done + loss + accuracy + rate + time,
          done + loss + accuracy + time, done + loss + time, done + loss, done}) {
        rest = candidate;
        if (static_cast<int>(rest.size()) + kNarrowestBar + 3 <= room) break;
    }
    const int bar = std::min(kWidestBar, room - static_cast<int>(rest.size()) - 3);
    std::string line = name;
    if (bar >= kNarrowestBar) {
        const int filled = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar);
        line += fmt::format(" [{:=<{}}{:{}}]", "", filled, "", bar - filled);
    }
    line += rest;
    return line.substr(0, static_cast<std::size_t>(width));
}

std::string epoch_line(std::int64_t number, std::int64_t epochs, const EpochResult& epoch,
                       const std::string& samples) {
    std::string line =
        epoch_name(number, epochs) + "  " + scores(epoch.train_loss, epoch.train_accuracy);
    for (const auto& [name, value] : epoch.train_metrics)
        if (std::isfinite(value)) line += fmt::format("  {} {:.4f}", name, value);
    if (std::isfinite(epoch.validation_loss)) {
        line += "  validation " + scores(epoch.validation_loss, epoch.validation_accuracy);
        for (const auto& [name, value] : epoch.validation_metrics)
            if (std::isfinite(value)) line += fmt::format("  {} {:.4f}", name, value);
    }
    return line +
           fmt::format("  {} {}/s  {:.1f} s", with_commas(epoch.samples_per_s), samples,
                       epoch.time_s) +
           waiting(epoch.data_s, epoch.time_s);
}

EpochTable::EpochTable(const EpochResult& first, std::int64_t epochs, const std::string& samples,
                       int width)
    : width_(width) {
    const std::string total = std::to_string(epochs);
    add("epoch", 2 * total.size() + 1, [total](std::int64_t number, const EpochResult&) {
        return fmt::format("{}/{}", number, total);
    });
    const auto add_number = [&](const std::string& title, auto value, bool is_share) {
        if (!std::isfinite(value(first))) return;
        add(title, is_share ? 7 : 8, [=](std::int64_t, const EpochResult& epoch) -> std::string {
            const double number = value(epoch);
            if (!std::isfinite(number)) return "-";
            return is_share ? percent(number) : fmt::format("{:.4f}", number);
        });
    };
    const auto add_metrics = [&](const std::string& prefix, auto member) {
        for (const auto& named : first.*member) {
            add_number(
                prefix + named.first,
                [member, name = named.first](const EpochResult& epoch) {
                    const auto found = (epoch.*member).find(name);
                    return found == (epoch.*member).end() ? kNotMeasured : found->second;
                },
                false);
        }
    };
    add_number("loss", std::mem_fn(&EpochResult::train_loss), false);
    add_number("accuracy", std::mem_fn(&EpochResult::train_accuracy), true);
    add_number("val loss", std::mem_fn(&EpochResult::validation_loss), false);
    add_number("val accuracy", std::mem_fn(&EpochResult::validation_accuracy), true);
    add_metrics("", &EpochResult::train_metrics);
    add_metrics("val ", &EpochResult::validation_metrics);
    add("time", 8, [](std::int64_t, const EpochResult& epoch) {
        return fmt::format("{:.1f} s", epoch.time_s);
    });
    add(samples + "/s", 9,
        [](std::int64_t, const EpochResult& epoch) { return with_commas(epoch.samples_per_s); });
}

void EpochTable::add(const std::string& title, std::size_t width,
                     std::function<std::string(std::int64_t, const EpochResult&)> text) {
    Column column{title, std::max(width, title.size()), std::move(text)};
    const std::size_t needed = column.width + (columns_.empty() ? 0 : 2);
    if (!columns_.empty() && used_ + needed > static_cast<std::size_t>(width_)) is_full_ = true;
    if (is_full_) return;
    used_ += needed;
    columns_.push_back(std::move(column));
}

std::string EpochTable::header() const {
    std::string line;
    for (const Column& column : columns_)
        line += fmt::format("{}{:>{}}", line.empty() ? "" : "  ", column.title, column.width);
    return line;
}

std::string EpochTable::row(std::int64_t number, const EpochResult& epoch) const {
    std::string line;
    for (const Column& column : columns_)
        line += fmt::format("{}{:>{}}", line.empty() ? "" : "  ", column.text(number, epoch),
                            column.width);
    return line;
}

}  // namespace ingot::train
