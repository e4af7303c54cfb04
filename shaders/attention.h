// SPDX-License-Identifier: MIT
// Parameters of the attention kernels: sizes, and where q [B, H, L, E], k [B, Hkv, S, E],
// v [B, Hkv, S, Ev], the mask [B, H, L, S] and d_o [B, H, L, Ev] lie. Strides in elements; those of
// the last axis of q, k, v and d_o are 1. Results are stored with the heads inside: o [B, L, H,
// Ev].
#ifndef INGOT_SHADERS_ATTENTION_H
#define INGOT_SHADERS_ATTENTION_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct HeadStrides {
    uint batch;
    uint head;
    uint row;
    uint offset;
};

struct AttentionParameters {
    uint H;
    uint heads_per_key;  // H / Hkv
    uint L;
    uint S;
    uint E;
    uint Ev;
    float scale;
    float drop;  // the probability of dropping a weight
    HeadStrides q, k, v, d_o;
    HeadStrides mask;
    uint mask_column;
};

// How the mask is read: not at all, one value a key (its rows are equal), one a query and key.
const uint kMaskNone = 0;
const uint kMaskKeys = 1;
const uint kMaskFull = 2;

INGOT_SHADER_END

#endif
