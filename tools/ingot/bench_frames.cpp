// SPDX-License-Identifier: MIT
#include "bench_frames.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace ingot::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;
using Ms = std::chrono::duration<double, std::milli>;

constexpr int kWarmUpSteps = 9, kWarmUpFrames = 60;

Json percentiles(std::vector<double> values) {
    std::ranges::sort(values);
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    return {{"p50", at(0.5)}, {"p95", at(0.95)}, {"p99", at(0.99)}, {"max", at(1)}};
}

}  // namespace

Json run_in_frames(Device& device, const std::string& name, const BenchCase& bench_case,
                   const FrameOptions& options) {
    const std::vector<Feed> feeds = bench_case.feeds();
    Program program =
        device.compile(bench_case.graph, {.slots = 8, .slice_ms = options.budget_ms / 4});
    const auto frame_time = std::chrono::duration_cast<Clock::duration>(Ms(1000.0 / 60));
    std::vector<double> device_ms, host_ms;
    for (int i = 0; i < kWarmUpSteps; ++i) {
        program.run(feeds);
        program.wait();
    }
    int steps = 0;
    double busy_before = program.stats().busy_ms;
    auto next_frame = Clock::now();
    for (int frame = -kWarmUpFrames; frame < options.frames; ++frame) {
        const auto start = Clock::now();
        int begun = 0;
        while (program.advance(feeds, options.budget_ms))
            ++begun;
        const double host = Ms(Clock::now() - start).count();
        next_frame = std::max(next_frame + frame_time, Clock::now());
        std::this_thread::sleep_until(next_frame);
        const ProgramStats stats = program.stats();
        const double busy = stats.busy_ms - busy_before;
        busy_before = stats.busy_ms;
        if (frame < 0) continue;
        steps += begun;
        device_ms.push_back(busy);
        host_ms.push_back(host);
    }
    const ProgramStats stats = program.stats();
    Json result{{"name", name}, {"budget_ms", options.budget_ms}, {"frames", device_ms.size()}};
    const auto kept =
        std::ranges::count_if(device_ms, [&](double ms) { return ms <= 1.5 * options.budget_ms; });
    result["device_ms"] = percentiles(device_ms);
    result["host_ms"] = percentiles(host_ms);
    result["frames_within_1.5_budgets"] =
        static_cast<double>(kept) / static_cast<double>(device_ms.size());
    result["steps"] = steps;
    result["pieces"] = stats.submissions;
    result["dispatches"] = stats.dispatches;
    return result;
}

}  // namespace ingot::cli
