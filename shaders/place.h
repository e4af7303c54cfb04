// SPDX-License-Identifier: MIT
// Parameters of place.comp: the axes of y, outermost first, and how x lies along them. Unused
// leading axes have size and count 1.
#ifndef INGOT_SHADERS_PLACE_H
#define INGOT_SHADERS_PLACE_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kPlaceAxes = 5;

struct PlaceAxis {
    uint size;    // of y
    uint count;   // of x
    uint stride;  // of x, in elements
    uint begin;   // where element 0 of x lies in y
    uint step;    // from one element of x to the next
};

struct PlaceParameters {
    PlaceAxis axes[kPlaceAxes];
    uint offset;  // of x, in elements
    uint count;   // of the elements of y
    uint fill;    // the word where x does not lie
};

INGOT_SHADER_END

#endif
