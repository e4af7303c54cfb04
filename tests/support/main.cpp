// SPDX-License-Identifier: MIT
// The entry point of every test program. Beyond doctest's own verdict, a run fails when the library
// logged a warning that no test asked for, and when a filter selected no test at all. A good run
// in which a test missed its data is a skipped one.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support/log_capture.h"
#include "support/shared_data.h"
#include "support/silent_listener.h"

#include <cstdio>
#include <string_view>

namespace {

unsigned selected_cases = 0;

struct CaseCounter : ingot::testing::SilentListener {
    using SilentListener::SilentListener;
    void test_run_end(const doctest::TestRunStats& stats) override {
        selected_cases = stats.numTestCasesPassingFilters;
    }
};
DOCTEST_REGISTER_LISTENER("case_counter", 1, CaseCounter);

// The remainder of a room that is split into suites may be empty.
bool may_be_empty(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]).starts_with("--test-suite-exclude")) return true;
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    ingot::testing::watch_log();
    doctest::Context context(argc, argv);
    const int result = context.run();
    if (context.shouldExit()) return result;  // a listing, not a run
    if (selected_cases == 0 && !may_be_empty(argc, argv)) {
        std::fprintf(stderr, "no test case was selected\n");
        return 1;
    }
    if (const int warnings = ingot::testing::unexpected_warnings(); warnings > 0) {
        std::fprintf(stderr, "the library logged %d unexpected warning(s), shown above\n",
                     warnings);
        return 1;
    }
    if (result == 0 && ingot::testing::skipped_cases() > 0) {
        return ingot::testing::kSkipped;
    }
    return result;
}
