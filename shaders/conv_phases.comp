// SPDX-License-Identifier: MIT
// d_x[b, c, i] = program(sum over o, u of weight[o, c, u] d_y[b, o, (i + padding - u dilation) /
// stride]) where that is whole: a convolution's data gradient for large strides. There each pixel
// meets few taps, and a product for each phase of the stride would be a dispatch for each.
//
// An invocation owns one pixel of BLOCK neighbouring channels. It looks for the first tap that meets
// its pixel; from there on every STEP-th tap does. Summed in a fixed order: equal inputs, equal bits.
//
// The host guarantees: STEP = stride / gcd(stride, dilation); fewer than 60000 outputs of a group
// times taps that meet a pixel; groups from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

#include "common/index.glsl"
#include "conv_phases.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint BLOCK = 4;
layout(constant_id = 2) const int STRIDE_Z = 1;
layout(constant_id = 3) const int STRIDE_Y = 1;
layout(constant_id = 4) const int STRIDE_X = 1;
layout(constant_id = 5) const int DILATION_Z = 1;
layout(constant_id = 6) const int DILATION_Y = 1;
layout(constant_id = 7) const int DILATION_X = 1;
layout(constant_id = 8) const int STEP_Z = 1;
layout(constant_id = 9) const int STEP_Y = 1;
layout(constant_id = 10) const int STEP_X = 1;

layout(push_constant) uniform Push { ConvPhasesParameters p; };

layout(set = 0, binding = 0) readonly buffer A { float a[]; };
layout(set = 0, binding = 1) readonly buffer X { float x[]; };

#define PW_BINDING 2
#include "common/pointwise.glsl"

// The first of `taps` that meets position `at` of the padded image, or `taps` if none does.
int first_tap(int at, uint taps, int stride, int dilation, int step_) {
    const int end = min(int(taps), step_);
    for (int u = 0; u < end && at >= 0; ++u) {
        if (at % stride == 0) return u;
        at -= dilation;
    }
    return int(taps);
}

void main() {
    const uint number = invocation_index();
    if (number >= p.count) return;
    const uint row = number / p.width;
    const uint slice = row / p.height;
    const uint volume = slice / p.depth;
    const uint group_of = volume / p.blocks;
    const uint sample_ = group_of / p.groups;
    const uint group = group_of - sample_ * p.groups;
    const uint channel = (volume - group_of * p.blocks) * BLOCK;
    const int at_z = int(slice - volume * p.depth + p.padding_z);
    const int at_y = int(row - slice * p.height + p.padding_y);
    const int at_x = int(number - row * p.width + p.padding_x);
    const int first_z = first_tap(at_z, p.taps_z, STRIDE_Z, DILATION_Z, STEP_Z);
    const int first_y = first_tap(at_y, p.taps_y, STRIDE_Y, DILATION_Y, STEP_Y);
    const int first_x = first_tap(at_x, p.taps_x, STRIDE_X, DILATION_X, STEP_X);

    const uint taps = p.taps_z * p.taps_y * p.taps_x;
    const uint results = p.slices * p.rows * p.columns;
    uint from_channel[BLOCK];  // of the block, the last again where it ends early
    [[unroll]] for (uint c = 0; c < BLOCK; c++) {
        from_channel[c] = min(channel + c, p.group_channels - 1) * taps;
    }
    float acc[BLOCK];
    [[unroll]] for (uint c = 0; c < BLOCK; c++) acc[c] = 0;
    [[dont_unroll]] for (uint k = 0; k < p.group_outputs; k++) {
        const uint output_ = group * p.group_outputs + k;
        const uint weights = output_ * p.group_channels * taps;
        const uint image = (sample_ * p.groups * p.group_outputs + output_) * results;
        for (int w = first_z; w < int(p.taps_z); w += STEP_Z) {
            const int z = (at_z - w * DILATION_Z) / STRIDE_Z;
            if (at_z < w * DILATION_Z) break;
            for (int v = first_y; v < int(p.taps_y); v += STEP_Y) {
                const int y = (at_y - v * DILATION_Y) / STRIDE_Y;
                if (at_y < v * DILATION_Y) break;
                for (int u = first_x; u < int(p.taps_x); u += STEP_X) {
                    const int column = (at_x - u * DILATION_X) / STRIDE_X;
                    if (at_x < u * DILATION_X) break;
                    if (uint(z) >= p.slices || uint(y) >= p.rows || uint(column) >= p.columns) {
                        continue;
                    }
                    const float value =
                        x[image + (uint(z) * p.rows + uint(y)) * p.columns + uint(column)];
                    const uint tap =
                        weights + (uint(w) * p.taps_y + uint(v)) * p.taps_x + uint(u);
                    [[unroll]] for (uint c = 0; c < BLOCK; c++) {
                        acc[c] = fma(a[tap + from_channel[c]], value, acc[c]);
                    }
                }
            }
        }
    }

    const uint pixels = p.depth * p.height * p.width;
    const uint first = group * p.group_channels + channel;
    const uint at = (sample_ * p.groups * p.group_channels + first) * pixels + number -
                    volume * pixels;
    [[unroll]] for (uint c = 0; c < BLOCK; c++) {
        if (channel + c < p.group_channels) {
            pw_run(at + c * pixels, first + c, 0u, floatBitsToUint(acc[c]));
        }
    }
}
