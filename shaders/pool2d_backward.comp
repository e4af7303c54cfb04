// SPDX-License-Identifier: MIT
// d_x[plane, y, x] = program(sum of d_y over the windows that hold pixel (y, x)): for the maximum
// only over those whose stored place is this pixel, for the mean divided by the kernel's size. One
// invocation a pixel gathers from its windows, so overlaps need no atomics and equal inputs give
// equal bits.
//
// The host guarantees: groups from groups_for().
// variant: max_pool2d_backward MAX=1
// variant: max_pool2d_backward_light MAX=1 PW_MAX=3 PW_LIGHT=1
// variant: avg_pool2d_backward
// variant: avg_pool2d_backward_light PW_MAX=3 PW_LIGHT=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pool2d.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { Pool2dParameters p; };

layout(set = 0, binding = 0) readonly buffer DY { float d_y[]; };

#ifdef MAX
layout(set = 0, binding = 1) readonly buffer Place { uint place[]; };
#define PW_BINDING 2
#else
#define PW_BINDING 1
#endif
#include "common/pointwise.glsl"

// The windows along one axis that hold position `at` of the padded image: begin, end.
uvec2 windows(uint at, uint kernel, uint stride, uint count) {
    const uint begin = at < kernel ? 0u : (at - kernel) / stride + 1u;
    return uvec2(begin, min(at / stride + 1u, count));
}

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    const uint row = element / p.width;
    const uint plane = row / p.height;
    const uint y = row % p.height + p.padding_y;
    const uint x = element % p.width + p.padding_x;
    const uvec2 vertical = windows(y, p.kernel_y, p.stride_y, p.rows);
    const uvec2 horizontal = windows(x, p.kernel_x, p.stride_x, p.columns);

    float sum = 0;
    for (uint i = vertical.x; i < vertical.y; ++i) {
        for (uint j = horizontal.x; j < horizontal.y; ++j) {
            const uint at = (plane * p.rows + i) * p.columns + j;
#ifdef MAX
            const uint here = (y - i * p.stride_y) * p.kernel_x + (x - j * p.stride_x);
            if (place[at] == here) sum += d_y[at];
#else
            sum += d_y[at];
#endif
        }
    }
#ifndef MAX
    sum /= float(p.kernel_y * p.kernel_x);
#endif
    pw_run(element, plane % p.channels, 0u, floatBitsToUint(sum));
}
