// SPDX-License-Identifier: MIT
// Element types. Storage may be narrow; arithmetic accumulates in float32 whatever the storage.
#pragma once

#include <ingot/export.h>

#include <cstddef>
#include <cstdint>

namespace ingot {

enum class DType : std::uint8_t { kFloat32, kInt32, kUInt8 };

inline constexpr DType f32 = DType::kFloat32;
inline constexpr DType i32 = DType::kInt32;
inline constexpr DType u8 = DType::kUInt8;  // an input type: four elements packed in a word

INGOT_API const char* to_string(DType dtype);      // "f32", "i32", "u8"
INGOT_API std::size_t size_bytes_of(DType dtype);  // bytes of one element
constexpr bool is_floating(DType dtype) {
    return dtype == DType::kFloat32;
}

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
    static constexpr DType value = DType::kFloat32;
};
template <>
struct DTypeOf<std::int32_t> {
    static constexpr DType value = DType::kInt32;
};
template <>
struct DTypeOf<std::uint8_t> {
    static constexpr DType value = DType::kUInt8;
};

}  // namespace ingot
