// SPDX-License-Identifier: MIT
// What families with one, two and three axes share. Their layers are templates of the number of
// axes; the operators are functions of their own for each.
#pragma once

#include <ingot/nn/size.h>

#include <array>

namespace ingot::nn {

constexpr auto kLayouts = std::array{"[B, C, L]", "[B, C, H, W]", "[B, C, D, H, W]"};

// As the options of an operator want it: a number where there is one axis, else an array.
template <std::size_t Axes>
auto sizes_of(const Size<Axes>& size) {
    if constexpr (Axes == 1) {
        return size[0];
    } else {
        return size.axes;
    }
}

}  // namespace ingot::nn
