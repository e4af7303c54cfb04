// SPDX-License-Identifier: MIT
// y = x r and r = 1 / sqrt(mean x^2 + epsilon) of each row. x [rows, cols] -> y, r [rows].
// A group owns one row.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "ingot/group_reduce.glsl"
#include "ingot/index.glsl"

layout(push_constant) uniform Push {
    uint rows;
    uint cols;
    float epsilon;
};
layout(binding = 0) readonly buffer X { float x[]; };
layout(binding = 1) writeonly buffer Y { float y[]; };
layout(binding = 2) writeonly buffer R { float r[]; };

void main() {
    const uint row = group_index();
    const uint width = row < rows ? cols : 0u;
    float squares = 0.0;
    for (uint col = group_lane(); col < width; col += LANES) {
        squares += x[row * cols + col] * x[row * cols + col];
    }
    const float scale = inversesqrt(group_sum(squares) / float(cols) + epsilon);
    for (uint col = group_lane(); col < width; col += LANES) {
        y[row * cols + col] = x[row * cols + col] * scale;
    }
    if (row < rows && group_lane() == 0u) r[row] = scale;
}
