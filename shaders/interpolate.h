// SPDX-License-Identifier: MIT
// Parameters of the interpolation kernels: x [A, size, inner] and y [A, resized, inner] along one
// axis.
#ifndef INGOT_SHADERS_INTERPOLATE_H
#define INGOT_SHADERS_INTERPOLATE_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kNearest = 0;
const uint kNearestExact = 1;
const uint kLinear = 2;
const uint kLinearCorners = 3;  // align_corners

struct InterpolateParameters {
    uint rows;    // of what the kernel writes: A * resized or A * size
    uint chunks;  // common/rows.glsl
    uint inner;
    uint size;     // of x
    uint resized;  // of y
    float scale;   // elements of x from one of y to the next
    float reach;   // of the gradient: elements of y from one of x to the next
};

INGOT_SHADER_END

#endif
