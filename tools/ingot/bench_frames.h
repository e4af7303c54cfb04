// SPDX-License-Identifier: MIT
// `ingot bench --frame-budget`: trains as an application would that draws 60 times a second.
#pragma once

#include "bench_cases.h"

#include <nlohmann/json.hpp>

namespace ingot::cli {

struct FrameOptions {
    double budget_ms = 0;  // of the device's time in each frame; 0: steps run whole
    int frames = 300;      // measured, after the program has been calibrated
};

// What the frames took of the device by its clock, and of the host in advance(), by percentiles.
nlohmann::ordered_json run_in_frames(Device& device, const std::string& name,
                                     const BenchCase& bench_case, const FrameOptions& options);

}  // namespace ingot::cli
