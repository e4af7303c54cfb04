// SPDX-License-Identifier: MIT
// Plain loops over double arrays, for the references of the op table: an array is written as a
// function of its index, and read at an index with broadcasting.
#pragma once

#include "support/op_case.h"

#include <utility>

namespace ingot::testing {

using Index = std::vector<std::int64_t>;

// The element at `index`; leading axes that `array` lacks are ignored, axes of size 1 repeat.
inline double at(const Array& array, const Index& index) {
    const std::size_t lead = index.size() - array.shape.rank();
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < array.shape.rank(); ++axis) {
        place = place * array.shape[axis] + (array.shape[axis] == 1 ? 0 : index[lead + axis]);
    }
    return array[place];
}

inline Index index_of(const Shape& shape, std::int64_t place) {
    Index index(shape.rank());
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        index[axis] = place % shape[axis];
        place /= shape[axis];
    }
    return index;
}

inline std::int64_t place_of(const Shape& shape, const Index& index) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        place = place * shape[axis] + index[axis];
    return place;
}

// element(index) for every index of `shape`.
template <typename Element>
Array make_array(const Shape& shape, Element&& element) {
    Array result(shape);
    for (std::int64_t i = 0; i < shape.count(); ++i)
        result[i] = element(index_of(shape, i));
    return result;
}

template <typename Function>
Array map(const Array& a, Function&& function) {
    Array result(a.shape);
    for (std::int64_t i = 0; i < a.count(); ++i)
        result[i] = function(a[i]);
    return result;
}

template <typename Function>
Array map(const Array& a, const Array& b, Function&& function) {
    return make_array(broadcast("reference", a.shape, b.shape),
                      [&](const Index& i) { return function(at(a, i), at(b, i)); });
}

inline Array with_shape(Array a, const Shape& shape) {
    return Array(shape, std::move(a.values));
}

inline Array permuted(const Array& a, const std::vector<std::size_t>& axes) {
    Shape shape = a.shape;
    for (std::size_t i = 0; i < axes.size(); ++i)
        shape = shape.with(i, a.shape[axes[i]]);
    return make_array(shape, [&](const Index& i) {
        Index source(i.size());
        for (std::size_t k = 0; k < axes.size(); ++k)
            source[axes[k]] = i[k];
        return at(a, source);
    });
}

inline Array broadcasted(const Array& a, const Shape& shape) {
    return make_array(shape, [&](const Index& i) { return at(a, i); });
}

inline Array sliced(const Array& a, std::size_t axis, std::int64_t begin, std::int64_t end,
                    std::int64_t step = 1) {
    return make_array(a.shape.with(axis, (end - begin + step - 1) / step), [&](Index i) {
        i[axis] = begin + i[axis] * step;
        return at(a, i);
    });
}

}  // namespace ingot::testing
