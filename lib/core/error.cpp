// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <string_view>

namespace ingot {

const char* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kInvalidArgument: return "invalid argument";
        case ErrorKind::kUnsupported: return "unsupported";
        case ErrorKind::kNoDevice: return "no device";
        case ErrorKind::kOutOfMemory: return "out of memory";
        case ErrorKind::kDeviceLost: return "device lost";
        case ErrorKind::kData: return "data";
        case ErrorKind::kFile: return "file";
        case ErrorKind::kInternal: return "internal";
    }
    return "unknown";
}

void check_failed(const char* expression, const char* file, int line) {
    const std::string_view path = file;
    const auto slash = path.find_last_of('/');
    throw Error(
        ErrorKind::kInternal,
        fmt::format("internal error, please report it: check failed: {} ({}:{})", expression,
                    slash == std::string_view::npos ? path : path.substr(slash + 1), line));
}

}  // namespace ingot
