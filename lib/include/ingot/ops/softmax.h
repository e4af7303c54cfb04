// SPDX-License-Identifier: MIT
// Softmax along an axis.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>

namespace ingot {

INGOT_API Tensor softmax(const Tensor& x, std::int64_t axis = -1);
INGOT_API Tensor log_softmax(const Tensor& x, std::int64_t axis = -1);

}  // namespace ingot
