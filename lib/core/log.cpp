// SPDX-License-Identifier: MIT
#include "core/log.h"

#include <atomic>
#include <mutex>

namespace ingot {
namespace {

std::mutex mutex;
LogCallback callback;
std::atomic<bool> enabled{false};

}  // namespace

void set_log_callback(LogCallback new_callback) {
    const std::scoped_lock lock(mutex);
    callback = std::move(new_callback);
    enabled = static_cast<bool>(callback);
}

bool log_enabled() {
    return enabled.load(std::memory_order_relaxed);
}

void log_message(LogLevel level, std::string_view message) {
    const std::scoped_lock lock(mutex);
    if (callback) callback(level, message);
}

}  // namespace ingot
