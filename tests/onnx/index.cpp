// SPDX-License-Identifier: MIT
// Reading, writing and ordering by indices. ONNX counts indices from the back when negative.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::onnx_tests {

namespace {

std::int64_t size_along(const Tensor& x, std::int64_t axis) {
    return x.shape()[static_cast<std::size_t>(axis_of(axis, rank_of(x)))];
}

// An operand of indices into an axis of this size, counted from the front. ONNX's may be computed;
// they are looked at here either way.
Tensor indices(Call& c, std::size_t input, std::int64_t size) {
    Array counted = c.host(input);
    for (double& index : counted.values)
        index += index < 0 ? static_cast<double>(size) : 0;
    return c.given(counted);
}

// The last axis moved in front of `axis` of what results.
Tensor with_last_at(const Tensor& x, std::int64_t axis) {
    std::vector<std::int64_t> order(x.shape().rank() - 1);
    std::iota(order.begin(), order.end(), 0);
    const std::int64_t at = axis_of(axis, rank_of(x));
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), rank_of(x) - 1);
    return permute(x, order);
}

Values gathered(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t axis = axis_of(c.integer("axis"), rank_of(x));
    const Tensor index = indices(c, 1, size_along(x, axis));
    const Tensor rows = index_select(x, axis, reshape(index, Shape{index.shape().count()}));
    std::vector<std::int64_t> sizes(x.shape().begin(), x.shape().end());
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(axis));
    sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(axis), index.shape().begin(),
                 index.shape().end());
    return {reshape(rows, Shape(sizes))};
}

Values gathered_elements(Call& c) {
    const std::int64_t axis = c.integer("axis");
    return {gather(c.x(0), axis, indices(c, 1, size_along(c.x(0), axis)))};
}

Values scattered(Call& c) {
    const std::int64_t axis = c.integer("axis");
    const Tensor index = indices(c, 1, size_along(c.x(0), axis));
    if (c.text("reduction", "none") == "add") return {scatter_add(c.x(0), axis, index, c.x(2))};
    return {scatter(c.x(0), axis, index, c.x(2))};
}

// Tuples of indices [.., k] into the first axes of x after `batch` common ones, as rows of x seen
// as [places, what is left].
struct Places {
    Array rows;    // [tuples]
    Shape result;  // of x at these places
    std::int64_t places, rest;
};

Places places_of(const Tensor& x, const Array& tuples, std::size_t batch) {
    const std::size_t last = tuples.shape.rank() - 1;
    const auto length = static_cast<std::size_t>(tuples.shape[last]);
    Places at{Array({tuples.count() / tuples.shape[last]}), tuples.shape.without(last), 1, 0};
    for (std::size_t axis = 0; axis < batch + length; ++axis)
        at.places *= x.shape()[axis];
    at.rest = x.shape().count() / at.places;
    for (std::size_t axis = batch + length; axis < x.shape().rank(); ++axis)
        at.result = at.result.inserted(at.result.rank(), x.shape()[axis]);
    std::int64_t batches = 1;
    for (std::size_t axis = 0; axis < batch; ++axis)
        batches *= x.shape()[axis];
    for (std::int64_t tuple = 0; tuple < at.rows.count(); ++tuple) {
        auto row = static_cast<double>(tuple / (at.rows.count() / batches));
        for (std::size_t i = 0; i < length; ++i) {
            const auto size = static_cast<double>(x.shape()[batch + i]);
            const double index = tuples[tuple * tuples.shape[last] + static_cast<std::int64_t>(i)];
            row = row * size + (index < 0 ? index + size : index);
        }
        at.rows[tuple] = row;
    }
    return at;
}

Values gathered_tuples(Call& c) {
    const Tensor x = c.x(0);
    const Places at = places_of(x, c.host(1), static_cast<std::size_t>(c.integer("batch_dims")));
    const Tensor rows = reshape(x, Shape{at.places, at.rest});
    return {reshape(index_select(rows, 0, c.given(at.rows)), at.result)};
}

