// SPDX-License-Identifier: MIT
// A convolution and its two gradients as the one product of shaders/conv.h: what the strides are
// in each direction. Arithmetic alone, no device.
#pragma once

#include "kernels/kernel_call.h"
#include "ops/conv_geometry.h"
#include "ops/word.h"
#include "shaders/conv.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace ingot::ops {

// A product that covers the output, or every step-th pixel of it.
struct ConvProduct {
    shaders::ConvParameters p{};
    Triple n_step{1, 1, 1}, k_step{1, 1, 1};  // of positions in the image
    std::uint32_t a_k3 = 1, out_n3 = 1;
    bool masked = true;  // some position lies outside the image
    bool volume = false;

    KernelCall& apply(KernelCall& call) const {
        const auto number = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
        return call.constant("MASKED", masked)
            .constant("VOLUME", volume)
            .constant("Z_N", number(n_step[0]))
            .constant("Y_N", number(n_step[1]))
            .constant("X_N", number(n_step[2]))
            .constant("Z_K", number(k_step[0]))
            .constant("Y_K", number(k_step[1]))
            .constant("X_K", number(k_step[2]))
            .constant("A_K3", a_k3)
            .constant("OUT_N3", out_n3)
            .parameters(p);
    }
};

namespace conv_detail {

// From one output pixel and tap to the image: y = pixel * n_step + tap * k_step + zero. A step that
// is never taken is 1, so that equal pipelines are equal.
inline void set_positions(ConvProduct& made, const Triple& n_step, const Triple& k_step,
                          const Triple& zero, const Triple& image) {
    shaders::ConvParameters& p = made.p;
    const std::int64_t n[] = {p.n1, p.n2, p.n3}, k[] = {p.k1, p.k2, p.k3};
    made.masked = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        made.n_step[axis] = n[axis] > 1 ? n_step[axis] : 1;
        made.k_step[axis] = k[axis] > 1 ? k_step[axis] : 1;
        const std::int64_t reach = (k[axis] - 1) * k_step[axis];
        const std::int64_t last = zero[axis] + (n[axis] - 1) * n_step[axis];
        made.masked = made.masked || zero[axis] + std::min<std::int64_t>(reach, 0) < 0 ||
                      last + std::max<std::int64_t>(reach, 0) >= image[axis];
    }
    p.z_0 = static_cast<std::int32_t>(zero[0]);
    p.y_0 = static_cast<std::int32_t>(zero[1]);
    p.x_0 = static_cast<std::int32_t>(zero[2]);
    p.depth = word(image[0]);
    p.height = word(image[1]);
    p.width = word(image[2]);
    made.volume = p.depth > 1 || p.n1 > 1 || p.k1 > 1 || p.z_0 != 0;
}

inline void set_columns(shaders::ConvParameters& p, std::int64_t n0, const Triple& n) {
    p.columns = word(n0 * product(n));
    p.n1 = word(n[0]);
    p.n2 = word(n[1]);
    p.n3 = word(n[2]);
}

inline void set_k(shaders::ConvParameters& p, std::int64_t k0, const Triple& k) {
    p.k = word(k0 * product(k));
    p.k1 = word(std::max<std::int64_t>(k[0], 1));
    p.k2 = word(std::max<std::int64_t>(k[1], 1));
    p.k3 = word(std::max<std::int64_t>(k[2], 1));
}

// The taps of a kernel axis that meet pixels `phase` modulo the stride: first, distance, number.
struct Taps {
    std::int64_t first = 0, step = 1, count = 0;
};

inline Taps taps_of_phase(const ConvGeometry& g, std::size_t axis, std::int64_t phase) {
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

inline Triple negated(const Triple& t) {
    return {-t[0], -t[1], -t[2]};
}

}  // namespace conv_detail

// y[b, o, pixel] = sum over c, tap of weight[o, c, tap] x[b, c, pixel stride + tap dilation - pad]
inline std::vector<ConvProduct> forward_product(const ConvGeometry& g) {
    using namespace conv_detail;
    const std::int64_t pixels = product(g.image), results = product(g.result);
    const std::int64_t taps = product(g.kernel), depth = g.channels / g.groups;
    ConvProduct made;
    shaders::ConvParameters& p = made.p;
    p.rows = word(g.outputs / g.groups);
    set_columns(p, g.batch, g.result);
    set_k(p, depth, g.kernel);
    p.a_row = word(depth * taps);
    p.a_k0 = word(taps);
    p.a_k1 = word(g.kernel[1] * g.kernel[2]);
    p.a_k2 = word(g.kernel[2]);
    p.a_group = word(g.outputs / g.groups * depth * taps);
    p.x_n0 = word(g.channels * pixels);
    p.x_k0 = word(pixels);
    p.x_group = word(depth * pixels);
    set_positions(made, g.stride, g.dilation, negated(g.padding), g.image);
    p.out_row = word(results);
    p.out_n0 = word(g.outputs * results);
    p.out_n1 = word(g.result[1] * g.result[2]);
    p.out_n2 = word(g.result[2]);
    return {made};
}

