// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/shape.h>

#include <cstdint>

namespace ingot::data {

// How a sample divides into channels that are normalised alike: axis 0 of two or more axes, else
// each element for itself.
inline std::int64_t channel_count(const Shape& sample_shape) {
    return sample_shape.rank() >= 2 ? sample_shape[0] : sample_shape.count();
}

}  // namespace ingot::data
