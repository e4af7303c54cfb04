// SPDX-License-Identifier: MIT
// Numbers as integers of 8 bits with a scale and a zero point. ingot computes with none of them; in
// f32, which holds each sum of so few products exactly, it gives the same.
#include "rows.h"

namespace ingot::onnx_tests {

namespace {

// A scale or zero point of each slice along `axis`, or of all of x.
Tensor along(const Tensor& of_slices, std::int64_t axis, const Tensor& x) {
    if (of_slices.shape().count() == 1) return reshape(of_slices, Shape{});
    Shape shape = Shape{of_slices.shape().count()};
    while (axis_of(axis, rank_of(x)) + static_cast<std::int64_t>(shape.rank()) < rank_of(x))
        shape = shape.inserted(shape.rank(), 1);
    return reshape(of_slices, shape);
}

// Operand `input` less its zero point, as numbers.
Tensor centred(Call& c, std::size_t input, std::size_t zero, std::int64_t axis = 0) {
    const Tensor x = cast(c.x(input), f32);
    return c.has(zero) ? x - along(cast(c.x(zero), f32), axis, x) : x;
}

// To integers of the type that the zero point has.
Tensor quantized(Call& c, const Tensor& x, const Tensor& scale, std::size_t zero,
                 std::int64_t axis = 0) {
    const bool is_signed = c.has(zero) && c.type(zero) == onnx::TensorProto::INT8;
    const float low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
    Tensor y = round(x / along(scale, axis, x));
    if (c.has(zero)) y = y + along(cast(c.x(zero), f32), axis, x);
    return cast(minimum(maximum(y, low), high), i32);
}

Values quantize(Call& c) {
    return {quantized(c, c.x(0), c.x(1), 2, c.integer("axis", 1))};
}

Values dequantize(Call& c) {
    const std::int64_t axis = c.integer("axis", 1);
    return {centred(c, 0, 2, axis) * along(c.x(1), axis, c.x(0))};
}

Values quantize_by_range(Call& c) {
    const Tensor x = c.x(0);
    const Tensor low = minimum(min(x), 0.0F), high = maximum(max(x), 0.0F);
    const Tensor scale = (high - low) / 255.0F;
    const Tensor zero = round(minimum(maximum(-low / scale, 0.0F), 255.0F));
    const Tensor y = minimum(maximum(round(x / scale) + zero, 0.0F), 255.0F);
    return {cast(y, i32), scale, cast(zero, i32)};
}

Values integer_product(Call& c) {
    return {cast(matmul(centred(c, 0, 2), centred(c, 1, 3)), i32)};
}

Values integer_conv(Call& c) {
    return {cast(convolved(c, centred(c, 0, 2), centred(c, 1, 3), {}), i32)};
}

// Operands: a, scale, zero; b, scale, zero; scale and zero of the result.
Values quantized_product(Call& c) {
    return {
        quantized(c, matmul(centred(c, 0, 2), centred(c, 3, 5)), c.x(6) / (c.x(1) * c.x(4)), 7)};
}

Values quantized_conv(Call& c) {
    const Tensor bias = c.has(8) ? cast(c.x(8), f32) : Tensor();
    const Tensor y = convolved(c, centred(c, 0, 2), centred(c, 3, 5), bias);
    return {quantized(c, y, c.x(6) / (c.x(1) * c.x(4)), 7, 1)};
}

}  // namespace

Rows quantized_rows() {
    return {
        {"QuantizeLinear", quantize},
        {"DequantizeLinear", dequantize},
        {"DynamicQuantizeLinear", quantize_by_range},
        {"MatMulInteger", integer_product},
        {"ConvInteger", integer_conv},
        {"QLinearMatMul", quantized_product},
        {"QLinearConv", quantized_conv},
    };
}

}  // namespace ingot::onnx_tests
