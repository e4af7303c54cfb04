// SPDX-License-Identifier: MIT
// d_x[plane, position] = program(sum of d_y over the windows that hold the position): for the
// maximum only over those whose stored place it is, for the mean each divided by what its window
// divides by. An invocation gathers STRIP neighbouring positions from their windows, so overlaps
// need no atomics and equal inputs give equal bits.
//
// The host guarantees: fewer than 60000 windows over STRIP positions; groups from groups_for().
// variant: max_pool_backward MAX=1
// variant: avg_pool_backward
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/windows.glsl"

layout(set = 0, binding = 0) readonly buffer DY { float d_y[]; };

#ifdef MAX
layout(set = 0, binding = 1) readonly buffer Place { uint place[]; };
#define PW_BINDING 2
#else
#define PW_BINDING 1
#endif
#include "common/pointwise.glsl"

// Whether window i exists and holds position `at`. A maximum's place tells the latter by itself.
bool holds(int i, int at, Axis a) {
    const bool exists = uint(i) < uint(a.count);
#ifdef MAX
    return exists;
#else
    return exists && (ADAPTIVE || i * a.stride - a.padding + a.kernel > at);
#endif
}

void main() {
    const uint number = invocation_index();
    if (number >= p.count) return;
    const Axis across = AXIS_X, down = AXIS_Y, inward = AXIS_Z;
    const Strip s = strip_of(number, p.depth, p.height, p.width);
    const Span slices = VOLUME ? windows_over(s.z, inward) : Span(0, 1);
    const Span rows = windows_over(s.y, down);
    const uint plane = s.plane * (p.slices * p.rows * p.columns);

    for (int x = s.begin; x < s.end; ++x) {
        const Span columns = windows_over(x, across);
        const uint here = uint((s.z * int(p.height) + s.y) * int(p.width) + x);
        float sum = 0;
        for (int w = 0; w < slices.count; ++w) {
            const int k = slices.begin + w;
            for (int v = 0; v < rows.count; ++v) {
                const int i = rows.begin + v;
                const bool row_holds = (!VOLUME || holds(k, s.z, inward)) && holds(i, s.y, down);
                const int row = (VOLUME ? k * int(p.rows) + i : i) * int(p.columns);
#ifndef MAX
                const int area = UNIFORM ? 1 : (VOLUME ? divisor(k, inward) : 1) * divisor(i, down);
#endif
                for (int u = 0; u < columns.count; ++u) {
                    const int j = columns.begin + u;
                    const bool held = row_holds && holds(j, x, across);
                    const uint at = held ? plane + uint(row + j) : plane;
#ifdef MAX
                    if (held && place[at] == here) sum += d_y[at];
#else
                    const float divided =
                        UNIFORM ? d_y[at] : d_y[at] / float(area * divisor(j, across));
                    sum += held ? divided : 0.0;
#endif
                }
            }
        }
#ifndef MAX
        if (UNIFORM) sum /= float(KERNEL_Z * KERNEL_Y * KERNEL_X);
#endif
        pw_run(s.row + uint(x), s.plane % p.channels, 0u, floatBitsToUint(sum));
    }
}
