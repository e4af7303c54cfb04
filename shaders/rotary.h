// SPDX-License-Identifier: MIT
// Parameters of rotary.comp. Strides of x in elements; that of its last axis is 1.
#ifndef INGOT_SHADERS_ROTARY_H
#define INGOT_SHADERS_ROTARY_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kRotaryPowers = 9;  // of the ratio of neighbouring frequencies: up to 512 pairs

struct RotaryParameters {
    uint B;
    uint H;
    uint L;
    uint E;
    uint pairs;  // rotated: the first 2 * pairs of E elements
    uint first;  // position of row 0
    uint x_batch;
    uint x_head;
    uint x_row;
    uint x_offset;
    // Fractions of a turn as 64-bit fixed-point numbers, high and low words.
    uint turn_high;  // 1 / (2 pi): what a position turns the first pair by
    uint turn_low;
    uint power_high[kRotaryPowers];  // ratio^(2^n)
    uint power_low[kRotaryPowers];
};

INGOT_SHADER_END

#endif
