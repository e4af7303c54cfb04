// SPDX-License-Identifier: MIT
// Sorts blocks of RUN elements of each row of x, TILE / RUN blocks a group, by a bitonic network in
// shared memory (Batcher, Sorting Networks and Their Applications, 1968). Pairs of key and place are
// all different, so the result is the stable order.
//
// The host guarantees: RUN and TILE are powers of two, RUN <= TILE; groups come from groups_for() at
// TILE / RUN of the rows * runs blocks each.
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/sort_store.glsl"

layout(constant_id = 6) const uint RUN = 64;
layout(constant_id = 7) const uint TILE = 64;

shared uint keys[TILE];
shared uint places[TILE];

void main() {
    const uint lane = gl_LocalInvocationID.x;
    const uint first_block = group_index() * (TILE / RUN);
    for (uint i = lane; i < TILE; i += LOCAL_SIZE) {
        const uint block = first_block + i / RUN;
        const uint row = block / p.runs;
        const uint place = block % p.runs * RUN + i % RUN;
        const bool inside = row < p.rows && place < p.cols;
        keys[i] = inside ? key_of(x[element_at(row, place, p.cols)]) : 0xffffffffu;
        places[i] = inside ? place : 0xffffffffu;
    }
    barrier();
    for (uint size = 2u; size <= RUN; size *= 2u) {
        for (uint apart = size / 2u; apart > 0u; apart /= 2u) {
            for (uint t = lane; t < TILE / 2u; t += LOCAL_SIZE) {
                const uint a = 2u * t - (t & (apart - 1u));
                const uint b = a + apart;
                const uint key_a = keys[a], key_b = keys[b];
                const uint place_a = places[a], place_b = places[b];
                const bool greater = key_a > key_b || key_a == key_b && place_a > place_b;
                const bool ascending = (a & (RUN - 1u) & size) == 0u;
                if (greater == ascending) {
                    keys[a] = key_b;
                    keys[b] = key_a;
                    places[a] = place_b;
                    places[b] = place_a;
                }
            }
            barrier();
        }
    }
    for (uint i = lane; i < TILE; i += LOCAL_SIZE) {
        const uint block = first_block + i / RUN;
        if (block / p.runs < p.rows && places[i] != 0xffffffffu) {
            store(block / p.runs, block % p.runs, i % RUN, keys[i], places[i]);
        }
    }
}
