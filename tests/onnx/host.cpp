// SPDX-License-Identifier: MIT
// What ingot knows when an expression is written, or takes as an option: shapes and constants.
#include "rows.h"

#include "core/check.h"

#include <algorithm>

namespace ingot::onnx_tests {

namespace {

Values constant_value(Call& c) {
    if (c.has("value")) return {c.tensor("value")};
    if (c.has("value_int")) {
        return {Value(TypedArray{Array({}, static_cast<double>(c.integer("value_int"))),
                                 onnx::TensorProto::INT64})};
    }
    if (c.has("value_float")) {
        return {Value(TypedArray{Array({}, c.real("value_float")), onnx::TensorProto::FLOAT})};
    }
    if (c.has("value_floats")) {
        const auto values = c.reals("value_floats");
        return {Value(TypedArray{
            Array({static_cast<std::int64_t>(values.size())}, {values.begin(), values.end()}),
            onnx::TensorProto::FLOAT})};
    }
    if (c.has("value_ints")) {
        const auto values = c.list("value_ints");
        return {Value(TypedArray{
            Array({static_cast<std::int64_t>(values.size())}, {values.begin(), values.end()}),
            onnx::TensorProto::INT64})};
    }
    fail(ErrorKind::kUnsupported, "Constant without numbers");
}

Values shape_of(Call& c) {
    const Shape& shape = c.x(0).shape();
    const auto rank = static_cast<std::int64_t>(shape.rank());
    const auto within = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(axis_of(at, rank), 0, rank);
    };
    std::vector<double> sizes;
    for (auto i = within(c.integer("start")); i < within(c.integer("end", rank)); ++i)
        sizes.push_back(static_cast<double>(shape[static_cast<std::size_t>(i)]));
    return {Array({static_cast<std::int64_t>(sizes.size())}, sizes)};
}

Values constant_of_shape(Call& c) {
    Value value = c.tensor("value");
    const double number = value ? (*value.host)[0] : 0;
    return {Value(TypedArray{Array(Shape(c.integers(0)), number),
                             value ? value.type : int{onnx::TensorProto::FLOAT}})};
}

}  // namespace

Rows host_rows() {
    return {
        {"Constant", constant_value},
        {"ConstantOfShape", constant_of_shape},
        {"Shape", shape_of},
        {"Size",
         [](Call& c) -> Values {
             return {Array({}, static_cast<double>(c.x(0).shape().count()))};
         }},
    };
}

}  // namespace ingot::onnx_tests
