// SPDX-License-Identifier: MIT
// Parameters of the batch norm kernels: x [B, channels, S] with B * S = `reduced` values a channel.
#ifndef INGOT_SHADERS_BATCH_NORM_H
#define INGOT_SHADERS_BATCH_NORM_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct BatchNormParameters {
    uint channels;
    uint reduced;
    uint inner;   // S
    uint splits;  // partial results a channel; 1: the results themselves
    uint chunk;   // values of each
    float epsilon;
};

INGOT_SHADER_END

#endif
