// SPDX-License-Identifier: MIT
// One axis resized: y[a, i, s] = (1 - w) x[a, low, s] + w x[a, high, s], and the gradient of this,
// d_x[a, k, s] = the sum over the i that read k, of their weights times d_y[a, i, s]. Both find the
// neighbours and the weight of an i by the same function, so the second is the transpose of the
// first to the bit. One invocation an element of what is written; the i that may read k lie in a
// range, gone through in order.
//
// The host guarantees: no element of x is read by more than 2^15 of y; groups come from groups_for().
// variant: interpolate
// variant: interpolate_backward BACKWARD=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "interpolate.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint MODE = kNearest;

layout(push_constant) uniform Push { InterpolateParameters p; };

#ifdef BACKWARD
layout(set = 0, binding = 0) readonly buffer DY { float d_y[]; };
layout(set = 0, binding = 1) writeonly buffer DX { float d_x[]; };
#else
layout(set = 0, binding = 0) readonly buffer X { float x[]; };
layout(set = 0, binding = 1) writeonly buffer Y { float y[]; };
#endif

struct Neighbours {
    uint low;
    uint high;
    float weight;  // of the high one
};

// In x. No operation is contracted, so that a place on an edge falls on the same side everywhere.
float source(float i) {
    precise float at = i * p.scale;
    if (MODE == kNearestExact || MODE == kLinear) {
        precise float centre = i + 0.5;
        at = centre * p.scale;
        if (MODE == kLinear) at = max(at - 0.5, 0.0);
    }
    return at;
}

Neighbours neighbours(uint i) {
    const float at = source(float(i));
    Neighbours n;
    n.low = min(uint(at), p.size - 1u);
    n.high = MODE >= kLinear ? min(n.low + 1u, p.size - 1u) : n.low;
    n.weight = MODE >= kLinear ? clamp(at - float(n.low), 0.0, 1.0) : 0.0;
    return n;
}

void main() {
    const uint element = invocation_index();
    if (element >= p.count) return;
    const uint row = element / p.inner;
    const uint s = element - row * p.inner;
#ifdef BACKWARD
    const uint a = row / p.size;
    const uint k = row - a * p.size;
    // Where source(i) lies between k - 1 and k + 1, and a little more; the ends take what lies
    // beyond.
    const float from = (float(k) - 1.5) * p.reach - 2.0;
    const float to = (float(k) + 1.5) * p.reach + 2.0;
    const uint begin = k == 0u ? 0u : uint(clamp(from, 0.0, float(p.resized)));
    const uint end = k == p.size - 1u ? p.resized : min(uint(max(to, 0.0)) + 1u, p.resized);
    float sum = 0.0;
    for (uint i = begin; i < end; ++i) {
        const Neighbours n = neighbours(i);
        const float d = n.low == k || n.high == k ? d_y[(a * p.resized + i) * p.inner + s] : 0.0;
        if (n.low == k) sum += (1.0 - n.weight) * d;
        if (n.high == k) sum += n.weight * d;
    }
    d_x[element] = sum;
#else
    const uint a = row / p.resized;
    const Neighbours n = neighbours(row - a * p.resized);
    const uint base = a * p.size * p.inner + s;
    const float low = x[base + n.low * p.inner];
    if (MODE < kLinear) {
        y[element] = low;
    } else {
        y[element] = (1.0 - n.weight) * low + n.weight * x[base + n.high * p.inner];
    }
#endif
}
