// SPDX-License-Identifier: MIT
// Windows that move over the last axes: convolution and pooling.
#include "rows.h"

#include "core/check.h"

#include <algorithm>

namespace ingot::onnx_tests {

namespace {

// The windows of a node, with the padding of auto_pad and ceil_mode made explicit.
struct Windows {
    std::vector<std::int64_t> kernel, stride, dilation, before, after;
    std::size_t axes() const { return kernel.size(); }
};

Windows windows_of(Call& c, const Tensor& x, std::vector<std::int64_t> kernel) {
    const std::size_t axes = x.shape().rank() - 2;
    Windows w;
    w.kernel = c.list("kernel_shape", std::move(kernel));
    w.stride = c.list("strides", std::vector<std::int64_t>(axes, 1));
    w.dilation = c.list("dilations", std::vector<std::int64_t>(axes, 1));
    const auto pads = c.list("pads", std::vector<std::int64_t>(2 * axes, 0));
    for (std::size_t i = 0; i < axes; ++i) {
        w.before.push_back(pads[i]);
        w.after.push_back(pads[axes + i]);
    }
    const std::string automatic = c.text("auto_pad", "NOTSET");
    for (std::size_t i = 0; i < axes; ++i) {
        const std::int64_t size = x.shape()[i + 2];
        const std::int64_t extent = w.dilation[i] * (w.kernel[i] - 1) + 1;
        if (automatic.starts_with("SAME")) {
            const std::int64_t out = (size + w.stride[i] - 1) / w.stride[i];
            const std::int64_t total =
                std::max<std::int64_t>(0, (out - 1) * w.stride[i] + extent - size);
            w.before[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
            w.after[i] = total - w.before[i];
        }
    }
    return w;
}

std::vector<std::int64_t> window_sizes(const Shape& weight) {
    std::vector<std::int64_t> sizes;
    for (std::size_t axis = 2; axis < weight.rank(); ++axis)
        sizes.push_back(weight[axis]);
    return sizes;
}

std::array<std::int64_t, 2> pair(const std::vector<std::int64_t>& sizes) {
    return {sizes[0], sizes[1]};
}

void expect_two_axes(const Windows& w, const char* name) {
    if (w.axes() != 2) fail(ErrorKind::kUnsupported, "{} over {} axes", name, w.axes());
}

std::vector<std::int64_t> with_batch(const std::vector<std::int64_t>& of_axes) {
    std::vector<std::int64_t> all(2, 0);
    for (const std::int64_t size : of_axes)
        all.push_back(size);
    return all;
}

// Padding that ingot cannot be told (different at both ends) is laid around x first.
Tensor pad_unless_equal(const Tensor& x, Windows& w, float value) {
    if (w.before == w.after) return x;
    const Tensor y = padded(x, with_batch(w.before), with_batch(w.after), value);
    w.before.assign(w.axes(), 0);
    w.after = w.before;
    return y;
}

Values conv(Call& c) {
    Tensor x = c.x(0);
    const Tensor weight = c.x(1);
    Windows w = windows_of(c, x, window_sizes(weight.shape()));
    expect_two_axes(w, "Conv");
    x = pad_unless_equal(x, w, 0);
    return {conv2d(x, weight, c.x_or(2, {}),
                   {.stride = pair(w.stride),
                    .padding = pair(w.before),
                    .dilation = pair(w.dilation),
                    .groups = c.integer("group", 1)})};
}

std::vector<std::int64_t> spatial_axes(const Tensor& x) {
    std::vector<std::int64_t> axes;
    for (std::int64_t axis = 2; axis < rank_of(x); ++axis)
        axes.push_back(axis);
    return axes;
}

}  // namespace

Rows window_rows() {
    return {
        {"GlobalAveragePool",
         [](Call& c) -> Values {
             return {mean(c.x(0), {.axes = spatial_axes(c.x(0)), .keep_axes = true})};
         }},
        {"GlobalMaxPool",
         [](Call& c) -> Values {
             return {max(c.x(0), {.axes = spatial_axes(c.x(0)), .keep_axes = true})};
         }},
        {"Conv", conv},
    };
}

}  // namespace ingot::onnx_tests
