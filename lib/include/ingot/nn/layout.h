// SPDX-License-Identifier: MIT
// Layers that change the shape alone, and those that make images larger.
#pragma once

#include <ingot/nn/module.h>

#include <vector>

namespace ingot::nn {

class INGOT_API Identity : public Module {
public:
    Identity();
};

// Axes from `start_axis` to `end_axis` become one; by default all but the batch.
class INGOT_API Flatten : public Module {
public:
    explicit Flatten(std::int64_t start_axis = 1, std::int64_t end_axis = -1);
};
// One axis becomes several of these sizes; one of them may be -1: what is left.
class INGOT_API Unflatten : public Module {
public:
    Unflatten(std::int64_t axis, std::vector<std::int64_t> sizes);
};

struct UpsampleOptions {
    // One of the two; one number for each axis behind the channels, or one for all.
    std::vector<std::int64_t> size = {};  // of the result
    std::vector<double> scale_factor = {};
    InterpolateMode mode = InterpolateMode::kNearest;
    bool align_corners = false;  // of kLinear: the corners' centres coincide, not their edges
};
// x [B, C, W], [B, C, H, W] or [B, C, D, H, W], resized along all axes but the first two.
class INGOT_API Upsample : public Module {
public:
    explicit Upsample(const UpsampleOptions& options);
};

// x [B, C r^2, H, W] -> [B, C, H r, W r]: each r^2 channels are a block of pixels. (Shi et al.,
// "Real-time single image and video super-resolution", CVPR 2016.) PixelUnshuffle goes back.
class INGOT_API PixelShuffle : public Module {
public:
    explicit PixelShuffle(std::int64_t upscale_factor);
};
class INGOT_API PixelUnshuffle : public Module {
public:
    explicit PixelUnshuffle(std::int64_t downscale_factor);
};

}  // namespace ingot::nn
