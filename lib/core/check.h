// SPDX-License-Identifier: MIT
// How the library says no: fail() throws an Error with a formatted message; INGOT_CHECK guards our
// own invariants with expression, file and line, and never validates what a user handed in.
#pragma once

#include <ingot/error.h>

#include <fmt/format.h>

#include <utility>

namespace ingot {

template <typename... Args>
[[noreturn]] void fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace ingot

#define INGOT_CHECK(expression) \
    ((expression) ? static_cast<void>(0) : ::ingot::check_failed(#expression, __FILE__, __LINE__))
