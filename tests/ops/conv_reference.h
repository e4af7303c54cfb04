// SPDX-License-Identifier: MIT
// Convolution and its transpose as plain loops over doubles, for any number of axes.
#pragma once

#include "support/reference.h"

#include <cstdint>
#include <vector>

namespace ingot::testing {

struct ConvWindow {  // one number an axis
    std::vector<std::int64_t> stride, padding, dilation, output_padding = {};
    std::int64_t groups = 1;
    bool same = false;
};

inline std::vector<std::int64_t> numbers(std::int64_t one) {
    return {one};
}
template <std::size_t axes>
std::vector<std::int64_t> numbers(const std::array<std::int64_t, axes>& several) {
    return {several.begin(), several.end()};
}

// Calls visit(x's index, weight's index, y's index) for every product of the convolution with x and
// y of these sizes; x's index may not exist in x.
template <typename Visit>
void for_each_tap(const Shape& x, const Shape& weight, const Shape& y, const ConvWindow& o,
                  Visit&& visit) {
    const std::size_t axes = x.rank() - 2;
    for (std::int64_t e = 0; e < y.count(); ++e) {
        const Index out = index_of(y, e);
        const Shape taps = Shape(weight.sizes().subspan(1));
        for (std::int64_t t = 0; t < taps.count(); ++t) {
            Index tap = index_of(taps, t), from = out;
            tap.insert(tap.begin(), out[1]);
            from[1] = out[1] / (weight[0] / o.groups) * weight[1] + tap[1];
            bool inside = true;
            for (std::size_t a = 0; a < axes; ++a) {
                from[2 + a] = out[2 + a] * o.stride[a] + tap[2 + a] * o.dilation[a] - o.padding[a];
                inside = inside && from[2 + a] >= 0 && from[2 + a] < x[2 + a];
            }
            if (inside) visit(from, tap, out);
        }
    }
}

inline Array convolved(const Array& x, const Array& w, const Array* bias, ConvWindow o) {
    Shape shape = x.shape.with(1, w.shape[0]);
    for (std::size_t a = 0; a + 2 < x.shape.rank(); ++a) {
        const std::int64_t reach = o.dilation[a] * (w.shape[2 + a] - 1);
        if (o.same) {
            o.padding[a] = reach / 2;
            continue;
        }
        shape =
            shape.with(2 + a, (x.shape[2 + a] + 2 * o.padding[a] - reach - 1) / o.stride[a] + 1);
    }
    Array y = make_array(shape, [&](const Index& i) { return bias ? (*bias)[i[1]] : 0.0; });
    for_each_tap(x.shape, w.shape, shape, o,
                 [&](const Index& x_at, const Index& tap, const Index& y_at) {
                     y[place_of(shape, y_at)] += at(w, tap) * at(x, x_at);
                 });
    return y;
}

inline Array conv_transposed(const Array& x, const Array& w, const Array* bias,
                             const ConvWindow& o) {
    Shape shape = x.shape.with(1, w.shape[1] * o.groups);
    for (std::size_t a = 0; a + 2 < x.shape.rank(); ++a) {
        shape =
            shape.with(2 + a, (x.shape[2 + a] - 1) * o.stride[a] - 2 * o.padding[a] +
                                  o.dilation[a] * (w.shape[2 + a] - 1) + o.output_padding[a] + 1);
    }
    Array y = make_array(shape, [&](const Index& i) { return bias ? (*bias)[i[1]] : 0.0; });
    for_each_tap(shape, w.shape, x.shape, o,
                 [&](const Index& y_at, const Index& tap, const Index& x_at) {
                     y[place_of(shape, y_at)] += at(w, tap) * at(x, x_at);
                 });
    return y;
}

}  // namespace ingot::testing
