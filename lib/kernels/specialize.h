// SPDX-License-Identifier: MIT
// Puts the specialization constants of a call into its shader's words and leaves out all that can
// not run with them: branches and switches on what is known by then, functions, bindings. Functions
// are cloned for arguments that are known, so an interpreter of constants (common/pointwise.glsl)
// becomes the calls that it would make. Drivers do the same, but only after they have inlined all
// of it: a pipeline of fifty functions and three instructions costs them seconds, its remains
// milliseconds.
//
//   known      32-bit integers, floats and bools: constants, what fold.h computes of them, local
//              variables with one store, results of functions that return nothing else
//   kept       everything else, in its order; loops are not unrolled
#pragma once

#include "kernels/kernel.h"

#include <vector>

namespace ingot {

// `constants`: bits, one word for each of kernel.constants. The result has no specialization
// constant, and those of the kernel's bindings that it may touch.
std::vector<std::uint32_t> specialize(const Kernel& kernel,
                                      std::span<const std::uint32_t> constants);

}  // namespace ingot
