// SPDX-License-Identifier: MIT
#include "graph/view.h"

#include "core/check.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace ingot::graph {

bool View::is_contiguous() const {
    std::int64_t expected = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        if (shape[axis] != 1 && strides[axis] != expected) return false;
        expected *= shape[axis];
    }
    return true;
}

bool View::operator==(const View& other) const {
    return shape == other.shape && offset == other.offset &&
           std::equal(strides.begin(), strides.begin() + shape.rank(), other.strides.begin());
}

std::string to_string(const View& view) {
    const std::span<const std::int64_t> strides(view.strides.data(), view.shape.rank());
    return fmt::format("{}/[{}]+{}", to_string(view.shape), fmt::join(strides, ", "), view.offset);
}

std::int64_t element_of(const View& view, std::int64_t element) {
    std::int64_t at = view.offset;
    for (std::size_t axis = view.shape.rank(); axis-- > 0;) {
        at += element % view.shape[axis] * view.strides[axis];
        element /= view.shape[axis];
    }
    return at;
}

std::optional<View> reshaped(const View& view, const Shape& shape) {
    if (view.is_contiguous()) return View{shape, contiguous_strides(shape), view.offset};
    // Walk both shapes from the outside; a run of old axes that together hold as many elements as a
    // run of new ones can be split anew when its strides step through it as one axis.
    View result{shape, {}, view.offset};
    std::size_t old_axis = 0;
    std::size_t new_axis = 0;
    while (new_axis < shape.rank() || old_axis < view.shape.rank()) {
        std::size_t old_end = old_axis;
        std::size_t new_end = new_axis;
        std::int64_t old_count = 1;
        std::int64_t new_count = 1;
        do {
            if (old_count <= new_count && old_end < view.shape.rank()) {
                old_count *= view.shape[old_end++];
            } else if (new_end < shape.rank()) {
                new_count *= shape[new_end++];
            } else {
                old_count *= view.shape[old_end++];
            }
        } while (old_count != new_count);
        std::int64_t stride = 0;               // of the innermost old axis that is longer than 1
        std::optional<std::int64_t> expected;  // of the next one
        for (std::size_t axis = old_end; axis-- > old_axis;) {
            if (view.shape[axis] == 1) continue;
            if (expected && view.strides[axis] != *expected) return std::nullopt;
            if (!expected) stride = view.strides[axis];
            expected = view.strides[axis] * view.shape[axis];
        }
        for (std::size_t axis = new_end; axis-- > new_axis;) {
            result.strides[axis] = stride;
            stride *= shape[axis];
        }
        old_axis = old_end;
        new_axis = new_end;
    }
    return result;
}

View permuted(const View& view, std::span<const std::size_t> axes) {
    INGOT_CHECK(axes.size() == view.shape.rank());
    View result = view;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
        result.shape = result.shape.with(axis, view.shape[axes[axis]]);
        result.strides[axis] = view.strides[axes[axis]];
    }
    return result;
}

View expanded(const View& view, const Shape& shape) {
    INGOT_CHECK(shape.rank() >= view.shape.rank());
    View result{shape, {}, view.offset};
    const std::size_t lead = shape.rank() - view.shape.rank();
    for (std::size_t axis = 0; axis < view.shape.rank(); ++axis) {
        const bool repeats = view.shape[axis] == 1 && shape[lead + axis] != 1;
        INGOT_CHECK(repeats || view.shape[axis] == shape[lead + axis]);
        result.strides[lead + axis] = repeats ? 0 : view.strides[axis];
    }
    return result;
}

View sliced(const View& view, std::size_t axis, std::int64_t begin, std::int64_t count,
            std::int64_t step) {
    View result = view;
    result.shape = view.shape.with(axis, count);
    result.offset += begin * view.strides[axis];
    result.strides[axis] = view.strides[axis] * step;
    return result;
}

CollapsedViews collapse(const Shape& space, std::span<const View> views) {
    CollapsedViews result;
    result.strides.resize(views.size());
    for (std::size_t axis = 0; axis < space.rank(); ++axis) {
        if (space[axis] == 1) continue;
        bool merges = !result.sizes.empty();
        for (std::size_t i = 0; i < views.size() && merges; ++i) {
            merges = result.strides[i].back() == views[i].strides[axis] * space[axis];
        }
        if (merges) {
            result.sizes.back() *= space[axis];
        } else {
            result.sizes.push_back(space[axis]);
        }
        for (std::size_t i = 0; i < views.size(); ++i) {
            if (merges) {
                result.strides[i].back() = views[i].strides[axis];
            } else {
                result.strides[i].push_back(views[i].strides[axis]);
            }
        }
    }
    return result;
}

}  // namespace ingot::graph
