// SPDX-License-Identifier: MIT
// Larger and smaller pictures. ONNX has more ways than PyTorch to place the new pixels among the
// old and to round; where ingot's interpolate means the same, it is asked. All others are products
// with a matrix an axis, which holds the share of each old pixel in each new one.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ingot::onnx_tests {

namespace {

struct Axis {
    std::int64_t size, result;
    double scale;
    double begin = 0, end = 1;  // of the part to be seen, of tf_crop_and_resize
};

// Where the centre of new pixel i lies among the old ones.
double place_of(const std::string& coordinates, const Axis& axis, std::int64_t i) {
    const auto at = static_cast<double>(i), last = static_cast<double>(axis.size - 1);
    const auto result = static_cast<double>(axis.result);
    if (coordinates == "half_pixel") return (at + 0.5) / axis.scale - 0.5;
    if (coordinates == "pytorch_half_pixel") {
        return axis.result > 1 ? (at + 0.5) / axis.scale - 0.5 : 0;
    }
    if (coordinates == "tf_half_pixel_for_nn") return (at + 0.5) / axis.scale;
    if (coordinates == "asymmetric") return at / axis.scale;
    if (coordinates == "align_corners") {  // by the scale, whatever size came of it
        const double new_last = axis.scale * static_cast<double>(axis.size) - 1;
        return new_last == 0 ? 0 : at * last / new_last;
    }
    if (coordinates == "tf_crop_and_resize") {
        if (axis.result == 1) return 0.5 * (axis.begin + axis.end) * last;
        return axis.begin * last + at * (axis.end - axis.begin) * last / (result - 1);
    }
    fail(ErrorKind::kUnsupported, "Resize: by {}", coordinates);
}

double rounded(const std::string& how, double place) {
    if (how == "round_prefer_floor") return std::ceil(place - 0.5);
    if (how == "round_prefer_ceil") return std::floor(place + 0.5);
    if (how == "floor") return std::floor(place);
    if (how == "ceil") return std::ceil(place);
    fail(ErrorKind::kUnsupported, "Resize: {}", how);
}

// Keys, "Cubic convolution interpolation for digital image processing", 1981, (4) with any a.
double cubic(double distance, double a) {
    const double x = std::abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return a * (((x - 5) * x + 8) * x - 4);
    return 0;
}

struct Way {
    std::string mode, coordinates, rounding;
    double a;              // of the cubic
    bool exclude_outside;  // pixels beyond the edge have no share; else the edge stands for them
    double outside;        // new pixels beyond the old ones, of tf_crop_and_resize
};

Way way_of(Call& c) {
    return {.mode = c.text("mode", "nearest"),
            .coordinates = c.text("coordinate_transformation_mode", "half_pixel"),
            .rounding = c.text("nearest_mode", "round_prefer_floor"),
            .a = c.real("cubic_coeff_a", -0.75F),
            .exclude_outside = c.integer("exclude_outside") != 0,
            .outside = c.real("extrapolation_value")};
}

// The shares of the old pixels [size] in the new one at `place`.
std::vector<double> shares_at(const Way& way, const Axis& axis, double place) {
    std::vector<double> shares(static_cast<std::size_t>(axis.size));
    double total = 0;
    const auto add = [&](double pixel, double share) {
        const double last = static_cast<double>(axis.size - 1);
        if (way.exclude_outside && (pixel < 0 || pixel > last)) return;
        shares[static_cast<std::size_t>(std::clamp(pixel, 0.0, last))] += share;
        total += share;
    };
    const double before = std::floor(place);
    if (way.mode == "nearest") {
        add(rounded(way.rounding, place), 1);
    } else if (way.mode == "linear") {
        add(before, 1 - (place - before));
        add(before + 1, place - before);
    } else if (way.mode == "cubic") {
        for (double pixel = before - 1; pixel <= before + 2; ++pixel)
            add(pixel, cubic(place - pixel, way.a));
    } else {
        fail(ErrorKind::kUnsupported, "Resize: {}", way.mode);
    }
    for (double& share : shares)
        share /= total;
    return shares;
}

Tensor with_resized_axis(Call& c, const Tensor& x, std::int64_t index, const Axis& axis,
                         const Way& way) {
    Array matrix({axis.size, axis.result}), beyond({axis.result});
    for (std::int64_t i = 0; i < axis.result; ++i) {
        const double place = place_of(way.coordinates, axis, i);
        if (way.coordinates == "tf_crop_and_resize" &&
            (place < 0 || place > static_cast<double>(axis.size - 1))) {
            beyond[i] = way.outside;
            continue;
        }
        const auto shares = shares_at(way, axis, place);
        for (std::int64_t pixel = 0; pixel < axis.size; ++pixel)
            matrix[pixel * axis.result + i] = shares[static_cast<std::size_t>(pixel)];
    }
    // A column of the matrix is 0 where the other term is not; shares of other axes add up to 1.
    const Tensor last = transpose(x, index, -1);
    return transpose(matmul(last, c.given(matrix, f32)) + c.given(beyond, f32), index, -1);
}

// What interpolate() calls these axes' way; empty where it has none.
std::optional<InterpolateMode> mode_of(const Way& way, const std::vector<Axis>& axes) {
    const auto all = [&](const auto& holds) {
        return std::all_of(axes.begin(), axes.end(), holds);
    };
    if (way.mode == "linear") {
        const bool whole = all([](const Axis& axis) {
            return axis.scale * static_cast<double>(axis.size) == static_cast<double>(axis.result);
        });
        if (way.coordinates == "half_pixel" || (way.coordinates == "align_corners" && whole)) {
            return InterpolateMode::kLinear;
        }
    }
    if (way.mode == "nearest" && way.coordinates == "asymmetric" && way.rounding == "floor") {
        return InterpolateMode::kNearest;
    }
    // PyTorch's rounds ties up; without ties it makes no difference.
    const bool up = way.rounding == "round_prefer_ceil" ||
                    (way.rounding == "round_prefer_floor" && all([&](const Axis& axis) {
                         for (std::int64_t i = 0; i < axis.result; ++i) {
                             const double place = place_of(way.coordinates, axis, i);
                             if (place - std::floor(place) == 0.5) return false;
                         }
                         return true;
                     }));
    if (way.mode == "nearest" && way.coordinates == "half_pixel" && up) {
        return InterpolateMode::kNearestExact;
    }
    return {};
}

Values resized(Call& c) {
    const Way way = way_of(c);
    Tensor x = c.x(0);
    const std::size_t rank = x.shape().rank();
    std::vector<Axis> axes;
    for (std::size_t i = 0; i < rank; ++i) {
        const auto at = static_cast<std::int64_t>(i);
        Axis axis{.size = x.shape()[i]};
        const auto size = static_cast<double>(axis.size);
        axis.scale = c.has(3) ? c.host(3)[at] / size : c.host(2)[at];
        axis.result = static_cast<std::int64_t>(c.has(3) ? c.host(3)[at] : size * axis.scale);
        if (way.coordinates == "tf_crop_and_resize") {
            axis.begin = c.host(1)[at];
            axis.end = c.host(1)[at + static_cast<std::int64_t>(rank)];
        }
        axes.push_back(axis);
    }
    if (const auto mode = mode_of(way, axes)) {
        InterpolateOptions options{.mode = *mode,
                                   .align_corners = way.coordinates == "align_corners"};
        for (std::size_t i = 2; i < rank; ++i) {
            if (c.has(3))
                options.size.push_back(axes[i].result);
            else
                options.scale.push_back(axes[i].scale);
        }
        return {interpolate(x, options)};
    }
    for (std::size_t i = 0; i < rank; ++i) {
        const bool is_same =
            axes[i].result == axes[i].size && axes[i].begin == 0 && axes[i].end == 1;
        if (!is_same) x = with_resized_axis(c, x, static_cast<std::int64_t>(i), axes[i], way);
    }
    return {x};
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
