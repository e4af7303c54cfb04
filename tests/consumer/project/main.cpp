// SPDX-License-Identifier: MIT
// A program of a user: it knows the public headers only. It links, and an Error thrown inside the
// library is caught by its type here, which a shared library gets wrong when it hides too much.
#if __has_include(<ingot/ingot.h>)
#include <ingot/ingot.h>
#else
#include <ingot/error.h>
#include <ingot/shape.h>
#endif

#include <cstdio>

int main() {
    const ingot::Shape shape = ingot::broadcast("example", {64, 1}, {784});
    if (ingot::to_string(shape) != "[64, 784]") return 1;
    try {
        ingot::broadcast("example", {2}, {3});
    } catch (const ingot::Error& error) {
        std::printf("caught: %s\n", error.what());
        return error.kind() == ingot::ErrorKind::kInvalidArgument ? 0 : 1;
    }
    return 1;
}
