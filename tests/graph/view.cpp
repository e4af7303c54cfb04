// SPDX-License-Identifier: MIT
// Views against a brute-force walk over indices: every small shape, permuted, expanded, sliced,
// flipped, then reshaped, must show the same elements in the same order; reshaped may refuse only
// what no strides can say.
#include "graph/view.h"

#include "support/interpreter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace ingot;
using namespace ingot::graph;
using ingot::testing::index_in;

namespace {

std::vector<std::int64_t> elements(const View& view) {
    std::vector<std::int64_t> indices;
    for (std::int64_t i = 0; i < view.shape.count(); ++i)
        indices.push_back(index_in(view, i));
    return indices;
}

// All shapes of at most `rank` axes with exactly `count` elements.
void shapes_of(std::int64_t count, std::size_t rank, std::vector<std::int64_t>& prefix,
               std::vector<Shape>& result) {
    if (count == 1) result.emplace_back(std::span<const std::int64_t>(prefix));
    if (prefix.size() == rank) return;
    for (std::int64_t size = 1; size <= count; ++size) {
        if (count % size != 0) continue;
        prefix.push_back(size);
        shapes_of(count / size, rank, prefix, result);
        prefix.pop_back();
    }
}

std::vector<Shape> shapes_of(std::int64_t count, std::size_t rank) {
    std::vector<std::int64_t> prefix;
    std::vector<Shape> result;
    shapes_of(count, rank, prefix, result);
    return result;
}

// Whether some strides show these elements in this order under `shape`.
bool expressible(const std::vector<std::int64_t>& indices, const Shape& shape) {
    View view{shape, {}, indices[0]};
    const Strides contiguous = contiguous_strides(shape);
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] == 1) continue;
        const auto next = static_cast<std::size_t>(contiguous[axis]);
        view.strides[axis] = indices[next] - indices[0];
    }
    return elements(view) == indices;
}

// Views of all kinds over tensors of `shape`.
std::vector<View> views_of(const Shape& shape) {
    std::vector<View> views;
    std::vector<std::size_t> axes(shape.rank());
    std::iota(axes.begin(), axes.end(), std::size_t{0});
    do {
        const View permuted_view = permuted(View::of(shape), axes);
        views.push_back(permuted_view);
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
            const std::int64_t size = permuted_view.shape[axis];
            if (size < 2) continue;
            views.push_back(sliced(permuted_view, axis, 1, size - 1, 1));
            views.push_back(sliced(permuted_view, axis, size - 1, 1, 1));
            views.push_back(sliced(permuted_view, axis, 0, (size + 1) / 2, 2));
            views.push_back(sliced(permuted_view, axis, size - 1, size, -1));
            const View one = sliced(permuted_view, axis, 1, 1, 1);
            views.push_back(expanded(one, permuted_view.shape.with(axis, 3)));
        }
    } while (std::next_permutation(axes.begin(), axes.end()));
    return views;
}

}  // namespace

TEST_CASE("view: permuted shows the element whose coordinates were exchanged") {
    const View view = View::of(Shape{2, 3, 4});
    const std::size_t axes[] = {2, 0, 1};
    const View moved = permuted(view, axes);
    CHECK(moved.shape == Shape{4, 2, 3});
    for (std::int64_t a = 0; a < 2; ++a) {
        for (std::int64_t b = 0; b < 3; ++b) {
            for (std::int64_t c = 0; c < 4; ++c) {
                CHECK(index_in(moved, (c * 2 + a) * 3 + b) == (a * 3 + b) * 4 + c);
            }
        }
    }
}

