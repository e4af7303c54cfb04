// SPDX-License-Identifier: MIT
// The number of this process, for names of files that no other process makes.
#pragma once

#ifdef _WIN32
#include <process.h>
#else
#include <unistd.h>
#endif

namespace ingot::io {

inline int process_id() {
#ifdef _WIN32
    return _getpid();
#else
    return ::getpid();
#endif
}

}  // namespace ingot::io
