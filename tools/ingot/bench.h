// SPDX-License-Identifier: MIT
// `ingot bench`: times steps and calls on one device, as text or as JSON.
#pragma once

#include "bench_frames.h"

#include <string>
#include <vector>

namespace ingot::cli {

struct BenchOptions {
    std::vector<std::string> cases;  // names, or beginnings of names; empty: all
    std::string device;
    double seconds = 1.5;  // spent on each case, after warming up
    bool json = false;
    FrameOptions frames;
};

int bench(const BenchOptions& options);  // the exit code

}  // namespace ingot::cli
