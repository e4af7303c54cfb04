// SPDX-License-Identifier: MIT
// Windows that move over the last axes: convolution and pooling.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <limits>

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

template <std::size_t N>
std::array<std::int64_t, N> sizes(const std::vector<std::int64_t>& from) {
    std::array<std::int64_t, N> array{};
    std::copy_n(from.begin(), std::min(from.size(), N), array.begin());
    return array;
}

[[noreturn]] void refuse_axes(const Windows& w) {
    fail(ErrorKind::kUnsupported, "windows over {} axes", w.axes());
}

std::vector<std::int64_t> with_batch(const std::vector<std::int64_t>& of_axes) {
    std::vector<std::int64_t> all(2, 0);
    for (const std::int64_t size : of_axes)
        all.push_back(size);
    return all;
}

// Padding that ingot cannot be told (different at both ends, or of a pool more than half its
// window) is laid around x first.
Tensor pad_unless_equal(const Tensor& x, Windows& w, float value, bool is_pool = false) {
    bool can_be_told = w.before == w.after;
    for (std::size_t i = 0; i < w.axes(); ++i)
        can_be_told = can_be_told && (!is_pool || 2 * w.before[i] <= w.kernel[i]);
    if (can_be_told) return x;
    const Tensor y = padded(x, with_batch(w.before), with_batch(w.after), value);
    w.before.assign(w.axes(), 0);
    w.after = w.before;
    return y;
}

}  // namespace

Tensor convolved(Call& c, Tensor x, const Tensor& weight, const Tensor& bias) {
    Windows w = windows_of(c, x, window_sizes(weight.shape()));
    x = pad_unless_equal(x, w, 0);
    const std::int64_t groups = c.integer("group", 1);
    switch (w.axes()) {
        case 1:
            return conv1d(x, weight, bias,
                          {.stride = w.stride[0],
                           .padding = w.before[0],
                           .dilation = w.dilation[0],
                           .groups = groups});
        case 2:
            return conv2d(x, weight, bias,
                          {.stride = sizes<2>(w.stride),
                           .padding = sizes<2>(w.before),
                           .dilation = sizes<2>(w.dilation),
                           .groups = groups});
        case 3:
            return conv3d(x, weight, bias,
                          {.stride = sizes<3>(w.stride),
                           .padding = sizes<3>(w.before),
                           .dilation = sizes<3>(w.dilation),
                           .groups = groups});
        default: refuse_axes(w);
    }
}

