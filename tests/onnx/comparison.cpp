// SPDX-License-Identifier: MIT
// Comparisons, logic and choice.
#include "rows.h"

namespace ingot::onnx_tests {

namespace {

Values is_infinite(Call& c) {
    const Tensor x = c.x(0);
    Tensor y = isinf(x);
    if (c.integer("detect_positive", 1) == 0) y = logical_and(y, less(x, 0.0F));
    if (c.integer("detect_negative", 1) == 0) y = logical_and(y, greater(x, 0.0F));
    return {y};
}

Values shrunk(Call& c) {
    const Tensor x = c.x(0);
    const float lambd = c.real("lambd", 0.5F), bias = c.real("bias");
    const Tensor zero = constant(0, x.shape());
    return {where(less(x, -lambd), x + bias, where(greater(x, lambd), x - bias, zero))};
}

}  // namespace

Rows comparison_rows() {
    return {
        {"Equal", binary<equal>},
        {"Greater", binary<greater>},
        {"GreaterOrEqual", binary<greater_equal>},
        {"Less", binary<less>},
        {"LessOrEqual", binary<less_equal>},
        {"And", binary<logical_and>},
        {"Or", binary<logical_or>},
        {"Xor", binary<logical_xor>},
        {"Not", unary<logical_not>},
        {"IsNaN", unary<isnan>},
        {"IsInf", is_infinite},
        {"Where", [](Call& c) -> Values { return {where(c.x(0), c.x(1), c.x(2))}; }},
        {"Shrink", shrunk},
    };
}

}  // namespace ingot::onnx_tests
