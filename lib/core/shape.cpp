// SPDX-License-Identifier: MIT
#include <ingot/shape.h>

#include "core/check.h"

#include <algorithm>
#include <limits>

namespace ingot {

Shape::Shape(std::initializer_list<std::int64_t> sizes)
    : Shape(std::span<const std::int64_t>(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const std::int64_t> sizes) : rank_(sizes.size()) {
    if (sizes.size() > kMaxRank) {
        fail(ErrorKind::kInvalidArgument, "shape: {} axes, at most {} are supported", sizes.size(),
             kMaxRank);
    }
    std::int64_t count = 1;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        const std::int64_t size = sizes[axis];
        if (size < 0) {
            fail(ErrorKind::kInvalidArgument, "shape: axis {} has the negative size {}", axis,
                 size);
        }
        if (size > 0 && count > std::numeric_limits<std::int64_t>::max() / size) {
            fail(ErrorKind::kInvalidArgument, "shape: more than 2^63 elements");
        }
        count *= size;
        sizes_[axis] = size;
    }
}

std::int64_t Shape::count() const {
    std::int64_t count = 1;
    for (const std::int64_t size : *this)
        count *= size;
    return count;
}

Shape Shape::with(std::size_t axis, std::int64_t size) const {
    INGOT_CHECK(axis < rank_);
    Shape result = *this;
    result.sizes_[axis] = size;
    return result;
}

Shape Shape::without(std::size_t axis) const {
    INGOT_CHECK(axis < rank_);
    Shape result = *this;
    std::copy(sizes_.begin() + axis + 1, sizes_.begin() + rank_, result.sizes_.begin() + axis);
    result.sizes_[--result.rank_] = 0;
    return result;
}

Shape Shape::inserted(std::size_t axis, std::int64_t size) const {
    INGOT_CHECK(axis <= rank_ && rank_ < kMaxRank);
    Shape result = *this;
    std::copy_backward(sizes_.begin() + axis, sizes_.begin() + rank_,
                       result.sizes_.begin() + rank_ + 1);
    result.sizes_[axis] = size;
    ++result.rank_;
    return result;
}

bool Shape::operator==(const Shape& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
}

std::string to_string(const Shape& shape) {
    return fmt::format("[{}]", fmt::join(shape.sizes(), ", "));
}

Strides contiguous_strides(const Shape& shape) {
    Strides strides{};
    std::int64_t stride = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        strides[axis] = stride;
        stride *= shape[axis];
    }
    return strides;
}

Shape broadcast(const char* operation, const Shape& a, const Shape& b) {
    const std::size_t rank = std::max(a.rank(), b.rank());
    std::array<std::int64_t, Shape::kMaxRank> sizes{};
    for (std::size_t back = 1; back <= rank; ++back) {
        const std::int64_t size_a = back <= a.rank() ? a[a.rank() - back] : 1;
        const std::int64_t size_b = back <= b.rank() ? b[b.rank() - back] : 1;
        if (size_a != size_b && size_a != 1 && size_b != 1) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: shapes {} and {} cannot be broadcast together: sizes {} and {} meet {} "
                 "from the last axis",
                 operation, to_string(a), to_string(b), size_a, size_b, back - 1);
        }
        sizes[rank - back] = size_a == 1 ? size_b : size_a;
    }
    return Shape(std::span<const std::int64_t>(sizes.data(), rank));
}

std::size_t resolve_axis(const char* operation, std::int64_t axis, const Shape& shape) {
    const auto rank = static_cast<std::int64_t>(shape.rank());
    if (axis < -rank || axis >= rank) {
        fail(ErrorKind::kInvalidArgument, "{}: axis {} does not exist in {} ({} axes)", operation,
             axis, to_string(shape), rank);
    }
    return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

}  // namespace ingot
