// SPDX-License-Identifier: MIT
// Reports the first of `count` indices that lies outside [0, size). One invocation an index.
//
// The host guarantees: groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "gather.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { GatherParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer Index { uint index[]; };

void main() {
    const uint element = invocation_index();
    if (element < p.count && index[element] >= p.size) report(p.site, element);
}
