// SPDX-License-Identifier: MIT
// Parameters of the sort kernels. x [A, cols, S] holds rows = A * S rows of `cols` elements,
// `stride` apart; y has `keep` elements a row, which is fewer than `cols` when only the first of
// the order are wanted. Between the kernels a row is cut into sorted runs of `width` elements, all
// of them full but the last, one behind the other.
#ifndef INGOT_SHADERS_SORT_H
#define INGOT_SHADERS_SORT_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct SortParameters {
    uint rows;
    uint cols;       // of x
    uint stride;     // S
    uint keep;       // of y
    uint runs;       // a row: blocks to be sorted, or sorted runs to be merged two by two
    uint width_in;   // of a run to be merged
    uint row_in;     // elements of a row in the runs to be merged
    uint width_out;  // of a run that results
    uint row_out;    // elements of a row in the runs that result
};

INGOT_SHADER_END

#endif
