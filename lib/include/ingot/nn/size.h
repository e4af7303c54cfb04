// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace ingot::nn {

// Depth, height and width of a window: as many of them, from the last, as there are axes. One
// number stands for all: .kernel = 3, .kernel = {3, 5}.
template <std::size_t Axes>
struct Size {
    std::array<std::int64_t, Axes> axes;

    Size(std::int64_t all) { axes.fill(all); }  // NOLINT: .kernel = 3
    template <std::convertible_to<std::int64_t>... Sizes>
    requires(Axes > 1 && sizeof...(Sizes) == Axes) Size(Sizes... sizes)
        : axes{static_cast<std::int64_t>(sizes)...} {}

    std::int64_t operator[](std::size_t axis) const { return axes[axis]; }
    bool operator==(const Size&) const = default;
};
using Size1 = Size<1>;
using Size2 = Size<2>;
using Size3 = Size<3>;

}  // namespace ingot::nn
