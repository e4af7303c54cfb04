// SPDX-License-Identifier: MIT
// Parameters of the gather and scatter kernels. Seen along one axis, the large tensor is
// [A, size, inner], the one beside the indices [A, count, inner]; the indices are i32 of that
// shape, or [count] alike for all (ELEMENTWISE or not).
#ifndef INGOT_SHADERS_GATHER_H
#define INGOT_SHADERS_GATHER_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

struct GatherParameters {
    uint site;    // of the report; common/status.glsl
    uint rows;    // of what the kernel writes: A * count or A * size
    uint chunks;  // that each row of `inner` elements is cut into
    uint inner;
    uint size;
    uint count;
    uint word;   // gather: what stands for an element that no index finds; sums: the row left out
    uint begin;  // sums over sorted indices: those from `begin` to `end`
    uint end;
};

INGOT_SHADER_END

#endif
