// SPDX-License-Identifier: MIT
// A convolution and its two gradients as the one product of shaders/conv2d.h: what the strides are
// in each direction. Arithmetic alone, no device.
#pragma once

#include "kernels/kernel_call.h"
#include "shaders/conv2d.h"

#include <ingot/shape.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <vector>

namespace ingot::ops {

using Pair = std::array<std::int64_t, 2>;  // height, width

struct Conv2dGeometry {
    std::int64_t batch, channels, outputs, groups;
    Pair image, kernel, result;  // H W, kh kw, H' W'
    Pair stride, padding, dilation;

    Shape x_shape() const { return {batch, channels, image[0], image[1]}; }
    Shape w_shape() const { return {outputs, channels / groups, kernel[0], kernel[1]}; }
    Shape y_shape() const { return {batch, outputs, result[0], result[1]}; }

    template <typename Visit>
    void fields(Visit visit) const {
        const auto list = [&](const Pair& pair) {
            return std::vector<std::int64_t>(pair.begin(), pair.end());
        };
        visit("x", x_shape());
        visit("weight", w_shape());
        visit("stride", list(stride));
        visit("padding", list(padding));
        visit("dilation", list(dilation));
        visit("groups", groups);
    }
};

// A product that covers the output, or every step-th pixel of it.
struct Conv2dProduct {
    shaders::Conv2dParameters p{};
    bool masked = true;  // some (y, x) lie outside the image
};

namespace conv2d_detail {

inline std::uint32_t word(std::int64_t value) {
    return static_cast<std::uint32_t>(value);
}

inline bool leaves_image(const Conv2dGeometry& g) {
    return g.padding[0] != 0 || g.padding[1] != 0;
}

// From one output pixel and tap to the image: y = pixel * stride + tap * dilation - padding.
inline void set_pixels(shaders::Conv2dParameters& p, const Pair& n, const Pair& k, const Pair& zero,
                       const Pair& image) {
    p.y_n = static_cast<std::int32_t>(n[0]);
    p.x_n = static_cast<std::int32_t>(n[1]);
    p.y_k = static_cast<std::int32_t>(k[0]);
    p.x_k = static_cast<std::int32_t>(k[1]);
    p.y_0 = static_cast<std::int32_t>(zero[0]);
    p.x_0 = static_cast<std::int32_t>(zero[1]);
    p.height = word(image[0]);
    p.width = word(image[1]);
}

inline void set_columns(shaders::Conv2dParameters& p, std::int64_t n0, const Pair& n) {
    p.columns = word(n0 * n[0] * n[1]);
    p.n1 = word(n[0]);
    p.n2 = word(n[1]);
}

inline void set_k(shaders::Conv2dParameters& p, std::int64_t k0, const Pair& k) {
    p.k = word(k0 * k[0] * k[1]);
    p.k1 = word(std::max<std::int64_t>(k[0], 1));
    p.k2 = word(std::max<std::int64_t>(k[1], 1));
}

// The taps of a kernel axis that meet pixels `phase` modulo the stride: first, distance, number.
struct Taps {
    std::int64_t first = 0, step = 1, count = 0;
};

inline Taps taps_of_phase(const Conv2dGeometry& g, std::size_t axis, std::int64_t phase) {
    Taps taps;
    taps.step = g.stride[axis] / std::gcd(g.stride[axis], g.dilation[axis]);
    while (taps.first < std::min(taps.step, g.kernel[axis])) {
        const std::int64_t at = phase + g.padding[axis] - taps.first * g.dilation[axis];
        if (at % g.stride[axis] == 0) {
            taps.count = (g.kernel[axis] - taps.first + taps.step - 1) / taps.step;
            return taps;
        }
        ++taps.first;
    }
    return {};
}

}  // namespace conv2d_detail

// y[b, o, pixel] = sum over c, tap of weight[o, c, tap] x[b, c, pixel stride + tap dilation - pad]
inline std::vector<Conv2dProduct> forward_product(const Conv2dGeometry& g) {
    using namespace conv2d_detail;
    const std::int64_t pixels = g.image[0] * g.image[1], results = g.result[0] * g.result[1];
    const std::int64_t taps = g.kernel[0] * g.kernel[1], depth = g.channels / g.groups;
    Conv2dProduct product;
    shaders::Conv2dParameters& p = product.p;
    product.masked = leaves_image(g);
    p.rows = word(g.outputs / g.groups);
    set_columns(p, g.batch, g.result);
    set_k(p, depth, g.kernel);
    p.a_row = word(depth * taps);
    p.a_k0 = word(taps);
    p.a_k1 = word(g.kernel[1]);
    p.a_k2 = 1;
    p.a_group = word(g.outputs / g.groups * depth * taps);
    p.x_n0 = word(g.channels * pixels);
    p.x_k0 = word(pixels);
    p.x_group = word(depth * pixels);
    set_pixels(p, g.stride, g.dilation, {-g.padding[0], -g.padding[1]}, g.image);
    p.out_row = word(results);
    p.out_n0 = word(g.outputs * results);
    p.out_n1 = word(g.result[1]);
    p.out_n2 = 1;
    return {product};
}

// d_w[o, c, tap] = sum over b, pixel of d_y[b, o, pixel] x[b, c, pixel stride + tap dilation - pad]
inline std::vector<Conv2dProduct> weight_gradient_product(const Conv2dGeometry& g) {
    using namespace conv2d_detail;
    const std::int64_t pixels = g.image[0] * g.image[1], results = g.result[0] * g.result[1];
    const std::int64_t taps = g.kernel[0] * g.kernel[1], depth = g.channels / g.groups;
    Conv2dProduct product;
    shaders::Conv2dParameters& p = product.p;
    product.masked = leaves_image(g);
    p.rows = word(g.outputs / g.groups);
    set_columns(p, depth, g.kernel);
    set_k(p, g.batch, g.result);
    p.a_row = word(results);
    p.a_k0 = word(g.outputs * results);
    p.a_k1 = word(g.result[1]);
    p.a_k2 = 1;
    p.a_group = word(g.outputs / g.groups * results);
    p.x_n0 = word(pixels);
    p.x_k0 = word(g.channels * pixels);
    p.x_group = word(depth * pixels);
    set_pixels(p, g.dilation, g.stride, {-g.padding[0], -g.padding[1]}, g.image);
    p.out_row = word(depth * taps);
    p.out_n0 = word(taps);
    p.out_n1 = word(g.kernel[1]);
    p.out_n2 = 1;
    return {product};
}

// d_x[b, c, pixel] = sum over o, tap of weight[o, c, tap] d_y[b, o, (pixel + pad - tap dilation) /
// stride], where that is whole. Pixels equal modulo the stride meet the same taps: each such phase
// is a dense product of its own, so that no tap is tried in vain.
inline std::vector<Conv2dProduct> input_gradient_products(const Conv2dGeometry& g) {
    using namespace conv2d_detail;
    const std::int64_t pixels = g.image[0] * g.image[1], results = g.result[0] * g.result[1];
    const std::int64_t taps = g.kernel[0] * g.kernel[1], depth = g.channels / g.groups;
    std::vector<Conv2dProduct> products;
    for (std::int64_t phase_y = 0; phase_y < std::min(g.stride[0], g.image[0]); ++phase_y) {
        for (std::int64_t phase_x = 0; phase_x < std::min(g.stride[1], g.image[1]); ++phase_x) {
            const Pair phase{phase_y, phase_x};
            const Taps ty = taps_of_phase(g, 0, phase_y), tx = taps_of_phase(g, 1, phase_x);
            const Taps axis_taps[] = {ty, tx};
            Pair size{}, per_tap{}, zero{};
            for (std::size_t axis = 0; axis < 2; ++axis) {
                const std::int64_t stride = g.stride[axis];
                size[axis] = (g.image[axis] - phase[axis] + stride - 1) / stride;
                per_tap[axis] = -axis_taps[axis].step * g.dilation[axis] / stride;
                zero[axis] =
                    (phase[axis] + g.padding[axis] - axis_taps[axis].first * g.dilation[axis]) /
                    stride;
            }
            Conv2dProduct product;
            shaders::Conv2dParameters& p = product.p;
            p.rows = word(depth);
            set_columns(p, g.batch, size);
            set_k(p, g.outputs / g.groups, {ty.count, tx.count});
            p.a_row = word(taps);
            p.a_k0 = word(depth * taps);
            p.a_k1 = word(ty.step * g.kernel[1]);
            p.a_k2 = word(tx.step);
            p.a_group = word(g.outputs / g.groups * depth * taps);
            p.a_offset = word(ty.first * g.kernel[1] + tx.first);
            p.x_n0 = word(g.outputs * results);
            p.x_k0 = word(results);
            p.x_group = word(g.outputs / g.groups * results);
            set_pixels(p, {1, 1}, per_tap, zero, g.result);
            p.out_row = word(pixels);
            p.out_n0 = word(g.channels * pixels);
            p.out_n1 = word(g.stride[0] * g.image[1]);
            p.out_n2 = word(g.stride[1]);
            p.out_offset = word(phase_y * g.image[1] + phase_x);
            products.push_back(product);
        }
    }
    return products;
}

}  // namespace ingot::ops
