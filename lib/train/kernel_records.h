// SPDX-License-Identifier: MIT
// The kernels of a step as a report lists them.
#pragma once

#include <ingot/device.h>
#include <ingot/report.h>

#include <span>
#include <vector>

namespace ingot::train {

// Those of one kernel for the same operations taken together, the longest first; what is left after
// `most` of them is one more, "others". None when no time was taken.
std::vector<io::KernelRecord> kernel_records(std::span<const KernelTime> times, std::size_t most);

}  // namespace ingot::train
