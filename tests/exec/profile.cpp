// SPDX-License-Identifier: MIT
// Profiles: of a program that runs, and what is said of one that we made up.
#include "exec_tools.h"

#include <ingot/profile.h>

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace ingot;
using namespace ingot::testing;

namespace {

// Two runs of two kernels on a device of 100 GFLOP/s and 10 GB/s.
Profile fabricated() {
    Profile profile{"a device", "a driver", {100, 10}, {}, {}};
    profile.host = {{"run", 0, 0.5}, {"wait", 0.5, 3.5}};
    for (const double start : {1.0, 5.0}) {
        profile.runs.push_back({{"matmul", "matmul relu", start, 2, 160e6, 1e6},
                                {"copy", "adam", start + 2, 1, 1e6, 4e6},
                                {"matmul", "matmul relu", start + 3, 1, 40e6, 1e6}});
    }
    return profile;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

}  // namespace

TEST_CASE("profile: the table adds equal kernels up and holds them against the ceilings") {
    const auto lines = lines_of(roofline_table(fabricated()));
    REQUIRE(lines.size() == 5);
    CHECK(lines[0] == "a device, a driver");
    CHECK(lines[1] == "at best 100 GFLOP/s and 10.0 GB/s; a step is 4.000 ms of 3 kernels");
    // 200 MFLOP in 3 ms, two thirds of what is possible; 4 MB in 1 ms, 4 of 10 GB/s.
    CHECK(lines[3] == "  75.0%      3.000     2      66.7     0.67     67% F  matmul: matmul relu");
    CHECK(lines[4] == "  25.0%      1.000     1       1.0     4.00     40% B  copy: adam");
    CHECK(lines_of(roofline_table({})).size() == 3);
}

TEST_CASE("profile: the trace has a track of the host and one of the device") {
    const auto trace = nlohmann::json::parse(trace_of(fabricated()));
    CHECK(trace["otherData"]["ceiling_gflops"] == 100);
    const auto& events = trace["traceEvents"];
    REQUIRE(events.size() == 3 + 2 + 6);
    for (const auto& event : events) {
        REQUIRE(event.contains("ph"));
        REQUIRE(event["pid"] == 1);
        if (event["ph"] == "M") continue;
        CHECK(event["ph"] == "X");
        CHECK(event["ts"].is_number());
        CHECK(event["dur"].is_number());
    }
    CHECK(events[3]["name"] == "run");
    CHECK(events[3]["tid"] == 1);
    const auto& first = events[5];
    CHECK(first["name"] == "matmul relu");
    CHECK(first["tid"] == 2);
    CHECK(first["ts"] == 1000);  // in us
    CHECK(first["dur"] == 2000);
    CHECK(first["args"]["kernel"] == "matmul");
    CHECK(first["args"]["flops"] == 160e6);
    CHECK(first["args"]["gflops"] == 80);
    CHECK(first["args"]["gbytes_per_s"] == 0.5);
}

TEST_CASE("profile: kernels of a program follow each other and end when the host has waited") {
    const Tensor x = input({64, 96}), w = input({96, 96});
    const auto x_values = random_values(1, 64 * 96), w_values = random_values(2, 96 * 96);
    const std::vector<Feed> feeds{{x, x_values}, {w, w_values}};
    const Graph graph = outputs({softmax(matmul(relu(matmul(x, w)), w), -1)});
    Program program = test_device().compile(graph);
    const Profile result = profile(test_device(), program, feeds, {.runs = 4, .warm_up = 1});
    CHECK(result.device == test_device().info().name);
    CHECK(result.ceilings.gflops > 0.01);
    CHECK(result.ceilings.gbytes_per_s > 0.01);
    REQUIRE(result.runs.size() == 4);
    REQUIRE(result.host.size() == 8);
    for (std::size_t run = 0; run < 4; ++run) {
        const auto& spans = result.runs[run];
        REQUIRE(spans.size() == program.stats().dispatches);
        double end = run == 0 ? 0 : result.host[2 * run].start_ms;
        for (const KernelSpan& span : spans) {
            CHECK(span.start_ms >= end - 1e-3);
            end = span.start_ms + span.ms;
        }
        const HostSpan& wait = result.host[2 * run + 1];
        CHECK(end <= wait.start_ms + wait.ms + 1e-3);
    }
    CHECK(std::ranges::any_of(result.runs[0], [](const KernelSpan& span) {
        return span.name.find("matmul") != std::string::npos && span.flops == 2.0 * 64 * 96 * 96;
    }));
    CHECK(thrown_message([&] { program.kernel_times(); }).find("not timed") != std::string::npos);
    CHECK(thrown_message([&] { profile(test_device(), program, feeds, {.runs = 0}); }) ==
          "invalid argument: profile: 0 runs after 3; at least 1 after 0");
    check_validation_said_nothing();
    check_memory_is_as_planned();
}
