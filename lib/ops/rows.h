// SPDX-License-Identifier: MIT
// How rows of contiguous elements are laid out over groups, as shaders/common/rows.glsl walks them.
#pragma once

#include "kernels/kernel_call.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace ingot::ops {

// Sets the constants, `chunks` of the parameters, and the groups, from their `rows` and `inner`. An
// invocation gets at most `max_elements` of a row.
template <typename Parameters>
void lay_out_rows(KernelCall& call, Parameters& parameters, std::uint32_t max_elements,
                  const DeviceDescription& device) {
    constexpr std::uint32_t kLocalSize = 64;
    // A card reads what its neighbours read. A processor's vectors are short: there what a row has
    // in common is found by fewer lanes, for more elements each.
    const std::uint32_t most_lanes = device.device_class == DeviceClass::kCpu ? 8 : kLocalSize;
    const std::uint32_t lanes = std::min(std::bit_ceil(parameters.inner), most_lanes);
    const std::uint32_t elements =
        std::clamp((parameters.inner + lanes - 1) / lanes, 1u, max_elements);
    parameters.chunks = (parameters.inner + lanes * elements - 1) / (lanes * elements);
    call.constant("LOCAL_SIZE", kLocalSize)
        .constant("LANES", lanes)
        .constant("ELEMENTS", elements)
        .dispatch(groups_for(std::uint64_t{parameters.rows} * parameters.chunks, kLocalSize / lanes,
                             device));
}

}  // namespace ingot::ops
