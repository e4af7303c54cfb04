// SPDX-License-Identifier: MIT
// The same elements in another shape or order.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>

namespace ingot::onnx_tests {

Tensor padded(const Tensor& x, const std::vector<std::int64_t>& before,
              const std::vector<std::int64_t>& after, float value) {
    PadOptions options{.value = value};
    for (std::size_t i = 0; i < before.size(); ++i)
        options.axes.push_back({static_cast<std::int64_t>(i), before[i], after[i]});
    return pad(x, options);
}

namespace {

// An operand from the opset on that made it one, an attribute before.
std::vector<std::int64_t> operand_or_attribute(Call& c, std::size_t input, const char* name) {
    return c.has(input) ? c.integers(input) : c.list(name);
}

// 0 keeps a size, -1 takes what is left.
Values reshaped(Call& c) {
    const Tensor x = c.x(0);
    std::vector<std::int64_t> sizes = operand_or_attribute(c, 1, "shape");
    std::int64_t known = 1;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (sizes[i] == 0 && c.integer("allowzero") == 0) sizes[i] = x.shape()[i];
        if (sizes[i] != -1) known *= sizes[i];
    }
    for (std::int64_t& size : sizes) {
        if (size == -1) size = x.shape().count() / known;
    }
    return {reshape(x, Shape(sizes))};
}

Values flattened(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t axis = axis_of(c.integer("axis", 1), rank_of(x));
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < axis; ++i)
        rows *= x.shape()[static_cast<std::size_t>(i)];
    return {reshape(x, Shape{rows, x.shape().count() / rows})};
}

Values transposed(Call& c) {
    const Tensor x = c.x(0);
    std::vector<std::int64_t> axes(x.shape().rank());
    std::iota(axes.rbegin(), axes.rend(), 0);
    return {permute(x, c.list("perm", axes))};
}

Values squeezed(Call& c) {
    const Tensor x = c.x(0);
    const auto axes = operand_or_attribute(c, 1, "axes");
    std::vector<std::int64_t> sizes;
    for (std::int64_t i = 0; i < rank_of(x); ++i) {
        const std::int64_t size = x.shape()[static_cast<std::size_t>(i)];
        const bool listed = std::any_of(axes.begin(), axes.end(), [&](std::int64_t axis) {
            return axis_of(axis, rank_of(x)) == i;
        });
        if (axes.empty() ? size != 1 : !listed) sizes.push_back(size);
    }
    return {reshape(x, Shape(sizes))};
}

Values unsqueezed(Call& c) {
    const Tensor x = c.x(0);
    auto axes = operand_or_attribute(c, 1, "axes");
    const std::int64_t rank = rank_of(x) + static_cast<std::int64_t>(axes.size());
    for (std::int64_t& axis : axes)
        axis = axis_of(axis, rank);
    std::sort(axes.begin(), axes.end());
    Shape shape = x.shape();
    for (const std::int64_t axis : axes)
        shape = shape.inserted(static_cast<std::size_t>(axis), 1);
    return {reshape(x, shape)};
}

Values sliced(Call& c) {
    Tensor x = c.x(0);
    const auto begins = operand_or_attribute(c, 1, "starts");
    const auto ends = operand_or_attribute(c, 2, "ends");
    auto axes = operand_or_attribute(c, 3, "axes");
    if (axes.empty()) {
        axes.resize(begins.size());
        std::iota(axes.begin(), axes.end(), 0);
    }
    const auto steps = c.integers_or(4, std::vector<std::int64_t>(begins.size(), 1));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t axis = axis_of(axes[i], rank_of(x));
        const std::int64_t size = x.shape()[static_cast<std::size_t>(axis)];
        const bool backward = steps[i] < 0;
        // In a flipped axis, element i is size - 1 - i.
        const auto within = [&](std::int64_t at) {
            const std::int64_t front = at < 0 ? at + size : at;
            return std::clamp<std::int64_t>(backward ? size - 1 - front : front, 0, size);
        };
        if (backward) x = flip(x, {axis});
        x = slice(x, {.axis = axis,
                      .begin = within(begins[i]),
                      .end = within(ends[i]),
                      .step = std::abs(steps[i])});
    }
    return {x};
}

Values parted(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t axis = axis_of(c.integer("axis"), rank_of(x));
    auto sizes = operand_or_attribute(c, 1, "split");
    if (sizes.empty()) {
        const std::int64_t size = x.shape()[static_cast<std::size_t>(axis)];
        sizes.assign(c.outputs(), size / static_cast<std::int64_t>(c.outputs()));
    }
    const Tensors parts = split(x, sizes, axis);
    return {parts.begin(), parts.end()};
}

Values expanded(Call& c) {
    const Shape shape(c.integers(1));
    return {expand(c.x(0), broadcast("Expand", c.x(0).shape(), shape))};
}

Values tiled(Call& c) {
    return {tile(c.x(0), c.integers(1))};
}

Values padded_as_told(Call& c) {
    const std::map<std::string, PadMode> modes = {{"constant", PadMode::kConstant},
                                                  {"reflect", PadMode::kReflect},
                                                  {"edge", PadMode::kReplicate}};
    const auto pads = operand_or_attribute(c, 1, "pads");
    PadOptions options{.mode = modes.at(c.text("mode", "constant")),
                       .value = c.has(2) ? static_cast<float>(c.number(2)) : c.real("value")};
    const std::size_t rank = pads.size() / 2;
    for (std::size_t i = 0; i < rank; ++i)
        options.axes.push_back({static_cast<std::int64_t>(i), pads[i], pads[rank + i]});
    return {pad(c.x(0), options)};
}

// [B, C, H, W] between blocks in the picture and blocks in the channels.
Values depth_to_space(Call& c) {
    const Tensor x = c.x(0);
    const Shape& s = x.shape();
    const std::int64_t b = c.integer("blocksize");
    const std::int64_t channels = s[1] / (b * b);
    const bool crd = c.text("mode", "DCR") == "CRD";
    const Tensor parts = crd ? reshape(x, Shape{s[0], channels, b, b, s[2], s[3]})
                             : reshape(x, Shape{s[0], b, b, channels, s[2], s[3]});
    const Tensor moved =
        crd ? permute(parts, {0, 1, 4, 2, 5, 3}) : permute(parts, {0, 3, 4, 1, 5, 2});
    return {reshape(moved, Shape{s[0], channels, s[2] * b, s[3] * b})};
}

Values space_to_depth(Call& c) {
    const Tensor x = c.x(0);
    const Shape& s = x.shape();
    const std::int64_t b = c.integer("blocksize");
    const Tensor parts = reshape(x, Shape{s[0], s[1], s[2] / b, b, s[3] / b, b});
    return {
        reshape(permute(parts, {0, 3, 5, 1, 2, 4}), Shape{s[0], s[1] * b * b, s[2] / b, s[3] / b})};
}

}  // namespace

Rows layout_rows() {
    return {
        {"Reshape", reshaped},
        {"Flatten", flattened},
        {"Transpose", transposed},
        {"Squeeze", squeezed},
        {"Unsqueeze", unsqueezed},
        {"Slice", sliced},
        {"Split", parted},
        {"Expand", expanded},
        {"Tile", tiled},
        {"Pad", padded_as_told},
        {"Concat", [](Call& c) -> Values { return {concatenate(c.all(), c.integer("axis", 1))}; }},
        {"DepthToSpace", depth_to_space},
        {"SpaceToDepth", space_to_depth},
    };
}

}  // namespace ingot::onnx_tests
