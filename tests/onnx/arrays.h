// SPDX-License-Identifier: MIT
// ONNX's tensors as arrays of doubles and back, and as what a program is fed with.
//
// What ingot has no type for travels in the nearest it has: double as f32, integers of other widths
// as i32 when all values fit. Comparison is by value, so a result that such a detour changes fails.
#pragma once

#include "support/op_case.h"

#include <onnx.pb.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ingot::onnx_tests {

using testing::Array;
using testing::Arrays;
using testing::Tensors;

// A tensor on the host with the type that its model gives it (onnx::TensorProto::DataType).
struct TypedArray {
    Array array;
    int type = onnx::TensorProto::UNDEFINED;
};

// Throws for strings, complex numbers and shapes beyond ingot's rank.
TypedArray read_tensor(const onnx::TensorProto& tensor);

DType dtype_of(int onnx_type);  // throws for a type that has no neighbour

std::vector<std::byte> encode(const Array& array, DType dtype);  // throws when a value does not fit
Array decode(const Shape& shape, DType dtype, std::span<const std::byte> bytes);

// |result - expected| <= absolute + relative * |expected| everywhere, NaN where NaN is expected,
// and the same shape. ONNX asks for 1e-3 and 1e-7; except for 16-bit floats we ask for a hundredth.
struct Closeness {
    double relative = 1e-5;
    double absolute = 1e-7;
};
Closeness closeness_of(int onnx_type);
// Empty when as close as that, else the first difference in words.
std::string difference(const Array& result, const Array& expected, const Closeness& closeness);

}  // namespace ingot::onnx_tests
