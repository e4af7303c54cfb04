// SPDX-License-Identifier: MIT
// pack: tensors laid at given offsets of a state that is kept for them alone.
#pragma once

#include "graph/state.h"

#include <memory>
#include <span>
#include <vector>

namespace ingot::ops {

// f32, of the state's spec. What lies between the tensors stays zero.
Tensor pack(std::span<const Tensor> tensors, const std::shared_ptr<graph::State>& into,
            std::vector<std::uint64_t> offset_bytes);

}  // namespace ingot::ops
