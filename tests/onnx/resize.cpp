// SPDX-License-Identifier: MIT
// Larger and smaller pictures.
#include "rows.h"

#include "core/check.h"

namespace ingot::onnx_tests {

namespace {

// The pairs of coordinates and rounding that ingot, as PyTorch, has. half_pixel rounds ties the
// other way by default, but these meet ties in no case that is an upscaling.
InterpolateMode mode_of(Call& c, const std::string& mode, const std::string& coordinates) {
    if (mode == "linear") {
        if (coordinates == "half_pixel" || coordinates == "align_corners") {
            return InterpolateMode::kLinear;
        }
    } else if (mode == "nearest") {
        const std::string rounding = c.text("nearest_mode", "round_prefer_floor");
        if (coordinates == "asymmetric" && rounding == "floor") return InterpolateMode::kNearest;
        if (coordinates == "half_pixel" && rounding.starts_with("round")) {
            return InterpolateMode::kNearestExact;
        }
        fail(ErrorKind::kUnsupported, "Resize: {} and {}", coordinates, rounding);
    }
    fail(ErrorKind::kUnsupported, "Resize: {} by {}", mode, coordinates);
}

Values resized(Call& c) {
    const std::string coordinates = c.text("coordinate_transformation_mode", "half_pixel");
    InterpolateOptions options{.mode = mode_of(c, c.text("mode", "nearest"), coordinates),
                               .align_corners = coordinates == "align_corners"};
    if (c.has(3)) {
        const auto sizes = c.integers(3);
        options.size.assign(sizes.begin() + 2, sizes.end());
    } else {
        const auto& scales = c.host(2).values;
        options.scale.assign(scales.begin() + 2, scales.end());
    }
    return {interpolate(c.x(0), options)};
}

Values upsampled(Call& c) {
    if (c.text("mode", "nearest") != "nearest") fail(ErrorKind::kUnsupported, "Upsample: linear");
    const auto& scales = c.host(1).values;
    return {interpolate(c.x(0), {.scale = {scales.begin() + 2, scales.end()}})};
}

}  // namespace

Rows resize_rows() {
    return {
        {"Resize", resized},
        {"Upsample", upsampled},
    };
}

}  // namespace ingot::onnx_tests
