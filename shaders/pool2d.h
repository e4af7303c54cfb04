// SPDX-License-Identifier: MIT
// Parameters of the pooling kernels. x is [planes, height, width], y [planes, rows, columns], where
// planes are the images times their channels.
#ifndef INGOT_SHADERS_POOL2D_H
#define INGOT_SHADERS_POOL2D_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct Pool2dParameters {
    uint count;     // elements of what the kernel writes
    uint channels;  // for the epilogue: a plane's channel is plane % channels
    uint height;
    uint width;
    uint rows;
    uint columns;
    uint kernel_y;
    uint kernel_x;
    uint stride_y;
    uint stride_x;
    uint padding_y;
    uint padding_x;
};

INGOT_SHADER_END

#endif
