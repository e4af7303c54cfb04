// SPDX-License-Identifier: MIT
// operator new of this test program counts what a thread takes while it says so.
#pragma once

#include <cstddef>

namespace ingot::testing {

extern thread_local bool counting_new;
extern thread_local std::size_t counted_new;

}  // namespace ingot::testing
