// SPDX-License-Identifier: MIT
// What the convolution kernels share: their bindings, where a column and a step of k lie in the
// image (see conv.h), and how a result is stored. No address needs a division inside the loop
// over k: a column is taken apart once, and k moves on by counting.
#ifndef INGOT_GATHERED_PRODUCT_GLSL
#define INGOT_GATHERED_PRODUCT_GLSL

#include "common/index.glsl"
#include "conv.h"

layout(push_constant) uniform Push { ConvParameters p; };

layout(constant_id = 20) const bool VOLUME = false;  // depth, n1 or k1 above 1
layout(constant_id = 21) const int Z_N = 1;
layout(constant_id = 22) const int Y_N = 1;
layout(constant_id = 23) const int X_N = 1;
layout(constant_id = 24) const int Z_K = 1;
layout(constant_id = 25) const int Y_K = 1;
layout(constant_id = 26) const int X_K = 1;
layout(constant_id = 27) const uint A_K3 = 1;
layout(constant_id = 28) const uint OUT_N3 = 1;

layout(set = 0, binding = 0) readonly buffer A { float a[]; };
layout(set = 0, binding = 1) readonly buffer X { float x[]; };
layout(set = 0, binding = 2) writeonly buffer Partial { float partial[]; };

#define PW_BINDING 3
#include "common/pointwise.glsl"

struct Column {
    uint at;  // of (z, y, x) in X; (z, y, x) itself may lie outside the image
    int z;
    int y;
    int x;
};

// n as (n0, n1, n2, n3); the last column instead of one beyond it.
uvec4 apart(uint n) {
    n = min(n, p.columns - 1u);
    const uint row = n / p.n3;
    const uint plane = row / p.n2;
    const uint n0 = VOLUME ? plane / p.n1 : plane;
    return uvec4(n0, VOLUME ? plane - n0 * p.n1 : 0u, row - plane * p.n2, n - row * p.n3);
}

// Of position (z, y, x) from the start of an image.
uint pixel(int z, int y, int x) {
    const int row = VOLUME ? z * int(p.height) + y : y;
    return uint(row * int(p.width) + x);
}

Column column_of(uvec4 n, uint group) {
    Column c;
    c.z = VOLUME ? int(n.y) * Z_N + p.z_0 : 0;
    c.y = int(n.z) * Y_N + p.y_0;
    c.x = int(n.w) * X_N + p.x_0;
    c.at = group * p.x_group + n.x * p.x_n0 + pixel(c.z, c.y, c.x);
    return c;
}

struct Step {
    uint k0, k1, k2, k3;
};

Step step_of(uint k) {
    const uint row = k / p.k3;
    const uint plane = row / p.k2;
    const uint k0 = VOLUME ? plane / p.k1 : plane;
    return Step(k0, VOLUME ? plane - k0 * p.k1 : 0u, row - plane * p.k2, k - row * p.k3);
}

Step next(Step s) {
    s.k3 += 1u;
    const bool row_ends = s.k3 == p.k3;
    s.k3 = row_ends ? 0u : s.k3;
    s.k2 += row_ends ? 1u : 0u;
    bool image_ends = s.k2 == p.k2;
    s.k2 = image_ends ? 0u : s.k2;
    if (VOLUME) {
        s.k1 += image_ends ? 1u : 0u;
        image_ends = s.k1 == p.k1;
        s.k1 = image_ends ? 0u : s.k1;
    }
    s.k0 += image_ends ? 1u : 0u;
    return s;
}

uint a_step(Step s) {
    return s.k0 * p.a_k0 + (VOLUME ? s.k1 * p.a_k1 : 0u) + s.k2 * p.a_k2 + s.k3 * A_K3;
}

// Whether (z, y, x) lies in the image: a negative number is a large one without its sign.
bool in_image(int z, int y, int x) {
    return (!VOLUME || uint(z) < p.depth) && uint(y) < p.height && uint(x) < p.width;
}

// X at column c and step s; 0 outside the image and where `inside` is false. Never reads outside.
float gathered(Column c, Step s, bool inside, bool masked) {
    const int dz = VOLUME ? int(s.k1) * Z_K : 0;
    const int dy = int(s.k2) * Y_K;
    const int dx = int(s.k3) * X_K;
    uint at = c.at + s.k0 * p.x_k0 + pixel(dz, dy, dx);
    if (masked) {
        inside = inside && in_image(c.z + dz, c.y + dy, c.x + dx);
        at = inside ? at : 0u;
    }
    const float value = x[at];
    return inside ? value : 0.0;
}

uint output_at(uvec4 n) {
    return p.out_offset + n.x * p.out_n0 + (VOLUME ? n.y * p.out_n1 : 0u) + n.z * p.out_n2 +
           n.w * OUT_N3;
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
