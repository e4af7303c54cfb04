// SPDX-License-Identifier: MIT
// The shape algebra of windows over one to three axes, for convolutions and pooling. Inside there
// are always three axes, outermost first; those that an operator lacks come first and have size 1.
#pragma once

#include <ingot/shape.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ingot::ops {

using Triple = std::array<std::int64_t, 3>;  // depth, height, width

// What kernels count in signed words: the positions of an axis, and the elements of a tensor.
inline constexpr std::int64_t kMostPositions = std::int64_t{1} << 30;
inline constexpr std::int64_t kMostElements = (std::int64_t{1} << 31) - 1;

// `values` for the last axes, `rest` for those in front.
inline Triple triple_of(std::span<const std::int64_t> values, std::int64_t rest) {
    Triple triple{rest, rest, rest};
    for (std::size_t i = 0; i < values.size(); ++i) {
        triple[3 - values.size() + i] = values[i];
    }
    return triple;
}
inline Triple triple_of(const Shape& shape, std::size_t axes) {
    return triple_of(shape.sizes().subspan(shape.rank() - axes), 1);
}
inline std::int64_t product(const Triple& triple) {
    return triple[0] * triple[1] * triple[2];
}
inline std::vector<std::int64_t> last_axes(const Triple& triple, std::size_t axes) {
    return {triple.end() - static_cast<std::ptrdiff_t>(axes), triple.end()};
}
// [first, second, the last `axes` of triple]
inline Shape shape_of(std::int64_t first, std::int64_t second, const Triple& triple,
                      std::size_t axes) {
    std::vector<std::int64_t> sizes = last_axes(triple, axes);
    sizes.insert(sizes.begin(), {first, second});
    return Shape(sizes);
}

// One number or one for each axis, as options have them.
inline std::span<const std::int64_t> values(const std::int64_t& one) {
    return {&one, 1};
}
template <std::size_t axes>
std::span<const std::int64_t> values(const std::array<std::int64_t, axes>& several) {
    return several;
}

// "width" for axis 2 of three, as errors name it; "length" where there is no other.
const char* axis_name(std::size_t axis, std::size_t axes);

// Throws, naming `operation`, when there are more than kMostElements; never overflows.
void check_count(const char* operation, const Shape& shape);

}  // namespace ingot::ops
