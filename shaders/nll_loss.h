// SPDX-License-Identifier: MIT
// Parameters of nll_loss.comp and nll_loss_backward.comp.
#ifndef INGOT_SHADERS_NLL_LOSS_H
#define INGOT_SHADERS_NLL_LOSS_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct NllLossParameters {
    uint site;  // of the report; common/status.glsl
    uint rows;
    uint classes;
    uint ignores;        // 1: rows with the label `ignored` count nothing
    uint ignored;        // the word of that label
    uint weight_offset;  // in elements
    uint weight_stride;  // 0: one weight for all classes
};

struct NllLossBackwardParameters {
    uint rows;
    uint classes;
    uint ignores;
    uint ignored;
    uint weight_offset;
    uint weight_stride;
    uint d_offset;  // of d_rows, in elements
    uint d_stride;  // 0: one number for all rows
};

INGOT_SHADER_END

#endif
