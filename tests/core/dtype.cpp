// SPDX-License-Identifier: MIT
#include <ingot/dtype.h>

#include <doctest/doctest.h>

#include <string>

using namespace ingot;

TEST_CASE("element types have a name and a size") {
    CHECK(std::string(to_string(f32)) == "f32");
    CHECK(std::string(to_string(i32)) == "i32");
    CHECK(std::string(to_string(u8)) == "u8");
    CHECK(size_bytes_of(f32) == 4);
    CHECK(size_bytes_of(i32) == 4);
    CHECK(size_bytes_of(u8) == 1);
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
