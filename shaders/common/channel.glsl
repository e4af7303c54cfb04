// SPDX-License-Identifier: MIT
// Walking through one channel of x [B, C, S], LANES values at a time, without a division a value:
// on a processor a division takes longer than all the rest. For kernels with BatchNormParameters p.
#ifndef INGOT_CHANNEL_GLSL
#define INGOT_CHANNEL_GLSL

struct ChannelPlace {
    uint r;      // the value's number in its channel
    uint inner;  // its place in the sample
    uint index;  // in x
};

ChannelPlace channel_place(uint channel, uint r) {
    const uint inner = r % p.inner;
    return ChannelPlace(r, inner, (r / p.inner * p.channels + channel) * p.inner + inner);
}

ChannelPlace next_place(ChannelPlace at) {
    const uint samples = LANES / p.inner;  // the same for every value: found once
    const uint rest = LANES % p.inner;
    at.r += LANES;
    at.inner += rest;
    at.index += samples * p.channels * p.inner + rest;
    if (at.inner >= p.inner) {  // on to the next sample
        at.inner -= p.inner;
        at.index += (p.channels - 1u) * p.inner;
    }
    return at;
}

// Sums are added up in blocks of this many before they meet the total: rounding grows with the
// blocks and the turns, not with the values.
const uint BLOCK = 16u;

#endif
