// SPDX-License-Identifier: MIT
// What gather and scatter share, each other's gradients as they are, and what other operators use
// of them.
#pragma once

#include "graph/group.h"
#include "shaders/gather.h"

#include <ingot/tensor.h>

#include <cstdint>

namespace ingot::ops {

// Along one axis: a large tensor [A, size, inner] and a small one [A, count, inner] with indices of
// its shape, or i32 [count] alike for all.
struct IndexAttributes {
    std::size_t axis;
    std::int64_t size;
    bool elementwise;
    std::int64_t left_out = -1;  // an index whose row gets no sum
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("size", size);
        visit("elementwise", elementwise);
        visit("left_out", left_out);
    }
};

// `small` is the shape beside the indices; `rows` counts along the axis of what is written.
shaders::GatherParameters gather_parameters(std::string_view operation,
                                            const IndexAttributes& index, const Shape& small,
                                            bool writes_small);

// small [A, count, inner] = large at the indices.
Tensor gathered(const Tensor& large, const Tensor& indices, const IndexAttributes& index);
// large [A, size, inner] = the sum of what the indices send to each place.
Tensor scattered_sum(const Tensor& small, const Tensor& indices, const IndexAttributes& index);
// large [.., size, ..] = 0 but for y[.., places[.., k, ..], ..] = d[.., k, ..], where the places
// are all different and known to lie inside.
Tensor put_back(const Tensor& d, const Tensor& places, std::size_t axis, std::int64_t size);

}  // namespace ingot::ops
