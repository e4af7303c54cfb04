// SPDX-License-Identifier: MIT
// Philox4x32-10, a counter-based generator: the same words on every device, for any order of
// evaluation (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC11).
#ifndef INGOT_PHILOX_GLSL
#define INGOT_PHILOX_GLSL

uvec4 philox(uvec4 counter, uvec2 key) {
    for (uint round = 0u; round < 10u; ++round) {
        uint high0, low0, high1, low1;
        umulExtended(0xD2511F53u, counter.x, high0, low0);
        umulExtended(0xCD9E8D57u, counter.z, high1, low1);
        counter = uvec4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return counter;
}

// Element `index` of a stream: four elements share a block. 24 random bits, so below 1.
float philox_uniform(uint index, uint key, uint step, uint stream) {
    const uvec4 words = philox(uvec4(index >> 2, 0u, step, 0u), uvec2(key, stream));
    return float(words[index & 3u] >> 8) * (1.0 / 16777216.0);
}

#endif
