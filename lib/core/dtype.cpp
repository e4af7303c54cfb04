// SPDX-License-Identifier: MIT
#include <ingot/dtype.h>

#include <bit>

namespace ingot {

const char* to_string(DType dtype) {
    switch (dtype) {
        case DType::kFloat32: return "f32";
        case DType::kFloat16: return "f16";
        case DType::kBFloat16: return "bf16";
        case DType::kInt32: return "i32";
        case DType::kUInt8: return "u8";
        case DType::kBool: return "bool";
    }
    return "?";
}

std::size_t size_bytes_of(DType dtype) {
    switch (dtype) {
        case DType::kFloat16:
        case DType::kBFloat16: return 2;
        case DType::kUInt8:
        case DType::kBool: return 1;
        case DType::kFloat32:
        case DType::kInt32: break;
    }
    return 4;
}

Float16::Float16(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t size = word & 0x7fffffffU;
    std::uint32_t half = 0;
    if (size > 0x7f800000U) {
        half = 0x7e00;  // NaN
    } else if (size >= 0x477ff000U) {
        half = 0x7c00;  // 65520 and more round to infinity
    } else if (size < 0x38800000U) {
        // Below 2^-14 a half counts in steps of 2^-24, as does a float around 0.5.
        half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + 0.5F) - 0x3f000000U;
    } else {
        half = (size + 0xc8000fffU + ((size >> 13) & 1U)) >> 13;
    }
    bits = static_cast<std::uint16_t>(((word >> 16) & 0x8000U) | half);
}

Float16::operator float() const {
    const std::uint32_t sign = std::uint32_t{bits & 0x8000U} << 16;
    const std::uint32_t size = bits & 0x7fffU;
    std::uint32_t word = (size << 13) + 0x38000000U;
    if (size < 0x400U) {
        word = std::bit_cast<std::uint32_t>(static_cast<float>(size) * 0x1p-24F);
    } else if (size >= 0x7c00U) {
        word = (size << 13) | 0x7f800000U;
    }
    return std::bit_cast<float>(sign | word);
}

BFloat16::BFloat16(float value) {
    const auto word = std::bit_cast<std::uint32_t>(value);
    const bool is_nan = (word & 0x7fffffffU) > 0x7f800000U;
    const std::uint32_t rounded = (word + 0x7fffU + ((word >> 16) & 1U)) >> 16;
    bits = static_cast<std::uint16_t>(is_nan ? (word >> 16) | 0x40U : rounded);
}

BFloat16::operator float() const {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

}  // namespace ingot
