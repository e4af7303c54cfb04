// SPDX-License-Identifier: MIT
// y[i], ... = program(x[view(i)], ...): as pointwise.comp, but inputs 0 to 3 may be read through
// strides (a transpose, a slice, any broadcast). One invocation an element, or four where outputs
// are narrower than a word.
//
// The host guarantees what it does for pointwise.comp; no output overlaps an input that is read by
// strides.
// variant: pointwise_strided PW_MAX=32
// variant: pointwise_strided_packed PW_MAX=32 PW_PACKED=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pointwise.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 2) const bool GUARDED = false;

layout(push_constant) uniform Push { PointwiseStridedParameters p; };

layout(set = 0, binding = 0) readonly buffer Status { uint status[]; };

uint strided(const uint input_slot, uint element) {
    uint at = p.offsets[input_slot];
    for (int axis = int(kStridedAxes) - 1; axis >= 0; --axis) {
        at += element % p.sizes[axis] * p.strides[input_slot * kStridedAxes + axis];
        element /= p.sizes[axis];
    }
    return at;
}

#define PW_BINDING 1
#define PW_STRIDED(k, e) strided(k, e)
#include "common/pointwise.glsl"

void main() {
    if (GUARDED && status[0] != 0u) return;
    const uint at = invocation_index();
#ifdef PW_PACKED
    if (at < (p.count + 3u) / 4u) pw_run_four(at * 4u, p.count);
#else
    if (at < p.count) pw_run(at, 0u, 0u, 0u);
#endif
}
