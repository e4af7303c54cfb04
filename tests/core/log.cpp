// SPDX-License-Identifier: MIT
#include "core/log.h"

#include "support/log_capture.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace ingot;
using ingot::testing::LogCapture;

TEST_CASE("a message reaches the callback with its level") {
    const LogCapture capture;
    log(LogLevel::kInfo, "{} of {} devices", 1, 2);
    log(LogLevel::kWarning, "slow");
    REQUIRE(capture.lines().size() == 2);
    CHECK(capture.lines()[0].level == LogLevel::kInfo);
    CHECK(capture.lines()[0].message == "1 of 2 devices");
    CHECK(capture.lines()[1].level == LogLevel::kWarning);
    CHECK(capture.contains("slow"));
    CHECK_FALSE(capture.contains("fast"));
}

TEST_CASE("without a callback the library is silent and formats nothing") {
    const LogCapture capture;  // restores the callback of the tests
    set_log_callback({});
    CHECK_FALSE(log_enabled());
    log(LogLevel::kError, "nobody hears this");
    CHECK(capture.lines().empty());
}

TEST_CASE("threads do not meet inside the callback") {
    const LogCapture capture;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([thread] {
            for (int i = 0; i < 250; ++i)
                log(LogLevel::kDebug, "{} {}", thread, i);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(capture.lines().size() == 1000);
}
