// SPDX-License-Identifier: MIT
// Parameters of the pooling kernels. x is [planes, depth, height, width], y [planes, slices, rows,
// columns], where planes are the images times their channels.
#ifndef INGOT_SHADERS_POOL_H
#define INGOT_SHADERS_POOL_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct PoolParameters {
    uint count;     // strips of what the kernel writes
    uint strips;    // of one row
    uint channels;  // for the epilogue: a plane's channel is plane % channels
    uint depth;
    uint height;
    uint width;
    uint slices;
    uint rows;
    uint columns;
    int padding_z;
    int padding_y;
    int padding_x;
};

struct PoolPickParameters {
    uint count;    // elements of y
    uint outputs;  // of a plane
    uint pixels;   // of a plane of x
    uint channels;
};

INGOT_SHADER_END

#endif