Values scattered_tuples(Call& c) {
    const Tensor x = c.x(0);
    const Places at = places_of(x, c.host(1), 0);
    const std::int64_t tuples = at.rows.count();
    const Tensor places = c.given(at.rows);
    const Tensor rows = reshape(x, Shape{at.places, at.rest});
    const Tensor source = reshape(c.x(2), Shape{tuples, at.rest});
    const std::string reduction = c.text("reduction", "none");
    if (reduction == "add") return {reshape(index_add(rows, 0, places, source), x.shape())};
    if (reduction == "mul") {  // one after the other, for places may be named again
        Tensor product = rows;
        for (std::int64_t tuple = 0; tuple < tuples; ++tuple) {
            const SliceOptions one{.begin = tuple, .end = tuple + 1};
            const Tensor place = slice(places, one);
            const Tensor next = index_select(product, 0, place) * slice(source, one);
            const Tensor index = expand(reshape(place, Shape{1, 1}), Shape{1, at.rest});
            product = scatter(product, 0, index, next);
        }
        return {reshape(product, x.shape())};
    }
    if (reduction != "none") fail(ErrorKind::kUnsupported, "ScatterND: {}", reduction);
    const Tensor index = expand(reshape(places, Shape{tuples, 1}), Shape{tuples, at.rest});
    return {reshape(scatter(rows, 0, index, source), x.shape())};
}

Values one_hot_coded(Call& c) {
    const std::int64_t classes = c.integers(1)[0];
    const Tensor hot = one_hot(indices(c, 0, classes), classes);
    const Array& values = c.host(2);
    const auto off = static_cast<float>(values[0]), on = static_cast<float>(values[1]);
    const Tensor y = with_last_at(hot * (on - off) + off, c.integer("axis", -1));
    return {cast(y, c.x(2).dtype())};
}

Values hard_max(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t axis = c.integer("axis", -1);
    return {with_last_at(one_hot(argmax(x, axis), size_along(x, axis)), axis)};
}

Values top(Call& c) {
    const Sorted sorted =
        topk(c.x(0), c.integers(1)[0],
             {.axis = c.integer("axis", -1), .largest = c.integer("largest", 1) != 0});
    return {sorted.values, sorted.indices};
}

Values summed_up(Call& c) {
    return {
        cumsum(c.x(0), c.integers(1)[0],
               {.reverse = c.integer("reverse") != 0, .exclusive = c.integer("exclusive") != 0})};
}

Values triangle(Call& c) {
    const std::int64_t diagonal = c.has(1) ? c.integers(1)[0] : 0;
    const Tensor x = cast(c.x(0), f32);
    const Tensor y = c.integer("upper", 1) != 0 ? triu(x, diagonal) : tril(x, diagonal);
    return {cast(y, c.x(0).dtype())};
}

// Ones where the column is the row + k.
Values eye_like(Call& c) {
    const Shape shape = c.x(0).shape();
    const Tensor row = reshape(arange(shape[0], f32), Shape{shape[0], 1});
    const Tensor ones = equal(arange(shape[1], f32), row + static_cast<float>(c.integer("k")));
    const int type = c.has("dtype") ? static_cast<int>(c.integer("dtype")) : c.type(0);
    return {cast(ones, dtype_of(type))};
}

Values range(Call& c) {
    const double start = c.number(0), limit = c.number(1), delta = c.number(2);
    const auto count = static_cast<std::int64_t>(std::max(0.0, std::ceil((limit - start) / delta)));
    const Tensor numbers =
        arange(count, f32) * static_cast<float>(delta) + static_cast<float>(start);
    return {cast(numbers, c.x(0).dtype())};
}

// Of each sequence the first `length` steps turned round.
Values reversed_sequences(Call& c) {
    const Tensor x = c.x(0);
    const bool time_first = c.integer("time_axis") == 0;
    const std::int64_t time = size_along(x, time_first ? 0 : 1);
    const Array& lengths = c.host(1);
    Array index({lengths.count(), time});
    for (std::int64_t i = 0; i < index.count(); ++i) {
        const auto step = static_cast<double>(i % time);
        const double length = lengths[i / time];
        index[i] = step < length ? length - 1 - step : step;
    }
    Tensor places = c.given(index);
    if (time_first) places = transpose(places);
    while (places.shape().rank() < x.shape().rank())
        places = reshape(places, places.shape().inserted(places.shape().rank(), 1));
    return {gather(x, time_first ? 0 : 1, expand(places, x.shape()))};
}

}  // namespace

Rows index_rows() {
    return {
        {"Gather", gathered},
        {"GatherElements", gathered_elements},
        {"GatherND", gathered_tuples},
        {"Scatter", scattered},
        {"ScatterElements", scattered},
        {"ScatterND", scattered_tuples},
        {"OneHot", one_hot_coded},
        {"Hardmax", hard_max},
        {"TopK", top},
        {"CumSum", summed_up},
        {"Trilu", triangle},
        {"EyeLike", eye_like},
        {"Range", range},
        {"ReverseSequence", reversed_sequences},
    };
}

}  // namespace ingot::onnx_tests
