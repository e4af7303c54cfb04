// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <doctest/doctest.h>

#include <string>

using namespace ingot;

TEST_CASE("fail formats the message and keeps the kind") {
    try {
        fail(ErrorKind::kFile, "load: {} has {} bytes", "weights.npy", 3);
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kFile);
        CHECK(std::string(error.what()) == "load: weights.npy has 3 bytes");
    }
}

TEST_CASE("a check names its expression and its place") {
    INGOT_CHECK(1 + 1 == 2);
    std::string message;
    const int line = __LINE__ + 2;
    try {
        INGOT_CHECK(1 + 1 == 3);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kInternal);
        message = error.what();
    }
    CHECK(message == fmt::format("internal error, please report it: check failed: 1 + 1 == 3 "
                                 "(error.cpp:{})",
                                 line));
}

TEST_CASE("an Error is a std::runtime_error") {
    CHECK_THROWS_AS(fail(ErrorKind::kData, "x"), std::runtime_error);
}

TEST_CASE("every kind has a name") {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
        CHECK(std::string(to_string(static_cast<ErrorKind>(kind))) != "unknown");
    }
    CHECK(std::string(to_string(ErrorKind::kNoDevice)) == "no device");
}