TEST_CASE("view: contiguous is what an ascending walk says, whatever the strides of single axes") {
    for (const std::int64_t count : {1, 2, 4, 6, 12}) {
        for (const Shape& shape : shapes_of(count, 3)) {
            for (const View& view : views_of(shape)) {
                const auto indices = elements(view);
                bool ascending = true;
                for (std::size_t i = 0; i < indices.size(); ++i)
                    ascending &= indices[i] == view.offset + static_cast<std::int64_t>(i);
                INFO(to_string(view));
                CHECK(view.is_contiguous() == ascending);
            }
        }
    }
    const View odd{Shape{1, 3, 1}, {99, 1, 7}, 5};
    CHECK(odd.is_contiguous());
    CHECK_FALSE(odd.is_whole(Shape{1, 3, 1}));
}

TEST_CASE("view: reshaped keeps the order and refuses only what strides cannot say") {
    std::size_t possible = 0, impossible = 0;
    for (const std::int64_t count : {1, 2, 4, 6, 8, 12}) {
        for (const Shape& shape : shapes_of(count, 3)) {
            for (const View& view : views_of(shape)) {
                const auto indices = elements(view);
                for (const Shape& to : shapes_of(view.shape.count(), 4)) {
                    const auto result = reshaped(view, to);
                    INFO(to_string(view) << " to " << to_string(to));
                    REQUIRE(result.has_value() == expressible(indices, to));
                    ++(result ? possible : impossible);
                    if (!result) continue;
                    REQUIRE(result->shape == to);
                    REQUIRE(elements(*result) == indices);
                }
            }
        }
    }
    CHECK(possible > 1000);
    CHECK(impossible > 1000);
}

TEST_CASE("view: expanded repeats, sliced takes every step-th") {
    const View row = expanded(View::of(Shape{3}), Shape{2, 3});
    CHECK(elements(row) == std::vector<std::int64_t>{0, 1, 2, 0, 1, 2});
    const View column = expanded(View::of(Shape{2, 1}), Shape{2, 3});
    CHECK(elements(column) == std::vector<std::int64_t>{0, 0, 0, 1, 1, 1});
    const View number = expanded(View::of(Shape{}), Shape{2, 2});
    CHECK(elements(number) == std::vector<std::int64_t>{0, 0, 0, 0});
    const View part = sliced(View::of(Shape{2, 5}), 1, 1, 2, 2);
    CHECK(elements(part) == std::vector<std::int64_t>{1, 3, 6, 8});
    CHECK(expanded(View::of(Shape{1, 3}), Shape{1, 3}) == View::of(Shape{1, 3}));
}

TEST_CASE("view: collapse merges as far as all views allow and moves no element") {
    for (const std::int64_t count : {1, 4, 6, 12}) {
        for (const Shape& shape : shapes_of(count, 3)) {
            for (const View& view : views_of(shape)) {
                const View both[] = {view, View::of(view.shape)};
                const CollapsedViews collapsed = collapse(view.shape, both);
                INFO(to_string(view));
                REQUIRE(collapsed.strides.size() == 2);
                const Shape merged{std::span<const std::int64_t>(collapsed.sizes)};
                REQUIRE(merged.count() == view.shape.count());
                for (std::size_t k = 0; k < 2; ++k) {
                    REQUIRE(collapsed.strides[k].size() == collapsed.sizes.size());
                    View again{merged, {}, both[k].offset};
                    std::copy(collapsed.strides[k].begin(), collapsed.strides[k].end(),
                              again.strides.begin());
                    REQUIRE(elements(again) == elements(both[k]));
                }
                for (const std::int64_t size : collapsed.sizes)
                    CHECK(size > 1);
                // No two neighbours that both views walk through as one are left.
                for (std::size_t axis = 0; axis + 1 < collapsed.sizes.size(); ++axis) {
                    bool one = true;
                    for (std::size_t k = 0; k < 2; ++k) {
                        one &= collapsed.strides[k][axis] ==
                               collapsed.strides[k][axis + 1] * collapsed.sizes[axis + 1];
                    }
                    CHECK_FALSE(one);
                }
            }
        }
    }
}

TEST_CASE("view: dumps name shape, strides and offset") {
    const View view{Shape{2, 3}, {1, 4}, 5};
    CHECK(to_string(view) == "[2, 3]/[1, 4]+5");
}
