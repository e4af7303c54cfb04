// SPDX-License-Identifier: MIT
// Shaders of which each is wrong in one way, or right with what not every device has.
// variant: plain
// variant: writable_input WRITABLE=1
// variant: readonly_output READONLY=1
// variant: texel_input TEXELS=1
// variant: odd_binding MORE=1
// variant: site_missing STATUS=1
// variant: wide_numbers WIDE=1
// variant: large_group SIZE=1024
// variant: square_group SQUARE=1
// variant: many_parameters PARAMETERS=40
// variant: vectors_parameter VECTORS=1
#version 450
#extension GL_GOOGLE_include_directive : require

#ifndef SIZE
#define SIZE 64
#endif
#ifdef SQUARE
layout(local_size_x = 8, local_size_y = 8) in;
#else
layout(local_size_x = SIZE) in;
#endif
layout(constant_id = 3) const int SHIFT = 0;
layout(constant_id = 4) const bool NEGATE = false;

layout(push_constant) uniform Push {
    uint count;
#ifdef PARAMETERS
    float many[PARAMETERS];
#elif defined(VECTORS)
    vec2 turn[2];
#else
    float scale;
    int offsets[2];
#endif
};

#ifdef TEXELS
layout(binding = 0) uniform textureBuffer x;
#define X(i) texelFetch(x, int(i)).x
#elif defined(WRITABLE)
layout(binding = 0) buffer Source { float x[]; };
#define X(i) x[i]
#else
layout(binding = 0) readonly buffer Source { float x[]; };
#define X(i) x[i]
#endif
#ifdef READONLY
layout(binding = 1) readonly buffer Target { float y[]; };
#else
layout(binding = 1) writeonly buffer Target { float y[]; };
#endif
#ifdef MORE
layout(binding = 5) writeonly buffer More { float z[]; };
#endif
#ifdef STATUS
#define STATUS_BINDING 2
#include "ingot/status.glsl"
#endif

void main() {
    const uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    float value = X(i) + float(SHIFT);
#ifdef WIDE
    value = float(double(value) * 2.0lf);
#endif
#ifdef PARAMETERS
    value *= many[i % PARAMETERS];
#elif defined(VECTORS)
    value *= turn[0].y;
#else
    value = value * scale + float(offsets[i % 2]);
#endif
#ifndef READONLY
    y[i] = NEGATE ? -value : value;
#endif
#ifdef MORE
    z[i] = value;
#endif
#ifdef STATUS
    report(1u, i);
#endif
}
