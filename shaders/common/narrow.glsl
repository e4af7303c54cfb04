// SPDX-License-Identifier: MIT
// Elements narrower than a word, packed in words, so that no device needs 8- or 16-bit storage:
// u8 and bool four to a word, f16 and bf16 two. Rounding is to nearest, ties to even, spelled out in
// integers: packHalf2x16 may round towards zero, which would bias every sum of gradients.
#ifndef INGOT_NARROW_GLSL
#define INGOT_NARROW_GLSL

// How many bits of an element's index choose its place in a word.
uint pw_index_shift(const uint type) {
    return type == kTypeWord ? 0u : type <= kTypeBool ? 2u : 1u;
}

uint half_of_float(uint word) {
    const uint sign = (word >> 16) & 0x8000u;
    const uint size = word & 0x7fffffffu;
    if (size >= 0x477ff000u) return sign | (is_nan(word) ? 0x7e00u : 0x7c00u);
    // Below 2^-14 a half counts in steps of 2^-24, as does a float around 0.5.
    if (size < 0x38800000u) return sign | (floatBitsToUint(uintBitsToFloat(size) + 0.5) - 0x3f000000u);
    return sign | ((size + 0xc8000fffu + ((size >> 13) & 1u)) >> 13);
}

uint float_of_half(uint half_word) {
    const uint sign = (half_word & 0x8000u) << 16;
    const uint size = half_word & 0x7fffu;
    if (size >= 0x7c00u) return sign | (size << 13) | 0x7f800000u;
    if (size < 0x400u) return sign | floatBitsToUint(float(size) * 5.9604644775390625e-8);  // 2^-24
    return sign | ((size << 13) + 0x38000000u);
}

uint brain_of_float(uint word) {
    if (is_nan(word)) return (word >> 16) | 0x40u;
    return (word + 0x7fffu + ((word >> 16) & 1u)) >> 16;
}

// Element `at` from the word that it lies in.
uint pw_unpacked(const uint type, const uint word, const uint at) {
    if (type == kTypeWord) return word;
    if (pw_index_shift(type) == 2u) {
        const uint byte = (word >> (8u * (at & 3u))) & 255u;
        return type == kTypeByte ? byte : min(byte, 1u);
    }
    const uint half_word = (word >> (16u * (at & 1u))) & 0xffffu;
    return type == kTypeBrain ? half_word << 16 : float_of_half(half_word);
}

// What a narrow element becomes in its word, in the low bits.
uint pw_narrowed(const uint type, const uint word) {
    if (pw_index_shift(type) == 2u) return word & 255u;
    return type == kTypeBrain ? brain_of_float(word) : half_of_float(word);
}
#endif
