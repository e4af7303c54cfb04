// SPDX-License-Identifier: MIT
// Sorting along an axis, of any type. The order is stable: equal elements stay in the order in
// which they came, ascending or descending. A NaN counts as the largest number, as in PyTorch.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>

namespace ingot {

// The gradient of `values` goes to the places in x that they came from.
struct Sorted {
    Tensor values;
    Tensor indices;  // i32: where in x they stood along the axis
};

struct SortOptions {
    std::int64_t axis = -1;
    bool descending = false;
};
INGOT_API Sorted sort(const Tensor& x, const SortOptions& options = {});
INGOT_API Tensor argsort(const Tensor& x, const SortOptions& options = {});  // the indices; i32

struct TopkOptions {
    std::int64_t axis = -1;
    bool largest = true;  // false: the smallest
    bool sorted = true;   // false leaves the order open; it is sorted all the same
};
// The first k of the sorted order, 1 <= k <= the size of the axis.
INGOT_API Sorted topk(const Tensor& x, std::int64_t k, const TopkOptions& options = {});

}  // namespace ingot
