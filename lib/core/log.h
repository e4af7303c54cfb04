// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/log.h>

#include <fmt/format.h>

#include <utility>

namespace ingot {

bool log_enabled();
void log_message(LogLevel level, std::string_view message);

template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
    if (log_enabled()) log_message(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace ingot
