// SPDX-License-Identifier: MIT
// y[i], ... = program(x[i], ...): a pointwise program over a whole tensor, inputs at their own
// index, as a scalar, or repeated along one block of axes. An invocation owns ELEMENTS elements,
// LOCAL_SIZE apart, so that neighbours touch neighbouring words; where outputs are narrower than a
// word, four times as many, in fours.
//
// The host guarantees: outputs hold `count` elements; an output may be an input that is read at its
// own index, and overlaps no other; groups come from groups_for() at LOCAL_SIZE * ELEMENTS each.
// GUARDED: nothing is stored once the device has seen an error (status[0] is not 0).
// variant: pointwise PW_MAX=32
// variant: pointwise_packed PW_MAX=32 PW_PACKED=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pointwise.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint ELEMENTS = 1;
layout(constant_id = 2) const bool GUARDED = false;

layout(push_constant) uniform Push { PointwiseParameters p; };

layout(set = 0, binding = 0) readonly buffer Status { uint status[]; };

#define PW_BINDING 1
#define PW_MODULAR(k) uvec2(p.div[k], p.mod[k])
#include "common/pointwise.glsl"

void main() {
    if (GUARDED && status[0] != 0u) return;
    uint at = group_index() * LOCAL_SIZE * ELEMENTS + gl_LocalInvocationID.x;
    for (uint k = 0u; k < ELEMENTS; ++k, at += LOCAL_SIZE) {
#ifdef PW_PACKED
        if (at * 4u < p.count) pw_run_four(at * 4u, p.count);
#else
        if (at < p.count) pw_run(at, 0u, 0u, 0u);
#endif
    }
}
