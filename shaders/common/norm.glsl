// SPDX-License-Identifier: MIT
// What the two norm kernels share: four columns a turn (a loop's turn costs a software
// driver as much as a load), and walking through the channels of a row without a division an
// element. For kernels with NormParameters p and AFFINE.
#ifndef INGOT_NORM_GLSL
#define INGOT_NORM_GLSL

// The column of the lane and the three that follow it at a distance of LANES.
#define FOUR(source, at) \
    vec4(source[at], source[(at) + LANES], source[(at) + 2u * LANES], source[(at) + 3u * LANES])
#define STORE_FOUR(target, at, v)      \
    target[at] = (v).x;                \
    target[(at) + LANES] = (v).y;      \
    target[(at) + 2u * LANES] = (v).z; \
    target[(at) + 3u * LANES] = (v).w;

float add_up(vec4 v) {
    return (v.x + v.y) + (v.z + v.w);
}

struct ChannelPlace {
    uint channel;
    uint inner;  // the column's place in its channel
};

ChannelPlace channel_place(uint row, uint col) {
    if (AFFINE == kAffineColumn) return ChannelPlace(col, 0u);
    if (AFFINE == kAffineNone) return ChannelPlace(0u, 0u);
    return ChannelPlace(row % p.groups * p.per_group + col / p.inner, col % p.inner);
}

void advance(inout ChannelPlace at) {
    if (AFFINE == kAffineColumn) {
        at.channel += LANES;
    } else if (AFFINE == kAffineChannel) {
        at.channel += LANES / p.inner;  // the same for every element: found once
        at.inner += LANES % p.inner;
        if (at.inner >= p.inner) {
            at.inner -= p.inner;
            at.channel += 1u;
        }
    }
}

#endif
