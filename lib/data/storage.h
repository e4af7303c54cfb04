// SPDX-License-Identifier: MIT
// What all views of a dataset share. Never changed after it is built.
#pragma once

#include <ingot/dataset.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::data {

struct Dataset::Storage {
    HostTensor inputs;   // f32 or u8 [N, sample...]
    HostTensor targets;  // i32 [N], or f32 [N, target...]
    Shape target_shape;
    std::vector<std::string> class_names;
    std::int64_t class_count = 0;  // 0 without labels
};

// How a sample divides into channels that are normalised alike: axis 0 of two or more axes, else
// each element for itself.
inline std::int64_t channel_count(const Shape& sample_shape) {
    return sample_shape.rank() >= 2 ? sample_shape[0] : sample_shape.count();
}

}  // namespace ingot::data
