// SPDX-License-Identifier: MIT
// The rows of pointwise_ops.h as C++ enumerators: k_add, k_relu, ...
#pragma once

#include <cstdint>

namespace ingot::graph {

enum Opcode : std::uint32_t {
#define FLOAT(number, name, arity, result) k_##name = number,
#define WORD(number, name, arity, result) k_##name = number,
#include "shaders/pointwise_ops.h"
#undef FLOAT
#undef WORD
};

}  // namespace ingot::graph
