// SPDX-License-Identifier: MIT
#include "ops/conv_geometry.h"

#include "core/check.h"

#include <algorithm>

namespace ingot::ops {
namespace {

constexpr const char* kImageAxes[] = {"", "L", "H, W", "D, H, W"};
constexpr const char* kKernelAxes[] = {"", "k", "kh, kw", "kd, kh, kw"};

void check_operands(const ConvRequest& r, const Tensor& x, const Tensor& weight,
                    const char* weight_axes) {
    const std::size_t rank = r.axes + 2;
    if (!is_floating(x.dtype()) || !is_floating(weight.dtype()) || x.shape().rank() != rank ||
        weight.shape().rank() != rank) {
        fail(ErrorKind::kInvalidArgument,
             "{}: takes f32 x [B, C, {}] and weight [{}, {}], not {} and {}", r.name,
             kImageAxes[r.axes], weight_axes, kKernelAxes[r.axes], to_string(x.spec()),
             to_string(weight.spec()));
    }
    if (x.shape().count() == 0 || weight.shape().count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: nothing to do: x {}, weight {}", r.name,
             to_string(x.shape()), to_string(weight.shape()));
    }
}

void check_steps(const ConvRequest& r, std::size_t axis) {
    const char* where = axis_name(axis, r.axes);
    if (r.stride[axis] < 1 || r.dilation[axis] < 1 || r.padding[axis] < 0) {
        fail(ErrorKind::kInvalidArgument,
             "{}: in {}: stride {} and dilation {} must be at least 1, padding {} at least 0",
             r.name, where, r.stride[axis], r.dilation[axis], r.padding[axis]);
    }
    if (std::max({r.stride[axis], r.dilation[axis], r.padding[axis]}) > kMostPositions) {
        fail(ErrorKind::kInvalidArgument,
             "{}: in {}: stride {}, dilation {} and padding {} must be at most 2^30", r.name, where,
             r.stride[axis], r.dilation[axis], r.padding[axis]);
    }
}

void check_position(const ConvRequest& r, std::size_t axis, const char* what, std::int64_t size) {
    if (size <= kMostPositions) return;
    fail(ErrorKind::kUnsupported, "{}: in {}: {} of {} exceeds 2^30", r.name,
         axis_name(axis, r.axes), what, size);
}

void check_bias(const ConvRequest& r, const Tensor& bias, const Tensor& weight,
                std::int64_t channels) {
    if (!bias || (is_floating(bias.dtype()) && bias.shape() == Shape{channels})) return;
    fail(ErrorKind::kInvalidArgument, "{}: bias {} does not fit weight {}: takes f32 [{}]", r.name,
         to_string(bias.spec()), to_string(weight.shape()), channels);
}

ConvGeometry checked(const ConvRequest& r, const ConvGeometry& g) {
    for (const Shape& shape : {g.x_shape(), g.w_shape(), g.y_shape()})
        check_count(r.name, shape);
    return g;
}

}  // namespace

