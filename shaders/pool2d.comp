// SPDX-License-Identifier: MIT
// y[plane, i, j] = program(max or mean over the window at (i s - p, j s - p) of x[plane]): one
// invocation an output.
//
// max: the first maximum in row order wins, a NaN beats every number, and padding never does. The
// window's place of the maximum is stored as well, as u * kernel_x + v, if PLACES: what the gradient
// reads instead of x. mean: divided by the kernel's whole size, padding counting as zeros.
//
// The host guarantees: padding at most half the kernel, so that every window meets the image;
// groups from groups_for().
// variant: max_pool2d MAX=1
// variant: max_pool2d_light MAX=1 PW_MAX=3 PW_LIGHT=1
// variant: avg_pool2d
// variant: avg_pool2d_light PW_MAX=3 PW_LIGHT=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pool2d.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { Pool2dParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };

#ifdef MAX
layout(constant_id = 1) const bool PLACES = false;
layout(set = 0, binding = 1) writeonly buffer Place { uint place[]; };
#define PW_BINDING 2
#else
#define PW_BINDING 1
#endif
#include "common/pointwise.glsl"

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    const uint row = element / p.columns;
    const uint plane = row / p.rows;
    const int y0 = int(row % p.rows * p.stride_y) - int(p.padding_y);
    const int x0 = int(element % p.columns * p.stride_x) - int(p.padding_x);
    const int y_begin = max(y0, 0), y_end = min(y0 + int(p.kernel_y), int(p.height));
    const int x_begin = max(x0, 0), x_end = min(x0 + int(p.kernel_x), int(p.width));
    const uint image = plane * p.height * p.width;

#ifdef MAX
    uint best = 0u, at = 0u;
    bool found = false;
    for (int i = y_begin; i < y_end; ++i) {
        for (int j = x_begin; j < x_end; ++j) {
            const uint value = x[image + uint(i) * p.width + uint(j)];
            const bool larger = uintBitsToFloat(value) > uintBitsToFloat(best);
            if (!found || !is_nan(best) && (larger || is_nan(value))) {
                best = value;
                at = uint(i - y0) * p.kernel_x + uint(j - x0);
                found = true;
            }
        }
    }
    if (PLACES) place[element] = at;
    pw_run(element, plane % p.channels, 0u, best);
#else
    float sum = 0;
    for (int i = y_begin; i < y_end; ++i) {
        for (int j = x_begin; j < x_end; ++j) {
            sum += uintBitsToFloat(x[image + uint(i) * p.width + uint(j)]);
        }
    }
    const float mean = sum / float(p.kernel_y * p.kernel_x);
    pw_run(element, plane % p.channels, 0u, floatBitsToUint(mean));
#endif
}
