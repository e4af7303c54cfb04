// SPDX-License-Identifier: MIT
#include "support/shared_data.h"

#include "support/silent_listener.h"

#include <cstdio>
#include <cstdlib>
#include <set>

namespace ingot::testing {

namespace {

const char* running = "";
std::set<std::string> skipped;  // test cases by name

struct NameListener : SilentListener {
    using SilentListener::SilentListener;
    void test_case_start(const doctest::TestCaseData& test) override { running = test.m_name; }
};
DOCTEST_REGISTER_LISTENER("running_case", 2, NameListener);

}  // namespace

void skip_case(const std::string& reason) {
    skipped.insert(running);
    std::printf("skipped: %s: %s\n", running, reason.c_str());
}

std::size_t skipped_cases() {
    return skipped.size();
}

std::optional<std::filesystem::path> shared_data(const std::string& name) {
    const char* given = std::getenv("INGOT_DATA_DIR");
    const std::filesystem::path folder =
        given != nullptr && *given != '\0' ? given : INGOT_TEST_DATA;
    if (std::filesystem::exists(folder / name)) return folder / name;
    skip_case("there is no " + (folder / name).string());
    return std::nullopt;
}

}  // namespace ingot::testing
