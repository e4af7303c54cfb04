// SPDX-License-Identifier: MIT
// What the sort kernels share: the order of the keys, and where an element goes that has found its
// place, among the runs of the next kernel or, in the last one, in the results.
//
// Keys are words in whose order the elements are sorted; a place is an element's number in its row
// of x, so that equal keys keep their order. A NaN counts as the largest number, and -0 equals 0.
#ifndef INGOT_SORT_STORE_GLSL
#define INGOT_SORT_STORE_GLSL

#include "common/functions.glsl"
#include "common/index.glsl"
#include "sort.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const bool INTEGERS = false;
layout(constant_id = 2) const bool DESCENDING = false;
layout(constant_id = 3) const bool LAST = false;    // the results are written
layout(constant_id = 4) const bool VALUES = false;  // ... those of x in the order found
layout(constant_id = 5) const bool PLACES = false;  // ... and their places

layout(push_constant) uniform Push { SortParameters p; };

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) writeonly buffer OutKeys { uint out_keys[]; };  // values if LAST
layout(set = 0, binding = 2) writeonly buffer OutPlaces { uint out_places[]; };

uint key_of(uint word) {
    const uint key = INTEGERS ? order_of_int(word) : order_of_float(word);
    return DESCENDING ? ~key : key;
}

// Where element `col` of the row lies in a tensor with `cols` elements a row.
uint element_at(uint row, uint col, uint cols) {
    return row / p.stride * p.stride * cols + row % p.stride + col * p.stride;
}

// `rank` counts from the begin of run `run` of the row.
void store(uint row, uint run, uint rank, uint key, uint place) {
    if (rank >= p.width_out) return;
    if (LAST) {
        const uint at = element_at(row, rank, p.keep);
        if (VALUES) out_keys[at] = x[element_at(row, place, p.cols)];
        if (PLACES) out_places[at] = place;
    } else {
        const uint at = row * p.row_out + run * p.width_out + rank;
        out_keys[at] = key;
        out_places[at] = place;
    }
}

#endif
