// SPDX-License-Identifier: MIT
// y[plane, i] = program(x[plane, place[plane, i]]): what stands where the maxima stood, which is how
// the gradient of a maximum is differentiated. One invocation an output.
//
// The host guarantees: places made by pool.comp, so that they lie in their plane; groups from
// groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "pool.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { PoolPickParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) readonly buffer Place { uint place[]; };

#define PW_BINDING 2
#include "common/pointwise.glsl"

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    const uint plane = element / p.outputs;
    pw_run(element, plane % p.channels, 0u, x[plane * p.pixels + place[element]]);
}
