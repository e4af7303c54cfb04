// SPDX-License-Identifier: MIT
// Images, signals and volumes made larger or smaller.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <vector>

namespace ingot {

enum class InterpolateMode {
    kNearest,       // element floor(i * N / M): PyTorch's "nearest"
    kNearestExact,  // floor((i + 0.5) * N / M)
    kLinear         // between the two neighbours: "linear", "bilinear" and "trilinear"
};
struct InterpolateOptions {
    // One of the two, one number for each spatial axis or one for all of them.
    std::vector<std::int64_t> size;  // of the result, at least 1
    std::vector<double> scale;       // the result has floor(N * scale) elements, at least 1
    InterpolateMode mode = InterpolateMode::kNearest;
    // kLinear: the corners' centres coincide instead of their outer edges.
    bool align_corners = false;
};
// x [B, C, W], [B, C, H, W] or [B, C, D, H, W], resized along all axes but the first two. Places
// are computed in f32 as PyTorch does; a given scale counts as it is, not as M / N.
INGOT_API Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace ingot
