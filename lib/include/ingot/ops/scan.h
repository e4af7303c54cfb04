// SPDX-License-Identifier: MIT
// Running sums and products along an axis.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>

namespace ingot {

struct CumsumOptions {
    bool reverse = false;    // from the last element to the first
    bool exclusive = false;  // without the element itself: the first is 0
};
// y[i] = x[0] + ... + x[i]; floats, or i32, which wraps, also of u8 and bool. The order of the
// additions depends on sizes and device alone; the error is at most about (512 + N / 512) 2^-24
// times the sum of the magnitudes.
INGOT_API Tensor cumsum(const Tensor& x, std::int64_t axis, const CumsumOptions& options = {});

struct CumprodOptions {
    bool reverse = false;    // from the last element to the first
    bool exclusive = false;  // without the element itself: the first is 1
};
// y[i] = x[0] ... x[i]; types as of cumsum. Long rows are multiplied in parts, whose products
// may overflow where those of the whole would not yet. The gradient is right where elements are 0,
// second derivatives only where none is.
INGOT_API Tensor cumprod(const Tensor& x, std::int64_t axis, const CumprodOptions& options = {});

}  // namespace ingot