// d_w[o, c, tap] = sum over b, pixel of d_y[b, o, pixel] x[b, c, pixel stride + tap dilation - pad]
inline std::vector<ConvProduct> weight_gradient_product(const ConvGeometry& g) {
    using namespace conv_detail;
    const std::int64_t pixels = product(g.image), results = product(g.result);
    const std::int64_t taps = product(g.kernel), depth = g.channels / g.groups;
    ConvProduct made;
    shaders::ConvParameters& p = made.p;
    p.rows = word(g.outputs / g.groups);
    set_columns(p, depth, g.kernel);
    set_k(p, g.batch, g.result);
    p.a_row = word(results);
    p.a_k0 = word(g.outputs * results);
    p.a_k1 = word(g.result[1] * g.result[2]);
    p.a_k2 = word(g.result[2]);
    p.a_group = word(g.outputs / g.groups * results);
    p.x_n0 = word(pixels);
    p.x_k0 = word(g.channels * pixels);
    p.x_group = word(depth * pixels);
    set_positions(made, g.dilation, g.stride, negated(g.padding), g.image);
    p.out_row = word(depth * taps);
    p.out_n0 = word(taps);
    p.out_n1 = word(g.kernel[1] * g.kernel[2]);
    p.out_n2 = word(g.kernel[2]);
    return {made};
}

// d_x[b, c, pixel] = sum over o, tap of weight[o, c, tap] d_y[b, o, (pixel + pad - tap dilation) /
// stride], where that is whole. Pixels equal modulo the stride meet the same taps: each such phase
// is a dense product of its own, so that no tap is tried in vain.
inline ConvProduct input_gradient_product(const ConvGeometry& g, const Triple& phase) {
    using namespace conv_detail;
    const std::int64_t pixels = product(g.image), results = product(g.result);
    const std::int64_t taps = product(g.kernel), depth = g.channels / g.groups;
    Triple size{}, count{}, per_tap{}, zero{}, first{}, tap_step{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t stride = g.stride[axis];
        const Taps met = taps_of_phase(g, axis, phase[axis]);
        count[axis] = met.count;
        first[axis] = met.first;
        tap_step[axis] = met.count > 1 ? met.step : 1;
        size[axis] = (g.image[axis] - phase[axis] + stride - 1) / stride;
        per_tap[axis] = -met.step * g.dilation[axis] / stride;
        zero[axis] = (phase[axis] + g.padding[axis] - met.first * g.dilation[axis]) / stride;
    }
    ConvProduct made;
    shaders::ConvParameters& p = made.p;
    p.rows = word(depth);
    set_columns(p, g.batch, size);
    set_k(p, g.outputs / g.groups, count);
    const Strides weight = {g.kernel[1] * g.kernel[2], g.kernel[2], 1};
    p.a_row = word(taps);
    p.a_k0 = word(depth * taps);
    p.a_k1 = word(tap_step[0] * weight[0]);
    p.a_k2 = word(tap_step[1] * weight[1]);
    made.a_k3 = word(tap_step[2]);
    p.a_group = word(g.outputs / g.groups * depth * taps);
    p.a_offset = word(first[0] * weight[0] + first[1] * weight[1] + first[2]);
    p.x_n0 = word(g.outputs * results);
    p.x_k0 = word(results);
    p.x_group = word(g.outputs / g.groups * results);
    set_positions(made, {1, 1, 1}, per_tap, zero, g.result);
    const Strides image = {g.image[1] * g.image[2], g.image[2], 1};
    p.out_row = word(pixels);
    p.out_n0 = word(g.channels * pixels);
    p.out_n1 = word(g.stride[0] * image[0]);
    p.out_n2 = word(g.stride[1] * image[1]);
    made.out_n3 = size[2] > 1 ? word(g.stride[2]) : 1;
    p.out_offset = word(phase[0] * image[0] + phase[1] * image[1] + phase[2]);
    return made;
}

// The phases of an axis, and of all of them: products that input_gradient_products makes.
inline std::int64_t phases(const ConvGeometry& g, std::size_t axis) {
    return std::min(g.stride[axis], g.image[axis]);
}
inline std::int64_t phases(const ConvGeometry& g) {
    return phases(g, 0) * phases(g, 1) * phases(g, 2);
}

inline std::vector<ConvProduct> input_gradient_products(const ConvGeometry& g) {
    std::vector<ConvProduct> products;
    for (std::int64_t z = 0; z < phases(g, 0); ++z) {
        for (std::int64_t y = 0; y < phases(g, 1); ++y) {
            for (std::int64_t x = 0; x < phases(g, 2); ++x)
                products.push_back(input_gradient_product(g, {z, y, x}));
        }
    }
    return products;
}

}  // namespace ingot::ops
