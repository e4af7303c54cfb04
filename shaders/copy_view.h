// SPDX-License-Identifier: MIT
// Parameters of copy_view.comp. Axes outermost first; unused leading axes have size 1 and stride 0.
#ifndef INGOT_SHADERS_COPY_VIEW_H
#define INGOT_SHADERS_COPY_VIEW_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kCopyViewAxes = 6;

// Strides and offsets in elements of 32 bits.
struct CopyViewParameters {
    uint sizes[kCopyViewAxes];
    uint source_strides[kCopyViewAxes];
    uint source_offset;
    uint target_strides[kCopyViewAxes];
    uint target_offset;
    uint count;  // the product of the sizes
};

INGOT_SHADER_END

#endif
