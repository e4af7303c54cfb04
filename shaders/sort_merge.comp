// SPDX-License-Identifier: MIT
// Merges the sorted runs of each row two by two: an element's rank in the pair is its rank in its
// own run and the number of elements in the other that come before it, found by bisection. Of equal
// keys those of the left run come first. One invocation an element.
//
// The host guarantees: groups come from groups_for() at one of rows * row_in elements each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/sort_store.glsl"

layout(set = 0, binding = 3) readonly buffer InKeys { uint in_keys[]; };
layout(set = 0, binding = 4) readonly buffer InPlaces { uint in_places[]; };

void main() {
    const uint element = invocation_index();
    const uint row = element / p.row_in;
    if (row >= p.rows) return;
    const uint at = element - row * p.row_in;
    const uint run = at / p.width_in;
    const bool is_right = (run & 1u) == 1u;
    const uint key = in_keys[element];

    const uint begin = min((run ^ 1u) * p.width_in, p.row_in);
    const uint end = min(begin + p.width_in, p.row_in);
    const uint base = row * p.row_in;
    uint low = begin, high = end;
    while (low < high) {
        const uint middle = (low + high) / 2u;
        const uint other = in_keys[base + middle];
        if (other < key || is_right && other == key) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    store(row, run / 2u, at - run * p.width_in + low - begin, key, in_places[element]);
}
