// SPDX-License-Identifier: MIT
// Tests on real data that is no part of this project. The files lie in $INGOT_DATA_DIR, else in the
// folder that CMake's INGOT_TEST_DATA names, which is ../shared/data beside the project unless told
// otherwise. Where they are missing, a test says so, and its program ends with kSkipped, which
// CTest reports as a skip; so such tests stand in a suite of their own, which CTest runs by itself:
//
//     TEST_CASE("csv: California housing" * doctest::test_suite("shared_data")) {
//         const auto folder = testing::shared_data("california-housing");
//         if (!folder) return;
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace ingot::testing {

constexpr int kSkipped = 77;

// Notes that the running test case could not do its work, and prints why.
void skip_case(const std::string& reason);
std::size_t skipped_cases();  // so far

// A folder or file there; without it the test case is skipped.
std::optional<std::filesystem::path> shared_data(const std::string& name);

}  // namespace ingot::testing
