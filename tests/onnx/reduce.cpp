// SPDX-License-Identifier: MIT
// Reductions along axes, and what is normalised along one.
#include "rows.h"

#include <numeric>

namespace ingot::onnx_tests {

namespace {

using Reducer = Tensor (*)(const Tensor&, const ReduceOptions&);

Tensor sum_of_squares(const Tensor& x, const ReduceOptions& options) {
    return sum(square(x), options);
}
template <int p>
Tensor norm_of(const Tensor& x, const ReduceOptions& options) {
    return norm(x, {.p = p, .axes = options.axes, .keep_axes = options.keep_axes});
}
Tensor log_sum(const Tensor& x, const ReduceOptions& options) {
    return log(sum(x, options));
}
template <Reducer reducer>
Values reduced(Call& c) {
    const auto axes = c.has(1) ? c.integers(1) : c.list("axes");
    if (axes.empty() && c.integer("noop_with_empty_axes") != 0) return {c.x(0)};
    return {reducer(c.x(0), {.axes = axes, .keep_axes = c.integer("keepdims", 1) != 0})};
}

// Before opset 13 everything from `axis` on was one row.
template <Tensor (*function)(const Tensor&, std::int64_t)>
Values along(Call& c) {
    const Tensor x = c.x(0);
    if (c.opset() >= 13) return {function(x, c.integer("axis", -1))};
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < axis_of(c.integer("axis", 1), rank_of(x)); ++i)
        rows *= x.shape()[static_cast<std::size_t>(i)];
    return {reshape(function(reshape(x, Shape{rows, x.shape().count() / rows}), 1), x.shape())};
}

template <Tensor (*function)(const Tensor&, std::int64_t)>
Values arg(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t axis = axis_of(c.integer("axis"), rank_of(x));
    const auto at = static_cast<std::size_t>(axis);
    const Shape shape =
        c.integer("keepdims", 1) != 0 ? x.shape().with(at, 1) : x.shape().without(at);
    if (c.integer("select_last_index") == 0) return {reshape(function(x, axis), shape)};
    const Tensor from_behind = function(flip(x, {axis}), axis);
    return {reshape(static_cast<float>(x.shape()[at] - 1) - from_behind, shape)};
}

}  // namespace

Rows reduce_rows() {
    return {
        {"ReduceSum", reduced<sum>},
        {"ReduceMean", reduced<mean>},
        {"ReduceMax", reduced<max>},
        {"ReduceProd", reduced<prod>},
        {"ReduceMin", reduced<min>},
        {"ReduceSumSquare", reduced<sum_of_squares>},
        {"ReduceL1", reduced<norm_of<1>>},
        {"ReduceL2", reduced<norm_of<2>>},
        {"ReduceLogSum", reduced<log_sum>},
        {"ReduceLogSumExp", reduced<logsumexp>},
        {"ArgMax", arg<argmax>},
        {"ArgMin", arg<argmin>},
        {"Softmax", along<softmax>},
        {"LogSoftmax", along<log_softmax>},
    };
}

}  // namespace ingot::onnx_tests
