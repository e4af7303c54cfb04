// SPDX-License-Identifier: MIT
// Parameters of reduce.comp. The axes of x, merged where they can be, are two runs that are kept
// and two that are reduced; element (k0, k1, r0, r1) of x stands at the sum of index times stride.
#ifndef INGOT_SHADERS_REDUCE_H
#define INGOT_SHADERS_REDUCE_H

#include "common/shared.h"
#include "pointwise.h"

INGOT_SHADER_BEGIN

const uint kReduceSum = 0;
const uint kReduceMax = 1;
const uint kReduceProduct = 2;

struct ReduceParameters {
    uint kept;  // outputs: the sizes of the kept runs multiplied
    uint kept_inner;
    uint kept_outer_stride;
    uint kept_inner_stride;
    uint reduced;  // elements an output: the sizes of the reduced runs multiplied
    uint reduced_inner;
    uint reduced_outer_stride;
    uint reduced_inner_stride;
    uint splits;  // partial results an output; 1: the result itself
    uint chunk;   // elements a partial result
    float scale;  // what the result is multiplied by
    uint div[kPointwiseInputs];
    uint mod[kPointwiseInputs];
};

INGOT_SHADER_END

#endif