namespace {

Values conv(Call& c) {
    return {convolved(c, c.x(0), c.x(1), c.x_or(2, {}))};
}

// What output_shape and auto_pad ask for, said as padding and output padding.
void fit_output(Call& c, const Tensor& x, Windows& w, std::vector<std::int64_t>& more) {
    auto wanted = c.list("output_shape");
    const std::string automatic = c.text("auto_pad", "NOTSET");
    if (automatic.starts_with("SAME") && wanted.empty()) {
        for (std::size_t i = 0; i < w.axes(); ++i)
            wanted.push_back(x.shape()[i + 2] * w.stride[i]);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::int64_t full =
            (x.shape()[i + 2] - 1) * w.stride[i] + w.dilation[i] * (w.kernel[i] - 1) + 1 + more[i];
        const std::int64_t total = std::max<std::int64_t>(0, full - wanted[i]);
        more[i] += std::max<std::int64_t>(0, wanted[i] - full);
        w.before[i] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
        w.after[i] = total - w.before[i];
    }
}

Values conv_transposed(Call& c) {
    const Tensor x = c.x(0), weight = c.x(1), bias = c.x_or(2, {});
    Windows w = windows_of(c, x, window_sizes(weight.shape()));
    std::vector<std::int64_t> more =
        c.list("output_padding", std::vector<std::int64_t>(w.axes(), 0));
    fit_output(c, x, w, more);
    // Ends that are cut unequally are cut from the whole.
    const bool equal_ends = w.before == w.after;
    const std::vector<std::int64_t> cut =
        equal_ends ? w.before : std::vector<std::int64_t>(w.axes(), 0);
    const std::int64_t groups = c.integer("group", 1);
    Tensor y;
    switch (w.axes()) {
        case 1:
            y = conv_transpose1d(x, weight, bias,
                                 {.stride = w.stride[0],
                                  .padding = cut[0],
                                  .output_padding = more[0],
                                  .dilation = w.dilation[0],
                                  .groups = groups});
            break;
        case 2:
            y = conv_transpose2d(x, weight, bias,
                                 {.stride = sizes<2>(w.stride),
                                  .padding = sizes<2>(cut),
                                  .output_padding = sizes<2>(more),
                                  .dilation = sizes<2>(w.dilation),
                                  .groups = groups});
            break;
        case 3:
            y = conv_transpose3d(x, weight, bias,
                                 {.stride = sizes<3>(w.stride),
                                  .padding = sizes<3>(cut),
                                  .output_padding = sizes<3>(more),
                                  .dilation = sizes<3>(w.dilation),
                                  .groups = groups});
            break;
        default: refuse_axes(w);
    }
    for (std::size_t i = 0; i < w.axes() && !equal_ends; ++i) {
        const std::int64_t size = y.shape()[i + 2];
        y = slice(y, {.axis = static_cast<std::int64_t>(i) + 2,
                      .begin = w.before[i],
                      .end = size - w.after[i]});
    }
    return {y};
}

// ONNX numbers the elements of the whole tensor, column by column with storage_order 1; ours are
// those of an image, row by row.
Tensor numbered_over_all(const Tensor& indices, const Shape& x, bool by_columns) {
    Tensor place = indices;
    if (by_columns) {
        if (x.rank() != 4) fail(ErrorKind::kUnsupported, "MaxPool: columns of {}", to_string(x));
        const auto rows = static_cast<float>(x[2]), columns = static_cast<float>(x[3]);
        const Tensor at = cast(indices, f32);  // exact: a picture has fewer than 2^24 pixels here
        place = cast(remainder(at, columns) * rows + floor(at / columns), i32);
    }
    const std::int64_t images = x[0] * x[1];
    Shape of_images = Shape{x[0], x[1]};
    while (of_images.rank() < x.rank())
        of_images = of_images.inserted(of_images.rank(), 1);
    const Tensor first =
        arange(images, f32) * static_cast<float>(x.count() / images);  // number of each image
    return place + cast(reshape(first, of_images), i32);
}

Values max_pooled(Call& c) {
    const DType dtype = c.x(0).dtype();
    Tensor x = cast(c.x(0), f32);
    Windows w = windows_of(c, x, {});
    x = pad_unless_equal(x, w, -std::numeric_limits<float>::infinity(), true);
    const bool ceil_mode = c.integer("ceil_mode") != 0;
    std::pair<Tensor, Tensor> y;
    switch (w.axes()) {
        case 1:
            y = max_pool1d_with_indices(x, {.kernel = w.kernel[0],
                                            .stride = w.stride[0],
                                            .padding = w.before[0],
                                            .dilation = w.dilation[0],
                                            .ceil_mode = ceil_mode});
            break;
        case 2:
            y = max_pool2d_with_indices(x, {.kernel = sizes<2>(w.kernel),
                                            .stride = sizes<2>(w.stride),
                                            .padding = sizes<2>(w.before),
                                            .dilation = sizes<2>(w.dilation),
                                            .ceil_mode = ceil_mode});
            break;
        case 3:
            y = max_pool3d_with_indices(x, {.kernel = sizes<3>(w.kernel),
                                            .stride = sizes<3>(w.stride),
                                            .padding = sizes<3>(w.before),
                                            .dilation = sizes<3>(w.dilation),
                                            .ceil_mode = ceil_mode});
            break;
        default: refuse_axes(w);
    }
    if (!c.wants(1)) return {cast(y.first, dtype)};
    if (x.shape() != c.x(0).shape()) {
        fail(ErrorKind::kUnsupported, "MaxPool: indices in an image that was padded first");
    }
    const bool by_columns = c.integer("storage_order") != 0;
    return {cast(y.first, dtype), numbered_over_all(y.second, x.shape(), by_columns)};
}

// Each value goes back to where it was the largest, in an image of the size given or inferred;
// there are zeros everywhere else. The indices are those of the inferred size.
Values max_unpooled(Call& c) {
    const Tensor x = c.x(0);
    const Windows w = windows_of(c, x, {});
    Shape inferred = x.shape();
    for (std::size_t i = 0; i < w.axes(); ++i) {
        inferred = inferred.with(
            i + 2, (x.shape()[i + 2] - 1) * w.stride[i] + w.kernel[i] - w.before[i] - w.after[i]);
    }
    const Shape shape = c.has(2) ? Shape(c.integers(2)) : inferred;
    const std::int64_t count = x.shape().count();
    const Tensor zeros = constant(0, {inferred.count()});
    const Tensor y =
        reshape(scatter(zeros, 0, reshape(c.x(1), {count}), reshape(x, {count})), inferred);
    std::vector<std::int64_t> after;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        after.push_back(shape[axis] - inferred[axis]);
    return {padded(y, std::vector<std::int64_t>(shape.rank(), 0), after, 0)};
}

Tensor averages(const Tensor& x, const Windows& w, bool ceil_mode, bool include_padding) {
    switch (w.axes()) {
        case 1:
            return avg_pool1d(x, {.kernel = w.kernel[0],
                                  .stride = w.stride[0],
                                  .padding = w.before[0],
                                  .ceil_mode = ceil_mode,
                                  .count_include_pad = include_padding});
        case 2:
            return avg_pool2d(x, {.kernel = sizes<2>(w.kernel),
                                  .stride = sizes<2>(w.stride),
                                  .padding = sizes<2>(w.before),
                                  .ceil_mode = ceil_mode,
                                  .count_include_pad = include_padding});
        case 3:
            return avg_pool3d(x, {.kernel = sizes<3>(w.kernel),
                                  .stride = sizes<3>(w.stride),
                                  .padding = sizes<3>(w.before),
                                  .ceil_mode = ceil_mode,
                                  .count_include_pad = include_padding});
        default: refuse_axes(w);
    }
}

Values average_pooled(Call& c) {
    const Tensor x = c.x(0);
    const Windows told = windows_of(c, x, {});
    Windows w = told;
    const bool ceil_mode = c.integer("ceil_mode") != 0;
    const bool include_padding = c.integer("count_include_pad") != 0;
    const Tensor around = pad_unless_equal(x, w, 0, true);
    const Tensor y = averages(around, w, ceil_mode, include_padding);
    if (include_padding || around == x) return {y};
    Windows again = told;
    const Tensor inside = pad_unless_equal(constant(1, x.shape()), again, 0, true);
    return {y / averages(inside, again, ceil_mode, true)};
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
        {"MaxPool", max_pooled},
        {"MaxUnpool", max_unpooled},
        {"AveragePool", average_pooled},
        {"ConvTranspose", conv_transposed},
    };
}

}  // namespace ingot::onnx_tests
