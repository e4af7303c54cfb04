// SPDX-License-Identifier: MIT
// A tensor seen along one axis, [A, cols, S]: what kernels over the rows of any axis are given.
#ifndef INGOT_SHADERS_AXIS_H
#define INGOT_SHADERS_AXIS_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct AxisParameters {
    uint rows;    // A * S
    uint cols;    // along the axis
    uint stride;  // S: elements between neighbours along the axis
};

INGOT_SHADER_END

#endif
