// SPDX-License-Identifier: MIT
// Elements narrower than a word, packed in words, so that no device needs 8- or 16-bit storage:
// u8 and bool four to a word, f16 and bf16 two. Rounding is to nearest, ties to even, spelled out in
// integers: packHalf2x16 may round towards zero, which would bias every sum of gradients.
#ifndef INGOT_NARROW_GLSL
#define INGOT_NARROW_GLSL

// How many bits of an element's index choose its place in a word.
#define PW_SHIFT(type) ((type) == kTypeWord ? 0u : (type) <= kTypeBool ? 2u : 1u)

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

// Without a branch: SwiftShader takes minutes over 16 of those in a row, four elements of four
// outputs.
uint brain_of_float(uint word) {
    const uint rounded = word + 0x7fffu + ((word >> 16) & 1u);
    const uint quiet = word | 0x400000u;
    return (is_nan(word) ? quiet : rounded) >> 16;
}

// Element `at` from the word that it lies in.
uint pw_unpacked(const uint type, const uint word, const uint at) {
    if (type == kTypeWord) return word;
    if (PW_SHIFT(type) == 2u) {
        const uint byte = (word >> (8u * (at & 3u))) & 255u;
        return type == kTypeByte ? byte : min(byte, 1u);
    }
    const uint half_word = (word >> (16u * (at & 1u))) & 0xffffu;
    return type == kTypeBrain ? half_word << 16 : float_of_half(half_word);
}

uvec4 half_of_float(uvec4 words) {
    return uvec4(half_of_float(words.x), half_of_float(words.y), half_of_float(words.z),
                 half_of_float(words.w));
}

uvec4 float_of_half(uvec4 words) {
    return uvec4(float_of_half(words.x), float_of_half(words.y), float_of_half(words.z),
                 float_of_half(words.w));
}

uvec4 brain_of_float(uvec4 words) {
    return uvec4(brain_of_float(words.x), brain_of_float(words.y), brain_of_float(words.z),
                 brain_of_float(words.w));
}

// Four elements at once.
uvec4 pw_four_halves(const uint type, const uvec2 words) {
    const uvec4 halves =
        uvec4(words.x & 0xffffu, words.x >> 16, words.y & 0xffffu, words.y >> 16);
    return type == kTypeBrain ? halves << 16 : float_of_half(halves);
}

uvec4 pw_four_bytes(const uint type, const uint word) {
    const uvec4 bytes = uvec4(word, word >> 8, word >> 16, word >> 24) & 255u;
    return type == kTypeByte ? bytes : min(bytes, uvec4(1u));
}

uvec2 pw_halves_of(const uint type, const uvec4 words) {
    const uvec4 halves = type == kTypeBrain ? brain_of_float(words) : half_of_float(words);
    return halves.xz | halves.yw << 16;
}

uint pw_bytes_of(const uvec4 words) {
    const uvec4 bytes = (words & 255u) << uvec4(0u, 8u, 16u, 24u);
    return bytes.x | bytes.y | bytes.z | bytes.w;
}
#endif
