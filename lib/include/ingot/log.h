// SPDX-License-Identifier: MIT
// The library never prints. It says what a user may want to know through one callback; without one
// it is silent. The callback may be called from any thread, one call at a time.
#pragma once

#include <ingot/export.h>

#include <functional>
#include <string_view>

namespace ingot {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogCallback = std::function<void(LogLevel, std::string_view message)>;

INGOT_API void set_log_callback(LogCallback callback);  // an empty one turns the log off

}  // namespace ingot
