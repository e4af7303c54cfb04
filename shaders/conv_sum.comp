// SPDX-License-Identifier: MIT
// y[e] = program(sum_s partial[s, e]): joins the partial sums of a convolution whose reduction was
// split over groups, in ascending order. One invocation an element.
//
// The host guarantees: partial holds splits * count elements; groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "conv.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { ConvSumParameters p; };

layout(set = 0, binding = 0) readonly buffer Partial { float partial[]; };

#define PW_BINDING 1
#include "common/pointwise.glsl"

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    float sum = 0;
    for (uint s = 0; s < p.splits; ++s) sum += partial[s * p.count + element];
    pw_run(element, element / p.row_div % p.rows, 0u, floatBitsToUint(sum));
}
