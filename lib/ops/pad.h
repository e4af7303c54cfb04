// SPDX-License-Identifier: MIT
// placed: a tensor laid into a larger one of equal elements; what undoes a slice.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <vector>

namespace ingot::ops {

struct AxisPlace {
    std::int64_t axis;
    std::int64_t begin;     // where element 0 comes to lie, at least 0
    std::int64_t step = 1;  // from one element to the next, at least 1
};

// y of `shape` with y[begin + step * i] = x[i] along the axes named, `fill` (a word in the dtype of
// x) elsewhere. Along the other axes the sizes agree.
Tensor placed(const Tensor& x, const Shape& shape, const std::vector<AxisPlace>& axes,
              std::uint32_t fill = 0);

}  // namespace ingot::ops
