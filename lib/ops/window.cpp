// SPDX-License-Identifier: MIT
#include "ops/window.h"

#include "core/check.h"

namespace ingot::ops {

const char* axis_name(std::size_t axis, std::size_t axes) {
    constexpr const char* kNames[] = {"depth", "height", "width"};
    return axes == 1 ? "length" : kNames[axis];
}

void check_count(const char* operation, const Shape& shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size > kMostElements / count) {
            fail(ErrorKind::kUnsupported,
                 "{}: {} has more elements than a kernel can number (2^31)", operation,
                 to_string(shape));
        }
        count *= size;
    }
}

}  // namespace ingot::ops
