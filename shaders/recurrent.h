// SPDX-License-Identifier: MIT
// Parameters of the cells of recurrent layers. Inputs start at offsets, in elements: they may be
// one step of a longer tensor.
#ifndef INGOT_SHADERS_RECURRENT_H
#define INGOT_SHADERS_RECURRENT_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kCellInputs = 5;

struct RecurrentParameters {
    uint count;  // B * H
    uint H;
    uint offsets[kCellInputs];  // by input of the operator
};

INGOT_SHADER_END

#endif
