// SPDX-License-Identifier: MIT
// In a file of its own: compilers that see both ends of a replaced operator call them mismatched.
#include "counting_new.h"

#include <cstdlib>
#include <new>

namespace ingot::testing {

thread_local bool counting_new = false;
thread_local std::size_t counted_new = 0;

}  // namespace ingot::testing

// The nothrow forms too: a sanitizer would find memory of its own given back to us.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (ingot::testing::counting_new) ++ingot::testing::counted_new;
    return std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
    if (void* memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
