// SPDX-License-Identifier: MIT
#include "arrays.h"

#include "core/check.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ingot::onnx_tests {

namespace {

using onnx::TensorProto;

double from_half(std::uint16_t bits) {
    const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
    const int exponent = (bits >> 10U) & 0x1F;
    const double fraction = bits & 0x3FFU;
    if (exponent == 31) return fraction != 0 ? std::nan("") : sign * HUGE_VAL;
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double from_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

template <typename T>
std::vector<double> raw(const std::string& bytes) {
    std::vector<double> values(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) {
        T value;
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(
            static_cast<std::conditional_t<std::is_class_v<T>, float, T>>(value));
    }
    return values;
}

template <typename Field>
std::vector<double> listed(const Field& field) {
    return {field.begin(), field.end()};
}

// Elements are either in `raw_data` or in a field by type; 16-bit floats are bits in either.
std::vector<double> elements(const TensorProto& t) {
    const bool is_raw = t.has_raw_data();
    const std::string& bytes = t.raw_data();
    const auto narrow = [&](double (*convert)(std::uint16_t)) {
        std::vector<double> values = is_raw ? raw<std::uint16_t>(bytes) : listed(t.int32_data());
        for (double& value : values)
            value = convert(static_cast<std::uint16_t>(value));
        return values;
    };
    switch (t.data_type()) {
        case TensorProto::FLOAT: return is_raw ? raw<float>(bytes) : listed(t.float_data());
        case TensorProto::DOUBLE: return is_raw ? raw<double>(bytes) : listed(t.double_data());
        case TensorProto::FLOAT16: return narrow(from_half);
        case TensorProto::BFLOAT16: return narrow(from_bfloat16);
        case TensorProto::BOOL:
        case TensorProto::UINT8: return is_raw ? raw<std::uint8_t>(bytes) : listed(t.int32_data());
        case TensorProto::INT8: return is_raw ? raw<std::int8_t>(bytes) : listed(t.int32_data());
        case TensorProto::UINT16:
            return is_raw ? raw<std::uint16_t>(bytes) : listed(t.int32_data());
        case TensorProto::INT16: return is_raw ? raw<std::int16_t>(bytes) : listed(t.int32_data());
        case TensorProto::INT32: return is_raw ? raw<std::int32_t>(bytes) : listed(t.int32_data());
        case TensorProto::INT64: return is_raw ? raw<std::int64_t>(bytes) : listed(t.int64_data());
        case TensorProto::UINT32:
            return is_raw ? raw<std::uint32_t>(bytes) : listed(t.uint64_data());
        case TensorProto::UINT64:
            return is_raw ? raw<std::uint64_t>(bytes) : listed(t.uint64_data());
        default: break;
    }
    fail(ErrorKind::kUnsupported, "a tensor of {}",
         TensorProto::DataType_Name(static_cast<TensorProto::DataType>(t.data_type())));
}

template <typename T>
std::vector<std::byte> packed(const Array& array) {
    std::vector<std::byte> bytes(array.values.size() * sizeof(T));
    for (std::size_t i = 0; i < array.values.size(); ++i) {
        const double value = array.values[i];
        if constexpr (std::is_integral_v<T>) {
            if (!(value >= static_cast<double>(std::numeric_limits<T>::min()) &&
                  value <= static_cast<double>(std::numeric_limits<T>::max()))) {
                fail(ErrorKind::kUnsupported, "{} does not fit into {} bytes", value, sizeof(T));
            }
        }
        T element{};
        if constexpr (std::is_integral_v<T>) {
            element = static_cast<T>(value);
        } else {
            element = T(static_cast<float>(value));
        }
        std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
    }
    return bytes;
}

template <typename T>
std::vector<double> unpacked(std::span<const std::byte> bytes) {
    return raw<T>(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

TypedArray read_tensor(const TensorProto& tensor) {
    const std::vector<std::int64_t> sizes(tensor.dims().begin(), tensor.dims().end());
    const Shape shape(sizes);
    std::vector<double> values = elements(tensor);
    if (shape.count() != static_cast<std::int64_t>(values.size())) {
        fail(ErrorKind::kFile, "a tensor {} with {} elements", to_string(shape), values.size());
    }
    return {Array(shape, std::move(values)), tensor.data_type()};
}

DType dtype_of(int onnx_type) {
    switch (onnx_type) {
        case TensorProto::FLOAT:
        case TensorProto::DOUBLE: return f32;
        case TensorProto::FLOAT16: return f16;
        case TensorProto::BFLOAT16: return bf16;
        case TensorProto::BOOL: return boolean;
        case TensorProto::UINT8:
        case TensorProto::INT8:
        case TensorProto::UINT16:
        case TensorProto::INT16:
        case TensorProto::INT32:
        case TensorProto::INT64:
        case TensorProto::UINT32:
        case TensorProto::UINT64: return i32;
        default: break;
    }
    fail(ErrorKind::kUnsupported, "a tensor of {}",
         TensorProto::DataType_Name(static_cast<TensorProto::DataType>(onnx_type)));
}

std::vector<std::byte> encode(const Array& array, DType dtype) {
    switch (dtype) {
        case f32: return packed<float>(array);
        case i32: return packed<std::int32_t>(array);
        case u8:
        case boolean: return packed<std::uint8_t>(array);
        case f16: return packed<Float16>(array);
        case bf16: return packed<BFloat16>(array);
    }
    fail(ErrorKind::kInternal, "encode: a dtype without a row");
}

Array decode(const Shape& shape, DType dtype, std::span<const std::byte> bytes) {
    switch (dtype) {
        case f32: return {shape, unpacked<float>(bytes)};
        case i32: return {shape, unpacked<std::int32_t>(bytes)};
        case u8:
        case boolean: return {shape, unpacked<std::uint8_t>(bytes)};
        case f16: return {shape, unpacked<Float16>(bytes)};
        case bf16: return {shape, unpacked<BFloat16>(bytes)};
    }
    fail(ErrorKind::kInternal, "decode: a dtype without a row");
}

Closeness closeness_of(int onnx_type) {
    const bool narrow = onnx_type == TensorProto::FLOAT16 || onnx_type == TensorProto::BFLOAT16;
    return {.relative = narrow ? 1e-3 : 1e-5};
}

std::string difference(const Array& result, const Array& expected, const Closeness& closeness) {
    if (!(result.shape == expected.shape)) {
        return fmt::format("shape {}, not {}", to_string(result.shape), to_string(expected.shape));
    }
    std::size_t count = 0, first = 0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const double a = result.values[i], b = expected.values[i];
        const bool same = a == b || (std::isnan(a) && std::isnan(b)) ||
                          std::abs(a - b) <= closeness.absolute + closeness.relative * std::abs(b);
        if (!same && count++ == 0) first = i;
    }
    if (count == 0) return {};
    return fmt::format("{} of {} elements differ, first element {}: {}, not {}", count,
                       expected.values.size(), first, result.values[first], expected.values[first]);
}

}  // namespace ingot::onnx_tests
