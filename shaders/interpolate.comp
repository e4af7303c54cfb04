// SPDX-License-Identifier: MIT
// One axis resized: y[a, i, s] = (1 - w) x[a, low, s] + w x[a, high, s], and the gradient of this,
// d_x[a, k, s] = the sum over the i that read k, of their weights times d_y[a, i, s]. Both find the
// neighbours and the weight of an i by the same function, so the second is the transpose of the
// first to the bit. The i that may read k lie in a range, gone through in order.
//
// The host guarantees: no element of x is read by more than 2^15 of y, ELEMENTS is 1 in the gradient;
// groups come from groups_for() at LOCAL_SIZE / LANES chunks each.
// variant: interpolate
// variant: interpolate_backward BACKWARD=1
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/rows.glsl"
#include "interpolate.h"

layout(constant_id = 4) const uint MODE = kNearest;

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

#ifdef BACKWARD
// Where the i lie whose source() reads element k, between `low` and `high` elements behind it, and
// one more on either side for the rounding. The ends take what lies beyond.
uvec2 readers(uint k) {
    const bool corners = MODE == kLinearCorners;
    const float low = corners ? -1.0 : MODE == kLinear ? -0.5 : 0.0;
    const float high = MODE == kLinear ? 1.5 : 1.0;
    const float centre = MODE == kNearestExact || MODE == kLinear ? 0.5 : 0.0;
    const float from = (float(k) + low) * p.reach - centre - 1.0;
    const float to = (float(k) + high) * p.reach - centre + 1.0;
    const float last = float(p.resized);
    return uvec2(k == 0u ? 0u : uint(clamp(from, 0.0, last)),
                 k == p.size - 1u ? p.resized : min(uint(clamp(to, 0.0, last)) + 1u, p.resized));
}
#endif

void main() {
    ROW_BEGIN(row)
#ifdef BACKWARD
    const uint a = row / p.size;
    const uint k = row - a * p.size;
    const uvec2 range = readers(k);
    FOR_EACH_INNER(s) {
        const uint base = a * p.resized * p.inner + s;
        float sum = 0.0;
        for (uint i = range.x; i < range.y; ++i) {
            const Neighbours n = neighbours(i);
            const bool reads = n.low == k || n.high == k;
            const float d = reads ? d_y[base + i * p.inner] : 0.0;
            if (n.low == k) sum += (1.0 - n.weight) * d;
            if (n.high == k) sum += n.weight * d;
        }
        d_x[row * p.inner + s] = sum;
    }
#else
    const uint a = row / p.resized;
    const Neighbours n = neighbours(row - a * p.resized);
    FOR_EACH_INNER(s) {
        const uint base = a * p.size * p.inner + s;
        const float low = x[base + n.low * p.inner];
        float value = low;
        if (MODE >= kLinear) {
            value = (1.0 - n.weight) * low + n.weight * x[base + n.high * p.inner];
        }
        y[row * p.inner + s] = value;
    }
#endif
}
