// SPDX-License-Identifier: MIT
#include "ops/pool_geometry.h"

#include "core/check.h"

#include <algorithm>
#include <limits>

namespace ingot::ops {
namespace {

void check_operand(const char* name, const Tensor& x, std::size_t axes) {
    constexpr const char* kAxes[] = {"", "L", "H, W", "D, H, W"};
    if (!is_floating(x.dtype()) || x.shape().rank() != axes + 2 || x.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32 [B, C, {}], not {}", name, kAxes[axes],
             to_string(x.spec()));
    }
    check_count(name, x.shape());
}

}  // namespace

PoolGeometry pool_geometry(const PoolRequest& r, const Tensor& x) {
    check_operand(r.name, x, r.axes);
    const Shape& xs = x.shape();
    PoolGeometry g{.axes = r.axes,
                   .batch = xs[0],
                   .channels = xs[1],
                   .image = triple_of(xs, r.axes),
                   .result = {1, 1, 1},
                   .kernel = r.kernel,
                   .stride = r.stride,
                   .padding = r.padding,
                   .dilation = r.dilation};
    for (std::size_t axis = 3 - r.axes; axis < 3; ++axis) {
        const char* side = axis_name(axis, r.axes);
        std::int64_t& stride = g.stride[axis];
        const std::int64_t kernel = g.kernel[axis], padding = g.padding[axis];
        if (stride == 0) stride = kernel;
        if (kernel < 1 || stride < 1 || g.dilation[axis] < 1) {
            fail(
                ErrorKind::kInvalidArgument,
                "{}: in {}: kernel {} and dilation {} must be at least 1, stride {} at least 1, or "
                "0 for the kernel's size",
                r.name, side, kernel, g.dilation[axis], r.stride[axis]);
        }
        if (padding < 0 || padding > kernel / 2) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: padding {} must be at least 0 and at most half the kernel {}", r.name,
                 side, padding, kernel);
        }
        if (std::max({kernel, stride, g.dilation[axis]}) > kMostPositions) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: kernel {}, stride {} and dilation {} must be at most 2^30", r.name,
                 side, kernel, stride, g.dilation[axis]);
        }
        const std::int64_t reach = (kernel - 1) * g.dilation[axis] + 1;
        const std::int64_t padded = g.image[axis] + 2 * padding;
        if (reach > padded) {
            fail(
                ErrorKind::kInvalidArgument,
                "{}: in {}: the kernel reaches over {} (size {}, dilation {}), the padded image of "
                "x {} has {}",
                r.name, side, reach, kernel, g.dilation[axis], to_string(xs), padded);
        }
        const std::int64_t room = padded - reach + (r.ceil_mode ? stride - 1 : 0);
        g.result[axis] = room / stride + 1;
        // A window that would begin behind x has nothing to look at.
        if ((g.result[axis] - 1) * stride >= g.image[axis] + padding) --g.result[axis];
    }
    // Where every window counts its whole kernel, the two ways to count are one.
    g.include_pad = r.include_pad || !g.leaves_image();
    check_count(r.name, g.y_shape());
    return g;
}

PoolGeometry adaptive_geometry(const char* name, const Tensor& x,
                               std::span<const std::int64_t> output_size) {
    const std::size_t axes = output_size.size();
    check_operand(name, x, axes);
    const Shape& xs = x.shape();
    PoolGeometry g{.axes = axes,
                   .batch = xs[0],
                   .channels = xs[1],
                   .image = triple_of(xs, axes),
                   .result = triple_of(output_size, 1),
                   .kernel = {1, 1, 1},
                   .stride = {1, 1, 1},
                   .padding = {0, 0, 0},
                   .dilation = {1, 1, 1},
                   .adaptive = true};
    bool divides = true;
    for (std::size_t axis = 3 - axes; axis < 3; ++axis) {
        const std::int64_t size = g.image[axis], parts = g.result[axis];
        if (parts < 1) {
            fail(ErrorKind::kInvalidArgument, "{}: in {}: output_size {} must be at least 1", name,
                 axis_name(axis, axes), parts);
        }
        if (parts > kMostElements / (size + 1) - 1) {  // kernels multiply the two
            fail(ErrorKind::kUnsupported, "{}: in {}: {} parts of {} positions exceed 2^31", name,
                 axis_name(axis, axes), parts, size);
        }
        divides = divides && size % parts == 0;
    }
    check_count(name, g.y_shape());
    if (!divides) return g;
    g.adaptive = false;
    for (std::size_t axis = 3 - axes; axis < 3; ++axis) {
        g.kernel[axis] = g.stride[axis] = g.image[axis] / g.result[axis];
    }
    return g;
}

}  // namespace ingot::ops
