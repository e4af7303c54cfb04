// SPDX-License-Identifier: MIT
// Each case runs twice over: as a user runs it, for the time of a step and of the host; and with
// every kernel timed, for the table of kernels. Times are the device's where it has timestamps.
#include "bench.h"

#include "bench_cases.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#ifndef INGOT_COMMIT
#define INGOT_COMMIT "unknown"
#endif

namespace ingot::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double us_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return values[values.size() / 2];
}

// What copying the inputs alone takes: it is not counted as the library's time.
double copy_us(std::span<const Feed> feeds) {
    std::vector<std::vector<std::byte>> targets;
    for (const Feed& feed : feeds) {
        targets.emplace_back(static_cast<std::size_t>(feed.second.count) *
                             size_bytes_of(feed.second.dtype));
    }
    std::vector<double> times;
    for (int i = 0; i < 51; ++i) {
        const auto start = Clock::now();
        for (std::size_t f = 0; f < feeds.size(); ++f) {
            std::memcpy(targets[f].data(), feeds[f].second.data, targets[f].size());
        }
        times.push_back(us_since(start));
    }
    return median(times);
}

// Runs until the time is over, at least five times; `measure` is called after each run.
template <typename Measure>
void repeat(Program& program, std::span<const Feed> feeds, double seconds, Measure measure) {
    for (int i = 0; i < 3; ++i) {
        program.run(feeds);
        program.wait();
    }
    const auto start = Clock::now();
    for (int i = 0; i < 5 || (us_since(start) < seconds * 1e6 && i < 10000); ++i) {
        const auto before = Clock::now();
        program.run(feeds);
        const double host = us_since(before);
        program.wait();
        measure(host, us_since(before));
    }
}

// Every kernel of a step, and what all of them compute and move.
struct KernelFigures {
    Json table = Json::array();
    double flops = 0, bytes = 0;
};

KernelFigures kernel_figures(Device& device, const BenchCase& bench_case, double seconds) {
    Program program = device.compile(bench_case.graph, {.profile = true});
    const std::vector<Feed> feeds = bench_case.feeds();
    std::vector<std::vector<double>> times;
    std::vector<KernelTime> kernels;
    repeat(program, feeds, seconds, [&](double, double) {
        kernels = program.kernel_times();
        times.resize(kernels.size());
        for (std::size_t k = 0; k < kernels.size(); ++k)
            times[k].push_back(kernels[k].ms);
    });
    KernelFigures figures;
    for (std::size_t k = 0; k < kernels.size(); ++k) {
        const double ms = median(times[k]);
        const double per_ms = ms > 0 ? 1e-6 / ms : 0;
        figures.flops += kernels[k].flops;
        figures.bytes += kernels[k].bytes;
        figures.table.push_back({{"name", kernels[k].name + ": " + kernels[k].label},
                                 {"ms", ms},
                                 {"gflops", kernels[k].flops * per_ms},
                                 {"gbytes_per_s", kernels[k].bytes * per_ms}});
    }
    return figures;
}

Json run_case(Device& device, const std::string& name, const BenchCase& bench_case,
              double seconds) {
    const std::vector<Feed> feeds = bench_case.feeds();
    Json result{{"name", name}};
    {
        Program program = device.compile(bench_case.graph);
        const double copying = copy_us(feeds);
        std::vector<double> step_ms, host_us;
        repeat(program, feeds, seconds, [&](double host, double wall) {
            const double device_ms = program.stats().step_ms;
            step_ms.push_back(device_ms > 0 ? device_ms : wall * 1e-3);
            host_us.push_back(std::max(host - copying, 0.0));
        });
        result["ms"] = median(step_ms);
        result["ms_min"] = *std::min_element(step_ms.begin(), step_ms.end());
        result["ms_max"] = *std::max_element(step_ms.begin(), step_ms.end());
        result["host_us"] = median(host_us);
        result["gflops"] = 0;  // known once the kernels are; JSON keeps the order of the keys
        result["bytes"] = 0;
        result["dispatches"] = program.stats().dispatches;
        result["peak_bytes_planned"] = device.memory().bytes_planned;
        result["peak_bytes_allocated"] = device.memory().bytes_peak;
        result["runs"] = step_ms.size();
    }
    const KernelFigures kernels = kernel_figures(device, bench_case, seconds / 2);
    result["gflops"] = kernels.flops * 1e-6 / result["ms"].get<double>();
    result["bytes"] = kernels.bytes;
    result["kernels"] = kernels.table;
    return result;
}

}  // namespace

int bench(const BenchOptions& options) {
    const auto named = [&](const NamedBenchCase& entry) {
        return std::any_of(options.cases.begin(), options.cases.end(),
                           [&](const std::string& part) { return entry.name.starts_with(part); });
    };
    const auto cases = bench_cases();
    for (const std::string& part : options.cases) {
        const bool known = std::any_of(cases.begin(), cases.end(), [&](const auto& entry) {
            return entry.name.starts_with(part);
        });
        if (known) continue;
        fmt::print(stderr, "ingot: bench: there is no case '{}'; the cases are\n", part);
        for (const NamedBenchCase& entry : cases)
            fmt::print(stderr, "  {}\n", entry.name);
        return 2;
    }

    Json report;
    report["commit"] = INGOT_COMMIT;
    report["cases"] = Json::array();
    for (const NamedBenchCase& entry : cases) {
        if (!options.cases.empty() && !named(entry)) continue;
        // A device of its own for each case, so that the peak is this case's.
        Device device = Device::pick({.name = options.device});
        if (entry.for_cards && device.info().type == "CPU" && !named(entry)) continue;
        report["device"] = device.info().name;
        report["driver"] = device.info().driver;
        const bool in_frames = options.frames.budget_ms > 0;
        const Json result = in_frames
                                ? run_in_frames(device, entry.name, entry.make(), options.frames)
                                : run_case(device, entry.name, entry.make(), options.seconds);
        if (in_frames && !options.json) {
            fmt::print("{}\n", result.dump());
        } else if (!options.json) {
            fmt::print(
                "{:<18} {:9.3f} ms  ({:.3f} to {:.3f})  {:7.1f} GFLOP/s  host {:5.1f} us  {} "
                "dispatches\n",
                entry.name, result["ms"].get<double>(), result["ms_min"].get<double>(),
                result["ms_max"].get<double>(), result["gflops"].get<double>(),
                result["host_us"].get<double>(), result["dispatches"].get<int>());
            std::fflush(stdout);
        }
        report["cases"].push_back(result);
    }
    if (options.json) fmt::print("{}\n", report.dump(2));
    return 0;
}

}  // namespace ingot::cli
