// SPDX-License-Identifier: MIT
// What several families of adapters share.
#pragma once

#include "adapter.h"

#include <ingot/ops.h>

namespace ingot::onnx_tests {

// Operators by name, as arguments of templates.
inline Tensor add(const Tensor& a, const Tensor& b) {
    return a + b;
}
inline Tensor subtract(const Tensor& a, const Tensor& b) {
    return a - b;
}
inline Tensor multiply(const Tensor& a, const Tensor& b) {
    return a * b;
}
inline Tensor divide(const Tensor& a, const Tensor& b) {
    return a / b;
}
inline Tensor negate(const Tensor& x) {
    return -x;
}

template <Tensor (*function)(const Tensor&)>
Values unary(Call& call) {
    return {function(call.x(0))};
}

template <Tensor (*function)(const Tensor&, const Tensor&)>
Values binary(Call& call) {
    return {function(call.x(0), call.x(1))};
}

// Any number of operands, one after the other.
template <Tensor (*function)(const Tensor&, const Tensor&)>
Tensor folded(Call& call) {
    Tensor result = call.x(0);
    for (std::size_t i = 1; i < call.count(); ++i)
        result = function(result, call.x(i));
    return result;
}

// x with `before[i]` and `after[i]` elements of `value` around axis i.
Tensor padded(const Tensor& x, const std::vector<std::int64_t>& before,
              const std::vector<std::int64_t>& after, float value);

// By the attributes of a node of convolution.
Tensor convolved(Call& call, Tensor x, const Tensor& weight, const Tensor& bias);

inline std::int64_t rank_of(const Tensor& x) {
    return static_cast<std::int64_t>(x.shape().rank());
}

// Axes counted from the back when negative, in [0, rank).
inline std::int64_t axis_of(std::int64_t axis, std::int64_t rank) {
    return axis < 0 ? axis + rank : axis;
}

}  // namespace ingot::onnx_tests
