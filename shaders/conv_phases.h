// SPDX-License-Identifier: MIT
// Parameters of conv_phases.comp: sizes of d_x [B, channels, depth, height, width], of d_y [B,
// outputs, slices, rows, columns], and of the weights [outputs, group_channels, taps].
#ifndef INGOT_SHADERS_CONV_PHASES_H
#define INGOT_SHADERS_CONV_PHASES_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct ConvPhasesParameters {
    uint count;   // invocations
    uint blocks;  // of channels, in one group
    uint groups;
    uint group_channels;
    uint group_outputs;
    uint depth;
    uint height;
    uint width;
    uint slices;
    uint rows;
    uint columns;
    uint taps_z;
    uint taps_y;
    uint taps_x;
    uint padding_z;
    uint padding_y;
    uint padding_x;
};

INGOT_SHADER_END

#endif
