// SPDX-License-Identifier: MIT
// Multiplies and adds, in registers alone: kCeilingChains chains of `rounds` in each invocation,
// whose sum is y[i], so that no compiler can leave them out. An invocation an element.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require

#include "ceiling.h"
#include "common/index.glsl"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { CeilingParameters p; };
layout(set = 0, binding = 0) writeonly buffer Y { float y[]; };

void main() {
    float chains[kCeilingChains];
    [[unroll]] for (uint n = 0; n < kCeilingChains; n++) {
        chains[n] = float(gl_LocalInvocationID.x + n);
    }
    [[dont_unroll]] for (uint round = 0; round < p.rounds; round += 4) {
        [[unroll]] for (uint step = 0; step < 4; step++) {
            [[unroll]] for (uint n = 0; n < kCeilingChains; n++) {
                chains[n] = chains[n] * p.factor + p.summand;
            }
        }
    }
    float sum = 0;
    [[unroll]] for (uint n = 0; n < kCeilingChains; n++) sum += chains[n];
    y[invocation_index()] = sum;
}