ConvGeometry conv_geometry(const ConvRequest& r, const Tensor& x, const Tensor& weight,
                           const Tensor& bias) {
    check_operands(r, x, weight, "O, C / groups");
    const Shape& xs = x.shape();
    const Shape& ws = weight.shape();
    ConvGeometry g{.axes = r.axes,
                   .batch = xs[0],
                   .channels = xs[1],
                   .outputs = ws[0],
                   .groups = r.groups,
                   .image = triple_of(xs, r.axes),
                   .kernel = triple_of(ws, r.axes),
                   .result = {1, 1, 1},
                   .stride = r.stride,
                   .padding = r.padding,
                   .dilation = r.dilation};
    if (g.groups < 1 || g.channels % g.groups != 0 || g.outputs % g.groups != 0) {
        fail(ErrorKind::kInvalidArgument,
             "{}: {} groups do not divide the {} channels of x {} and the {} of weight {}", r.name,
             g.groups, g.channels, to_string(xs), g.outputs, to_string(ws));
    }
    if (ws[1] != g.channels / g.groups) {
        fail(ErrorKind::kInvalidArgument,
             "{}: weight {} takes {} channels a group, x {} in {} groups has {}", r.name,
             to_string(ws), ws[1], to_string(xs), g.groups, g.channels / g.groups);
    }
    for (std::size_t axis = 3 - r.axes; axis < 3; ++axis) {
        const char* where = axis_name(axis, r.axes);
        check_steps(r, axis);
        const std::int64_t reach = g.dilation[axis] * (g.kernel[axis] - 1) + 1;
        if (r.same) {
            if (g.padding[axis] != 0 || g.stride[axis] != 1) {
                fail(ErrorKind::kInvalidArgument,
                     "{}: in {}: `same` takes stride 1 and no padding, not {} and {}", r.name,
                     where, g.stride[axis], g.padding[axis]);
            }
            check_position(r, axis, "a reach", reach);
            g.padding[axis] = (reach - 1) / 2;
            g.result[axis] = g.image[axis];
            continue;
        }
        const std::int64_t padded = g.image[axis] + 2 * g.padding[axis];
        if (reach > padded) {
            fail(
                ErrorKind::kInvalidArgument,
                "{}: in {}: the kernel reaches over {} (size {}, dilation {}), the padded image of "
                "x {} has {}",
                r.name, where, reach, g.kernel[axis], g.dilation[axis], to_string(xs), padded);
        }
        check_position(r, axis, "a padded size", padded);
        g.result[axis] = (padded - reach) / g.stride[axis] + 1;
    }
    check_bias(r, bias, weight, g.outputs);
    return checked(r, g);
}

ConvGeometry conv_transpose_geometry(const ConvRequest& r, const Tensor& x, const Tensor& weight,
                                     const Tensor& bias) {
    check_operands(r, x, weight, "C, O / groups");
    const Shape& xs = x.shape();
    const Shape& ws = weight.shape();
    if (ws[0] != xs[1]) {
        fail(ErrorKind::kInvalidArgument, "{}: weight {} takes {} channels, x {} has {}", r.name,
             to_string(ws), ws[0], to_string(xs), xs[1]);
    }
    if (r.groups < 1 || xs[1] % r.groups != 0) {
        fail(ErrorKind::kInvalidArgument, "{}: {} groups do not divide the {} channels of x {}",
             r.name, r.groups, xs[1], to_string(xs));
    }
    if (ws[1] > kMostElements / r.groups) check_count(r.name, Shape{ws[1], r.groups});
    ConvGeometry g{.axes = r.axes,
                   .batch = xs[0],
                   .channels = ws[1] * r.groups,
                   .outputs = xs[1],
                   .groups = r.groups,
                   .image = {1, 1, 1},
                   .kernel = triple_of(ws, r.axes),
                   .result = triple_of(xs, r.axes),
                   .stride = r.stride,
                   .padding = r.padding,
                   .dilation = r.dilation};
    for (std::size_t axis = 3 - r.axes; axis < 3; ++axis) {
        const char* where = axis_name(axis, r.axes);
        check_steps(r, axis);
        const std::int64_t more = r.output_padding[axis];
        const std::int64_t limit = std::max(g.stride[axis], g.dilation[axis]);
        if (more < 0 || more >= limit) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: output_padding {} must be at least 0 and below the larger of stride "
                 "{} and dilation {}",
                 r.name, where, more, g.stride[axis], g.dilation[axis]);
        }
        const std::int64_t reach = g.dilation[axis] * (g.kernel[axis] - 1) + 1;
        const std::int64_t full = (g.result[axis] - 1) * g.stride[axis] + reach + more;
        check_position(r, axis, "an unpadded result", full);
        g.image[axis] = full - 2 * g.padding[axis];
        if (g.image[axis] < 1) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: in {}: padding {} leaves nothing of the {} that x {} and weight {} give",
                 r.name, where, g.padding[axis], full, to_string(xs), to_string(ws));
        }
    }
    check_bias(r, bias, weight, g.channels);
    return checked(r, g);
}

}  // namespace ingot::ops
