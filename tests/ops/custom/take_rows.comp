// SPDX-License-Identifier: MIT
// y[i, :] = x[index[i], :] and twice[i] = 2 index[i]; an index beyond the rows is reported.
// x [rows, cols], index i32 [count] -> y [count, cols], twice i32 [count].
#version 450
#extension GL_GOOGLE_include_directive : require

#include "ingot/index.glsl"

layout(local_size_x = 32) in;
struct Sizes {
    uint count;
    uvec2 of_x;
};
layout(push_constant) uniform Push {
    uint site;
    Sizes sizes;
};

#define STATUS_BINDING 4
#include "ingot/status.glsl"
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) readonly buffer Index { int index[]; };
layout(binding = 2) writeonly buffer Y { float y[]; };
layout(binding = 3) writeonly buffer Twice { int twice[]; };

void main() {
    const uint i = invocation_index();
    if (i >= sizes.count) return;
    twice[i] = 2 * index[i];
    const bool there = uint(index[i]) < sizes.of_x.x;
    if (!there) report(site, i);
    for (uint col = 0; col < sizes.of_x.y; col++) {
        y[i * sizes.of_x.y + col] =
            there ? x[uint(index[i]) * sizes.of_x.y + col] : uintBitsToFloat(0x7fc00000u);
    }
}
