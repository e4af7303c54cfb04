// SPDX-License-Identifier: MIT
#include "support/log_capture.h"

#include <atomic>
#include <cstdio>

namespace ingot::testing {
namespace {

std::atomic<int> warnings{0};

}  // namespace

void watch_log() {
    set_log_callback([](LogLevel level, std::string_view message) {
        if (level < LogLevel::kWarning) return;
        ++warnings;
        std::fprintf(stderr, "unexpected %s: %.*s\n",
                     level == LogLevel::kWarning ? "warning" : "error",
                     static_cast<int>(message.size()), message.data());
    });
}

int unexpected_warnings() {
    return warnings;
}

LogCapture::LogCapture() {
    set_log_callback([this](LogLevel level, std::string_view message) {
        lines_.push_back({level, std::string(message)});
    });
}

LogCapture::~LogCapture() {
    watch_log();
}

bool LogCapture::contains(std::string_view part) const {
    for (const Line& line : lines_) {
        if (line.message.find(part) != std::string::npos) return true;
    }
    return false;
}

}  // namespace ingot::testing
