// SPDX-License-Identifier: MIT
// y[i, c] = `word` where c is index i, else 0. An invocation an element.
//   indices i32 [rows] -> y [rows, size]
// An index outside [0, size) is reported; its row is 0.
//
// The host guarantees: groups come from groups_for() at one of rows * size elements each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "gather.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { GatherParameters p; };

#define STATUS_BINDING 0
#include "common/status.glsl"
layout(set = 0, binding = 1) readonly buffer Indices { uint indices[]; };
layout(set = 0, binding = 2) writeonly buffer Y { uint y[]; };

void main() {
    const uint element = invocation_index();
    const uint row = element / p.size;
    if (row >= p.rows) return;
    const uint index = indices[row];
    const uint column = element - row * p.size;
    if (column == 0u && index >= p.size) report(p.site, row);
    y[element] = column == index ? p.word : 0u;
}
