// SPDX-License-Identifier: MIT
// A view: how the elements of a tensor lie in the value that holds them. Reshape, transpose, slice
// and broadcast are views; they cost nothing until a kernel that cannot follow strides reads them.
#pragma once

#include <ingot/shape.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingot::graph {

struct View {
    Shape shape;
    Strides strides{};        // elements; 0 repeats, a negative one runs backwards
    std::int64_t offset = 0;  // elements

    static View of(const Shape& shape) { return {shape, contiguous_strides(shape), 0}; }
    bool is_contiguous() const;  // whatever the offset
    bool is_whole(const Shape& of) const { return is_contiguous() && offset == 0 && shape == of; }
    bool operator==(const View& other) const;
};

std::string to_string(const View& view);

// Where element number `element` of the view lies in the value.
std::int64_t element_of(const View& view, std::int64_t element);

// The same elements in the same order under another shape; nothing when strides cannot say it.
std::optional<View> reshaped(const View& view, const Shape& shape);
View permuted(const View& view, std::span<const std::size_t> axes);
View expanded(const View& view, const Shape& shape);  // NumPy's broadcast
View sliced(const View& view, std::size_t axis, std::int64_t begin, std::int64_t count,
            std::int64_t step);

// Views over one iteration space with the axes merged that every view walks through as one.
struct CollapsedViews {
    std::vector<std::int64_t> sizes;                 // outermost first, no axis of size 1
    std::vector<std::vector<std::int64_t>> strides;  // per view, per remaining axis
};
CollapsedViews collapse(const Shape& space, std::span<const View> views);

}  // namespace ingot::graph
