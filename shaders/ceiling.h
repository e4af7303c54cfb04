// SPDX-License-Identifier: MIT
// Parameters of the kernels that measure what a device can do at best.
#ifndef INGOT_SHADERS_CEILING_H
#define INGOT_SHADERS_CEILING_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kCeilingChains = 12;  // enough to hide the latency of a multiply-add, few enough for 16
                                 // registers

struct CeilingParameters {
    uint count;   // vectors that are copied
    uint rounds;  // multiply-adds in a row
    float factor;
    float summand;
};

INGOT_SHADER_END

#endif
