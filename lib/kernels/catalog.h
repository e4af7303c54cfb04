// SPDX-License-Identifier: MIT
// All shaders of the library, by name: the table that shaderpack generates at build time. Static
// constant data, sorted by name; nothing happens at start-up.
#pragma once

#include "kernels/kernel.h"

namespace ingot {

std::span<const Kernel> catalog();

// A name that is not there is our bug: throws an internal error that says which.
const Kernel& find_kernel(std::string_view name);

}  // namespace ingot
