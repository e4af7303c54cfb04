// SPDX-License-Identifier: MIT
#include <ingot/dtype.h>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

using namespace ingot;

TEST_CASE("element types have a name and a size") {
    CHECK(std::string(to_string(f32)) == "f32");
    CHECK(std::string(to_string(i32)) == "i32");
    CHECK(std::string(to_string(u8)) == "u8");
    CHECK(size_bytes_of(f32) == 4);
    CHECK(size_bytes_of(i32) == 4);
    CHECK(size_bytes_of(u8) == 1);
    CHECK(std::string(to_string(boolean)) == "bool");
    CHECK(size_bytes_of(f16) == 2);
    CHECK(size_bytes_of(bf16) == 2);
    CHECK(size_bytes_of(boolean) == 1);
    CHECK(is_floating(bf16));
    CHECK(is_floating(f32));
    CHECK_FALSE(is_floating(i32));
    CHECK_FALSE(is_floating(u8));
}

TEST_CASE("C++ types map to element types of their size") {
    CHECK(DTypeOf<float>::value == f32);
    CHECK(DTypeOf<std::int32_t>::value == i32);
    CHECK(DTypeOf<std::uint8_t>::value == u8);
    CHECK(size_bytes_of(DTypeOf<float>::value) == sizeof(float));
    CHECK(size_bytes_of(DTypeOf<std::uint8_t>::value) == sizeof(std::uint8_t));
}

TEST_CASE("Float16: every bit pattern is the value IEEE 754 gives it") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        Float16 half;
        half.bits = static_cast<std::uint16_t>(bits);
        const float value = half;
        const int exponent = static_cast<int>(bits >> 10 & 31);
        const double fraction = (bits & 1023) / 1024.0;
        if (exponent == 31 && fraction != 0) {
            REQUIRE(std::isnan(value));
            continue;
        }
        double expected =
            exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
        if (exponent == 31) expected = std::numeric_limits<double>::infinity();
        REQUIRE(static_cast<double>(std::abs(value)) == expected);
        REQUIRE(std::signbit(value) == (bits >> 15 != 0));
    }
}

TEST_CASE("Float16 and BFloat16 round to the nearest, ties to even") {
    // Every value goes round trip; half way between neighbours the even one is taken.
    for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
        Float16 low, high;
        low.bits = static_cast<std::uint16_t>(bits);
        high.bits = static_cast<std::uint16_t>(bits + 1);
        REQUIRE(Float16(float{low}).bits == low.bits);
        REQUIRE(Float16(-float{low}).bits == (low.bits | 0x8000));
        const float above = bits + 1 == 0x7c00 ? 65536.0F : float{high};
        const float middle = 0.5F * (float{low} + above);
        REQUIRE(Float16(middle).bits == (bits % 2 == 0 ? low.bits : high.bits));
        REQUIRE(Float16(std::nextafter(middle, 0.0F)).bits == low.bits);
        REQUIRE(Float16(std::nextafter(middle, 1e9F)).bits == high.bits);
    }
    CHECK(std::isnan(float{Float16(std::numeric_limits<float>::quiet_NaN())}));
    CHECK(Float16(1e9F).bits == 0x7c00);
    for (std::uint32_t bits = 0; bits < 0x7f80; ++bits) {
        BFloat16 low;
        low.bits = static_cast<std::uint16_t>(bits);
        REQUIRE(BFloat16(float{low}).bits == low.bits);
        const float middle = std::bit_cast<float>(bits << 16 | 0x8000U);
        REQUIRE(BFloat16(middle).bits == bits + bits % 2);
    }
    CHECK(std::isnan(float{BFloat16(std::numeric_limits<float>::quiet_NaN())}));
}
