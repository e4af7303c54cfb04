// SPDX-License-Identifier: MIT
// What the convolution kernels share: their bindings, where a column and a step of k lie in the
// image (see conv2d.h), and how a result is stored. No address needs a division inside the loop
// over k: a column is taken apart once, and k moves on by counting.
#ifndef INGOT_GATHERED_PRODUCT_GLSL
#define INGOT_GATHERED_PRODUCT_GLSL

#include "common/index.glsl"
#include "conv2d.h"

layout(push_constant) uniform Push { Conv2dParameters p; };

layout(set = 0, binding = 0) readonly buffer A { float a[]; };
layout(set = 0, binding = 1) readonly buffer X { float x[]; };
layout(set = 0, binding = 2) writeonly buffer Partial { float partial[]; };

#define PW_BINDING 3
#include "common/pointwise.glsl"

struct Column {
    uint at;  // of (y, x) in X; (y, x) itself may lie outside the image
    int y;
    int x;
};

// n as (n0, n1, n2); the last column instead of one beyond it.
uvec3 apart(uint n) {
    n = min(n, p.columns - 1u);
    const uint row = n / p.n2;
    const uint n0 = row / p.n1;
    return uvec3(n0, row - n0 * p.n1, n - row * p.n2);
}

Column column_of(uvec3 n, uint group) {
    Column c;
    c.y = int(n.y) * p.y_n + p.y_0;
    c.x = int(n.z) * p.x_n + p.x_0;
    c.at = group * p.x_group + n.x * p.x_n0 + uint(c.y * int(p.width) + c.x);
    return c;
}

struct Step {
    uint k0, k1, k2;
};

Step step_of(uint k) {
    const uint row = k / p.k2;
    const uint k0 = row / p.k1;
    return Step(k0, row - k0 * p.k1, k - row * p.k2);
}

Step next(Step s) {
    s.k2 += 1u;
    const bool row_ends = s.k2 == p.k2;
    s.k2 = row_ends ? 0u : s.k2;
    s.k1 += row_ends ? 1u : 0u;
    const bool image_ends = s.k1 == p.k1;
    s.k1 = image_ends ? 0u : s.k1;
    s.k0 += image_ends ? 1u : 0u;
    return s;
}

uint a_step(Step s) { return s.k0 * p.a_k0 + s.k1 * p.a_k1 + s.k2 * p.a_k2; }

// X at column c and step s; 0 outside the image and where `inside` is false. Never reads outside.
float gathered(Column c, Step s, bool inside, bool masked) {
    const int dy = int(s.k1) * p.y_k;
    const int dx = int(s.k2) * p.x_k;
    uint at = c.at + s.k0 * p.x_k0 + uint(dy * int(p.width) + dx);
    if (masked) {
        inside = inside && uint(c.y + dy) < p.height && uint(c.x + dx) < p.width;
        at = inside ? at : 0u;
    }
    const float value = x[at];
    return inside ? value : 0.0;
}

uint output_at(uvec3 n) {
    return p.out_offset + n.x * p.out_n0 + n.y * p.out_n1 + n.z * p.out_n2;
}

// `row` counts through all groups, `at` is output_at(column).
void store(bool is_partial, uint split, uint row, uint at, float value) {
    const uint element = at + row * p.out_row;
    if (is_partial) {
        partial[split * p.partial_stride + element] = value;
    } else {
        pw_run(element, row, 0u, floatBitsToUint(value));
    }
}

#endif
