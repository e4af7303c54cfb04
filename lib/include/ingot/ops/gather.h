// SPDX-License-Identifier: MIT
// Reading and writing at places given by indices: i32, counted from 0. An index outside the axis is
// found on the device: the step changes nothing, and the next run or read names the first offender.
// All results and gradients are the same bits in every run: sums have a fixed order.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <optional>

namespace ingot {

struct EmbeddingOptions {
    // The row of `weight` that gets no gradient; it is looked up as any other. From the back when
    // negative. Default: none.
    std::optional<std::int64_t> padding_idx;
};
// weight [V, D], indices i32 [...] -> [..., D]: row indices[...] of the weight.
INGOT_API Tensor embedding(const Tensor& weight, const Tensor& indices,
                           const EmbeddingOptions& options = {});

// x [.., N, ..] of any type, indices i32 [K] -> [.., K, ..]: y[.., k, ..] = x[.., indices[k], ..].
INGOT_API Tensor index_select(const Tensor& x, std::int64_t axis, const Tensor& indices);

// y[.., k, ..] = x[.., index[.., k, ..], ..]. x of any type, index i32 of the same rank, along the
// other axes at most as large as x; y has the shape of the index.
INGOT_API Tensor gather(const Tensor& x, std::int64_t axis, const Tensor& index);
INGOT_API Tensor take_along_axis(const Tensor& x, const Tensor& index, std::int64_t axis);

// x with x[.., index[.., k, ..], ..] = source[.., k, ..]. Of any type. The index agrees with x but
// for `axis`, and is at most as large as the source. Of several elements for one place that of the
// largest k stays, and it alone has a gradient.
INGOT_API Tensor scatter(const Tensor& x, std::int64_t axis, const Tensor& index,
                         const Tensor& source);

// x with source[.., k, ..] added to x[.., index[.., k, ..], ..], for all k in their order. f32;
// shapes as for scatter. The error grows with the number of terms that meet in one place.
INGOT_API Tensor scatter_add(const Tensor& x, std::int64_t axis, const Tensor& index,
                             const Tensor& source);

// x [.., N, ..] with source[.., k, ..] added to x[.., indices[k], ..]; indices i32 [K].
INGOT_API Tensor index_add(const Tensor& x, std::int64_t axis, const Tensor& indices,
                           const Tensor& source);

// i32 [...] -> [..., classes] of `dtype`, any: 1 where the last axis is the index, else 0.
INGOT_API Tensor one_hot(const Tensor& indices, std::int64_t classes, DType dtype = f32);

}  // namespace ingot
