// SPDX-License-Identifier: MIT
// Parameters of cross_entropy.comp and cross_entropy_backward.comp.
#ifndef INGOT_SHADERS_CROSS_ENTROPY_H
#define INGOT_SHADERS_CROSS_ENTROPY_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct CrossEntropyParameters {
    uint site;  // of the report; common/status.glsl
    uint rows;
    uint classes;
    uint ignores;  // 1: rows with the label `ignored` count nothing
    uint ignored;  // the word of that label
};

struct CrossEntropyBackwardParameters {
    uint rows;
    uint classes;
    uint ignores;
    uint ignored;
    uint d_offset;  // of d_rows, in elements
    uint d_stride;  // 0: one number for all rows
};

INGOT_SHADER_END

#endif
