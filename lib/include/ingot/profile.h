// SPDX-License-Identifier: MIT
// Where the time of a step goes: every kernel by the device's clock, beside what the host did, and
// beside what the device can do at best.
//     auto profile = ingot::profile(device, step, {{x, images}, {y, labels}});
//     std::puts(roofline_table(profile).c_str());
//     io::write_file("trace.json", trace_of(profile));  // for ui.perfetto.dev or chrome://tracing
#pragma once

#include <ingot/device.h>

#include <span>
#include <string>
#include <vector>

namespace ingot {

// Measured on the device, f32: multiplications and additions in registers alone, and a copy of
// vectors of four, reading and writing counted.
struct Ceilings {
    double gflops = 0;
    double gbytes_per_s = 0;
};

// Takes a fraction of a second and up to half a GiB of the device's memory for that long. Throws
// kUnsupported on a device without timestamps.
INGOT_API Ceilings measure_ceilings(Device& device);

struct HostSpan {
    std::string name;
    double start_ms = 0;  // since the profile began
    double ms = 0;
};

struct KernelSpan {
    std::string name;   // of the kernel
    std::string label;  // of the operations it runs
    double start_ms = 0;
    double ms = 0;     // barriers and waiting in front of it included
    double flops = 0;  // of one run, estimated
    double bytes = 0;  // read and written, estimated
};

struct Profile {
    std::string device, driver;
    Ceilings ceilings;
    std::vector<HostSpan> host;
    // One list a run, in the order of the kernels. The clocks of host and device are not compared:
    // a run is laid so that it ends when the host's waiting for it ended.
    std::vector<std::vector<KernelSpan>> runs;
};

struct ProfileOptions {
    int runs = 10;
    int warm_up = 3;  // runs before them: drivers compile kernels when they first run
};

// Runs a program as often as said: it trains. The program is left as it was, with its kernels
// untimed unless it was compiled with CompileOptions::profile.
INGOT_API Profile profile(Device& device, Program& program, std::span<const Feed> feeds,
                          const ProfileOptions& options = {});

// One row for each kernel and what it runs, the longest first: calls in a step, its share of the
// step by the median over the runs, GFLOP/s and GB/s, and the larger of both as a part of the
// ceiling. Where flops / bytes lie above the ceilings' ratio, arithmetic is what bounds a kernel.
INGOT_API std::string roofline_table(const Profile& profile);

// The Trace Event Format (JSON) that Perfetto and Chromium's tracing open: a track of the host and
// one of the device; flops, bytes and what came of them are the arguments of each kernel.
INGOT_API std::string trace_of(const Profile& profile);

}  // namespace ingot
