// SPDX-License-Identifier: MIT
// Parameters of cumsum.comp. x [A, cols, S], rows = A * S, each cut into `splits` of LANES * CHUNK.
#ifndef INGOT_SHADERS_CUMSUM_H
#define INGOT_SHADERS_CUMSUM_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct CumsumParameters {
    uint rows;
    uint cols;
    uint stride;  // S: elements between neighbours along the axis
    uint splits;
};

INGOT_SHADER_END

#endif
