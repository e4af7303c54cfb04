// SPDX-License-Identifier: MIT
// The profile of a step: runs a program with every kernel timed, and says where the time went.
#include "core/check.h"
#include "exec/ceilings.h"

#include <ingot/profile.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace ingot {
namespace {

using Clock = std::chrono::steady_clock;

double ms_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::ranges::nth_element(values, values.begin() + values.size() / 2);
    return values[values.size() / 2];
}

// Equal kernels with equal work are one row of the table.
struct Row {
    int calls = 0;
    double ms = 0, flops = 0, bytes = 0;
};

double rate(double amount, double ms) {  // in 1e9 a second
    return ms > 0 ? amount * 1e-6 / ms : 0;
}

}  // namespace

Ceilings measure_ceilings(Device& device) {
    return exec::measure_ceilings(*device.context());
}

Profile profile(Device& device, Program& program, std::span<const Feed> feeds,
                const ProfileOptions& options) {
    if (options.runs < 1 || options.warm_up < 0) {
        fail(ErrorKind::kInvalidArgument, "profile: {} runs after {}; at least 1 after 0",
             options.runs, options.warm_up);
    }
    Profile result{device.info().name, device.info().driver, measure_ceilings(device), {}, {}};
    program.set_profile(true);
    for (int i = 0; i < options.warm_up; ++i)
        program.run(feeds);
    program.wait();
    const auto start = Clock::now();
    for (int i = 0; i < options.runs; ++i) {
        const auto before = Clock::now();
        program.run(feeds);
        const auto submitted = Clock::now();
        program.wait();
        const auto done = Clock::now();
        result.host.push_back({"run", ms_between(start, before), ms_between(before, submitted)});
        result.host.push_back({"wait", ms_between(start, submitted), ms_between(submitted, done)});
        std::vector<KernelSpan> spans;
        double total = 0;
        for (const KernelTime& kernel : program.kernel_times()) {
            spans.push_back(
                {kernel.name, kernel.label, total, kernel.ms, kernel.flops, kernel.bytes});
            total += kernel.ms;
        }
        const double begin = std::max(0.0, ms_between(start, done) - total);
        for (KernelSpan& span : spans)
            span.start_ms += begin;
        result.runs.push_back(std::move(spans));
    }
    program.set_profile(false);
    return result;
}

std::string roofline_table(const Profile& profile) {
    const std::size_t kernels = profile.runs.empty() ? 0 : profile.runs[0].size();
    std::map<std::pair<std::string, std::string>, Row> rows;
    double step_ms = 0;
    for (std::size_t k = 0; k < kernels; ++k) {
        std::vector<double> times;
        for (const auto& run : profile.runs)
            times.push_back(run[k].ms);
        const KernelSpan& span = profile.runs[0][k];
        Row& row = rows[{span.name, span.label}];
        const double ms = median(times);
        ++row.calls;
        row.ms += ms;
        row.flops += span.flops;
        row.bytes += span.bytes;
        step_ms += ms;
    }
    std::vector<std::pair<std::pair<std::string, std::string>, Row>> sorted(rows.begin(),
                                                                            rows.end());
    std::ranges::stable_sort(
        sorted, [](const auto& a, const auto& b) { return a.second.ms > b.second.ms; });
    const Ceilings& best = profile.ceilings;
    std::string text = fmt::format(
        "{}, {}\nat best {:.0f} GFLOP/s and {:.1f} GB/s; a step is {:.3f} ms of {} kernels\n"
        "{:>7} {:>10} {:>5} {:>9} {:>8} {:>8}  {}\n",
        profile.device, profile.driver, best.gflops, best.gbytes_per_s, step_ms, kernels, "share",
        "ms", "calls", "GFLOP/s", "GB/s", "of best", "kernel: what it runs");
    for (const auto& [name, row] : sorted) {
        const double gflops = rate(row.flops, row.ms), gbytes = rate(row.bytes, row.ms);
        const double by_flops = best.gflops > 0 ? gflops / best.gflops : 0;
        const double by_bytes = best.gbytes_per_s > 0 ? gbytes / best.gbytes_per_s : 0;
        text += fmt::format("{:>6.1f}% {:>10.3f} {:>5} {:>9.1f} {:>8.2f} {:>6.0f}% {}  {}: {}\n",
                            step_ms > 0 ? 100 * row.ms / step_ms : 0, row.ms, row.calls, gflops,
                            gbytes, 100 * std::max(by_flops, by_bytes),
                            by_flops > by_bytes ? 'F' : 'B', name.first, name.second);
    }
    return text;
}

}  // namespace ingot
