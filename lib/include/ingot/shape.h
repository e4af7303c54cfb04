// SPDX-License-Identifier: MIT
// The sizes of a tensor, outermost axis first. Row-major: the last axis is contiguous. A shape of
// rank 0, printed [], is a scalar with one element. At most kMaxRank axes; sizes are never
// negative.
#pragma once

#include <ingot/export.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace ingot {

class INGOT_API Shape {
public:
    static constexpr std::size_t kMaxRank = 8;

    Shape() = default;
    Shape(
        std::initializer_list<std::int64_t> sizes);  // throws on a negative size or rank > kMaxRank
    explicit Shape(std::span<const std::int64_t> sizes);

    std::size_t rank() const { return rank_; }
    std::int64_t operator[](std::size_t axis) const { return sizes_[axis]; }
    std::int64_t count() const;  // elements; 1 for a scalar
    std::span<const std::int64_t> sizes() const { return {sizes_.data(), rank_}; }
    const std::int64_t* begin() const { return sizes_.data(); }
    const std::int64_t* end() const { return sizes_.data() + rank_; }

    // The same shape with one axis replaced, removed or added in front of `axis`.
    Shape with(std::size_t axis, std::int64_t size) const;
    Shape without(std::size_t axis) const;
    Shape inserted(std::size_t axis, std::int64_t size) const;

    bool operator==(const Shape& other) const;

private:
    std::array<std::int64_t, kMaxRank> sizes_{};
    std::size_t rank_ = 0;
};

INGOT_API std::string to_string(const Shape& shape);  // "[64, 784]"

// Strides in elements.
using Strides = std::array<std::int64_t, Shape::kMaxRank>;
INGOT_API Strides contiguous_strides(const Shape& shape);

// The shape two operands are broadcast to: aligned at the last axis, sizes equal or one of them 1
// (NumPy's rule). Throws naming `operation` and both shapes.
INGOT_API Shape broadcast(const char* operation, const Shape& a, const Shape& b);

// An axis counted from the back when negative: -1 is the last. Throws naming `operation`.
INGOT_API std::size_t resolve_axis(const char* operation, std::int64_t axis, const Shape& shape);

}  // namespace ingot
