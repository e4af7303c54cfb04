// SPDX-License-Identifier: MIT
// y[begin + step * i] = x[i] along each axis, the fill word elsewhere: a tensor laid into a larger
// one. Words of 32 bits, one invocation an element of y.
//
// The host guarantees: all elements of x have a place in y; groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "place.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { PlaceParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { uint y[]; };

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    uint rest = element;
    uint from = p.offset;
    bool inside = true;
    for (int k = int(kPlaceAxes) - 1; k >= 0; --k) {
        const uint size = p.axes[k].size;
        if (size == 1u) continue;
        const uint at = rest % size - p.axes[k].begin;  // in front of x: beyond every count
        rest /= size;
        uint i = at;
        if (p.axes[k].step != 1u) {
            i = at / p.axes[k].step;
            inside = inside && i * p.axes[k].step == at;
        }
        inside = inside && i < p.axes[k].count;
        from += i * p.axes[k].stride;
    }
    y[element] = inside ? x[from] : p.fill;
}
