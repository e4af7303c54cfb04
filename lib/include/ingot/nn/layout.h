// SPDX-License-Identifier: MIT
// Layers that change the shape alone.
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

// Axes from `start_axis` to `end_axis` become one; by default all but the batch.
class INGOT_API Flatten : public Module {
public:
    explicit Flatten(std::int64_t start_axis = 1, std::int64_t end_axis = -1);
};

}  // namespace ingot::nn
