// SPDX-License-Identifier: MIT
// What the pooling kernels share: where the windows of one axis lie, and which of them hold a
// position. Kernel, stride and dilation are constants, so that the compiler divides by them without
// a division and unrolls short windows.
#ifndef INGOT_WINDOWS_GLSL
#define INGOT_WINDOWS_GLSL

#include "common/index.glsl"
#include "pool.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint STRIP = 1;  // neighbours in a row that one invocation computes
layout(constant_id = 2) const bool VOLUME = false;    // depth or slices above 1
layout(constant_id = 3) const bool ADAPTIVE = false;  // windows by sizes alone, not by the following
layout(constant_id = 4) const int KERNEL_Z = 1;
layout(constant_id = 5) const int KERNEL_Y = 2;
layout(constant_id = 6) const int KERNEL_X = 2;
layout(constant_id = 7) const int STRIDE_Z = 1;
layout(constant_id = 8) const int STRIDE_Y = 2;
layout(constant_id = 9) const int STRIDE_X = 2;
layout(constant_id = 10) const int DILATION_Z = 1;
layout(constant_id = 11) const int DILATION_Y = 1;
layout(constant_id = 12) const int DILATION_X = 1;
layout(constant_id = 13) const bool UNIFORM = true;      // mean: every window counts its whole kernel
layout(constant_id = 14) const bool INCLUDE_PAD = true;  // mean, unless UNIFORM: padding counts

layout(push_constant) uniform Push { PoolParameters p; };

struct Axis {
    int size, count;  // of x, of y
    int kernel, stride, padding, dilation;
};
#define AXIS_Z Axis(int(p.depth), int(p.slices), KERNEL_Z, STRIDE_Z, p.padding_z, DILATION_Z)
#define AXIS_Y Axis(int(p.height), int(p.rows), KERNEL_Y, STRIDE_Y, p.padding_y, DILATION_Y)
#define AXIS_X Axis(int(p.width), int(p.columns), KERNEL_X, STRIDE_X, p.padding_x, DILATION_X)

struct Span {
    int begin, count;
};

// The positions begin + u dilation, u < count, of window i. An adaptive one reaches from
// floor(i size / count) to ceil((i + 1) size / count).
Span window(int i, Axis a) {
    if (!ADAPTIVE) return Span(i * a.stride - a.padding, a.kernel);
    const int begin = i * a.size / a.count;
    return Span(begin, ((i + 1) * a.size + a.count - 1) / a.count - begin);
}

// The windows that may hold position `at`: those from begin on. The same formula as an adaptive
// window with the sizes exchanged, since i size / count < at + 1 and (i + 1) size / count > at.
Span windows_over(int at, Axis a) {
    if (!ADAPTIVE) {
        const int reach = (a.kernel - 1) * a.dilation / a.stride;
        return Span((at + a.padding) / a.stride - reach, reach + 1);
    }
    const int begin = at * a.count / a.size;
    return Span(begin, ((at + 1) * a.count + a.size - 1) / a.size - begin);
}

// What a mean over window i divides by, along this axis.
int divisor(int i, Axis a) {
    const Span w = window(i, a);
    if (ADAPTIVE) return w.count;
    const int end = w.begin + w.count;
    return INCLUDE_PAD ? min(end, a.size + a.padding) - w.begin
                       : min(end, a.size) - max(w.begin, 0);
}

// The strip of an invocation in a tensor [planes, slices, rows, columns].
struct Strip {
    uint plane;
    int z, y, begin, end;
    uint row;  // element of the row's start
};

Strip strip_of(uint number, uint slices, uint rows, uint columns) {
    const uint row = number / p.strips;
    const uint slice = row / rows;
    Strip s;
    s.plane = VOLUME ? slice / slices : slice;
    s.z = VOLUME ? int(slice - s.plane * slices) : 0;
    s.y = int(row - slice * rows);
    const uint begin = (number - row * p.strips) * STRIP;
    s.begin = int(begin);
    s.end = int(min(begin + STRIP, columns));
    s.row = row * columns;
    return s;
}

#endif
