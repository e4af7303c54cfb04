// SPDX-License-Identifier: MIT
// Parameters of norm.comp and norm_backward.comp: x as rows of `cols` neighbours. The channel of an
// element, whose weight and bias it takes, is row % groups * per_group + column / inner.
#ifndef INGOT_SHADERS_NORM_H
#define INGOT_SHADERS_NORM_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

// What a dispatch does: everything, or one of two stages where rows are too few to fill a device.
const uint kNormWhole = 0;
const uint kNormSums = 1;   // leaves the sums of each chunk of a row in `partial`
const uint kNormApply = 2;  // adds them up and makes the outputs

const uint kNormMoments = 3;   // words that a chunk leaves for the others: of norm,
const uint kNormProducts = 2;  // and of norm_backward

// Where an element finds its weight and bias.
const uint kAffineNone = 0;
const uint kAffineColumn = 1;   // at its column: one group of channels of one column each
const uint kAffineChannel = 2;  // at its channel

struct NormParameters {
    uint rows;
    uint cols;
    uint groups;
    uint per_group;   // channels of a row
    uint inner;       // columns of a channel
    uint splits;      // chunks a row
    uint chunk;       // columns of each
    uint block_rows;  // rows that share one partial sum of d_weight and d_bias
    float epsilon;
};

INGOT_SHADER_END

#endif
