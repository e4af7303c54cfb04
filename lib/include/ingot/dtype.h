// SPDX-License-Identifier: MIT
// Element types. Storage may be narrow; arithmetic is done in float32 whatever the storage.
#pragma once

#include <ingot/export.h>

#include <cstddef>
#include <cstdint>

namespace ingot {

enum class DType : std::uint8_t { kFloat32, kFloat16, kBFloat16, kInt32, kUInt8, kBool };

// Types narrower than a word are packed in words, two or four, so every device has all of them.
inline constexpr DType f32 = DType::kFloat32;
inline constexpr DType f16 = DType::kFloat16;    // IEEE 754 binary16
inline constexpr DType bf16 = DType::kBFloat16;  // the upper half of a float32
inline constexpr DType i32 = DType::kInt32;
inline constexpr DType u8 = DType::kUInt8;
inline constexpr DType boolean = DType::kBool;  // a byte, 0 or 1

INGOT_API const char* to_string(DType dtype);      // "f32", "bool", ...
INGOT_API std::size_t size_bytes_of(DType dtype);  // bytes of one element
constexpr bool is_floating(DType dtype) {
    return dtype == f32 || dtype == f16 || dtype == bf16;
}

// Half-width floats on the host: storage only, rounded to nearest, ties to even.
class INGOT_API Float16 {
public:
    Float16() = default;
    explicit Float16(float value);
    operator float() const;  // NOLINT: exact
    std::uint16_t bits = 0;
};
class INGOT_API BFloat16 {
public:
    BFloat16() = default;
    explicit BFloat16(float value);
    operator float() const;  // NOLINT: exact
    std::uint16_t bits = 0;
};

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
    static constexpr DType value = DType::kFloat32;
};
template <>
struct DTypeOf<Float16> {
    static constexpr DType value = DType::kFloat16;
};
template <>
struct DTypeOf<BFloat16> {
    static constexpr DType value = DType::kBFloat16;
};
template <>
struct DTypeOf<std::int32_t> {
    static constexpr DType value = DType::kInt32;
};
template <>
struct DTypeOf<std::uint8_t> {  // also what bools are fed from and read into
    static constexpr DType value = DType::kUInt8;
};

// Whether elements of type `host` in memory are those of a tensor of type `dtype`.
constexpr bool is_stored_as(DType dtype, DType host) {
    return dtype == host || (dtype == boolean && host == u8);
}

}  // namespace ingot
