// SPDX-License-Identifier: MIT
// Runs a pointwise program (shaders/pointwise.h) on one element. The program comes as
// specialization constants, so that the switch folds away (lib/kernels/specialize.h) and the
// expression is left; GLSL has no constant arrays of them, hence the rows written out. What chooses
// is passed as `const`: by value, so that functions can be cloned for it.
//
// The including kernel defines beforehand
//   PW_BINDING        the first of kPointwiseInputs + kPointwiseOutputs bindings
//   PW_MODULAR(k)     uvec2(div, mod) of input k, if it offers kAccessModular
//   PW_STRIDED(k, e)  the index of element e in input k, if it offers kAccessStrided
//   PW_MAX            how many instructions it takes: 8 (the default) or 32
//   PW_WIDE           to run on four elements at once, as vectors: inputs by none of rows, columns
//                     or strides, where kAccessModular repeats one element four times and
//                     kAccessFours finds four, and the functions of which shaders/pointwise_ops.h
//                     says so
//   PW_PACKED         to keep what would be stored in pw_kept instead, for a kernel that packs it
// and calls pw_run(element, row, column, value): outputs are stored at `element`, and the register
// named by PW_RESULT is returned.
#ifndef INGOT_POINTWISE_GLSL
#define INGOT_POINTWISE_GLSL

#include "common/functions.glsl"
#include "common/philox.glsl"
#include "pointwise.h"

#ifndef PW_MAX
#define PW_MAX 8
#endif

#ifdef PW_WIDE
#define FLOATS vec4
#define WORDS uvec4
#define INTS ivec4
#define GREATER(x, y) greaterThan(x, y)
#define GREATER_EQUAL(x, y) greaterThanEqual(x, y)
#define EQUAL(x, y) equal(x, y)
#define IS_NAN(w) greaterThan(w & 0x7fffffffu, uvec4(0x7f800000u))
#else
#define FLOATS float
#define WORDS uint
#define INTS int
#define GREATER(x, y) (x > y)
#define GREATER_EQUAL(x, y) (x >= y)
#define EQUAL(x, y) (x == y)
#define IS_NAN(w) is_nan(w)
#define IS_FINITE(w) ((w & 0x7fffffffu) < 0x7f800000u)
#endif
#define PICK(condition, x, y) mix(y, x, condition)

#include "common/narrow.glsl"

layout(constant_id = 100) const uint PW_COUNT = 0;
layout(constant_id = 101) const uint PW_RESULT = 0;
layout(constant_id = 102) const uint PW_IN0 = 0;
layout(constant_id = 103) const uint PW_IN1 = 0;
layout(constant_id = 104) const uint PW_IN2 = 0;
layout(constant_id = 105) const uint PW_IN3 = 0;
layout(constant_id = 106) const uint PW_IN4 = 0;
layout(constant_id = 107) const uint PW_IN5 = 0;
layout(constant_id = 108) const uint PW_IN6 = 0;
layout(constant_id = 109) const uint PW_IN7 = 0;
layout(constant_id = 110) const uint PW_OUT0 = 0;  // a register; 0: unused (no output reads input 0 as it is)
layout(constant_id = 111) const uint PW_OUT1 = 0;
layout(constant_id = 112) const uint PW_OUT2 = 0;
layout(constant_id = 113) const uint PW_OUT3 = 0;
layout(constant_id = 114) const uint PW_C0 = 0;
layout(constant_id = 115) const uint PW_C1 = 0;
layout(constant_id = 116) const uint PW_C2 = 0;
layout(constant_id = 117) const uint PW_C3 = 0;
layout(constant_id = 118) const uint PW_C4 = 0;
layout(constant_id = 119) const uint PW_C5 = 0;
layout(constant_id = 120) const uint PW_C6 = 0;
layout(constant_id = 121) const uint PW_C7 = 0;
layout(constant_id = 122) const uint PW_C8 = 0;
layout(constant_id = 123) const uint PW_C9 = 0;
layout(constant_id = 124) const uint PW_C10 = 0;
layout(constant_id = 125) const uint PW_C11 = 0;
layout(constant_id = 126) const uint PW_I0 = 0;
layout(constant_id = 127) const uint PW_I1 = 0;
layout(constant_id = 128) const uint PW_I2 = 0;
layout(constant_id = 129) const uint PW_I3 = 0;
layout(constant_id = 130) const uint PW_I4 = 0;
layout(constant_id = 131) const uint PW_I5 = 0;
layout(constant_id = 132) const uint PW_I6 = 0;
layout(constant_id = 133) const uint PW_I7 = 0;
#if PW_MAX > 8
layout(constant_id = 134) const uint PW_I8 = 0;
layout(constant_id = 135) const uint PW_I9 = 0;
layout(constant_id = 136) const uint PW_I10 = 0;
layout(constant_id = 137) const uint PW_I11 = 0;
layout(constant_id = 138) const uint PW_I12 = 0;
layout(constant_id = 139) const uint PW_I13 = 0;
layout(constant_id = 140) const uint PW_I14 = 0;
layout(constant_id = 141) const uint PW_I15 = 0;
layout(constant_id = 142) const uint PW_I16 = 0;
layout(constant_id = 143) const uint PW_I17 = 0;
layout(constant_id = 144) const uint PW_I18 = 0;
layout(constant_id = 145) const uint PW_I19 = 0;
layout(constant_id = 146) const uint PW_I20 = 0;
layout(constant_id = 147) const uint PW_I21 = 0;
layout(constant_id = 148) const uint PW_I22 = 0;
layout(constant_id = 149) const uint PW_I23 = 0;
layout(constant_id = 150) const uint PW_I24 = 0;
layout(constant_id = 151) const uint PW_I25 = 0;
layout(constant_id = 152) const uint PW_I26 = 0;
layout(constant_id = 153) const uint PW_I27 = 0;
layout(constant_id = 154) const uint PW_I28 = 0;
layout(constant_id = 155) const uint PW_I29 = 0;
layout(constant_id = 156) const uint PW_I30 = 0;
layout(constant_id = 157) const uint PW_I31 = 0;
#endif

layout(set = 0, binding = PW_BINDING + 0) readonly buffer In0 { WORDS pw_in0[]; };
layout(set = 0, binding = PW_BINDING + 1) readonly buffer In1 { WORDS pw_in1[]; };
layout(set = 0, binding = PW_BINDING + 2) readonly buffer In2 { WORDS pw_in2[]; };
layout(set = 0, binding = PW_BINDING + 3) readonly buffer In3 { WORDS pw_in3[]; };
layout(set = 0, binding = PW_BINDING + 4) readonly buffer In4 { WORDS pw_in4[]; };
layout(set = 0, binding = PW_BINDING + 5) readonly buffer In5 { WORDS pw_in5[]; };
layout(set = 0, binding = PW_BINDING + 6) readonly buffer In6 { WORDS pw_in6[]; };
layout(set = 0, binding = PW_BINDING + 7) readonly buffer In7 { WORDS pw_in7[]; };
layout(set = 0, binding = PW_BINDING + 8) writeonly buffer Out0 { WORDS pw_out0[]; };
layout(set = 0, binding = PW_BINDING + 9) writeonly buffer Out1 { WORDS pw_out1[]; };
layout(set = 0, binding = PW_BINDING + 10) writeonly buffer Out2 { WORDS pw_out2[]; };
layout(set = 0, binding = PW_BINDING + 11) writeonly buffer Out3 { WORDS pw_out3[]; };

#ifdef PW_WIDE
// Four narrow elements are two words or one: the same buffers again, in these sizes; `bytes` serves
// for single words, too.
#define PW_NARROW(place, mode, Halves, halves, Bytes, bytes)                             \
    layout(set = 0, binding = PW_BINDING + place) mode buffer Halves { uvec2 halves[]; }; \
    layout(set = 0, binding = PW_BINDING + place) mode buffer Bytes { uint bytes[]; };
PW_NARROW(0, readonly, InHalves0, pw_halves_in0, InBytes0, pw_bytes_in0)
PW_NARROW(1, readonly, InHalves1, pw_halves_in1, InBytes1, pw_bytes_in1)
PW_NARROW(2, readonly, InHalves2, pw_halves_in2, InBytes2, pw_bytes_in2)
PW_NARROW(3, readonly, InHalves3, pw_halves_in3, InBytes3, pw_bytes_in3)
PW_NARROW(4, readonly, InHalves4, pw_halves_in4, InBytes4, pw_bytes_in4)
PW_NARROW(5, readonly, InHalves5, pw_halves_in5, InBytes5, pw_bytes_in5)
PW_NARROW(6, readonly, InHalves6, pw_halves_in6, InBytes6, pw_bytes_in6)
PW_NARROW(7, readonly, InHalves7, pw_halves_in7, InBytes7, pw_bytes_in7)
PW_NARROW(8, writeonly, OutHalves0, pw_halves_out0, OutBytes0, pw_bytes_out0)
PW_NARROW(9, writeonly, OutHalves1, pw_halves_out1, OutBytes1, pw_bytes_out1)
PW_NARROW(10, writeonly, OutHalves2, pw_halves_out2, OutBytes2, pw_bytes_out2)
PW_NARROW(11, writeonly, OutHalves3, pw_halves_out3, OutBytes3, pw_bytes_out3)
#endif

uint pw_element;

#define FLOAT(number, name, arity, result) case number: return floatBitsToUint(result);
#define WORD(number, name, arity, result) case number: return result;
WORDS pw_apply(const uint opcode, const WORDS ua, const WORDS ub, const WORDS uc) {
    const FLOATS a = uintBitsToFloat(ua);
    const FLOATS b = uintBitsToFloat(ub);
    const FLOATS c = uintBitsToFloat(uc);
    switch (opcode) {
#include "pointwise_ops.h"
    }
    return WORDS(0u);
}
#undef FLOAT
#undef WORD

#define PW_TYPE(ACCESS) ((ACCESS) >> kTypeShift & 15u)

uint pw_index(const uint access, const uint input_slot, const uint element, const uint row,
              const uint column) {
    switch (access & 15u) {
        case kAccessSame: return element;
        case kAccessColumn: return column;
        case kAccessRow: return row;
#ifdef PW_MODULAR
        case kAccessFours:
        case kAccessModular: return element / PW_MODULAR(access >> kSlotShift).x %
                                     PW_MODULAR(access >> kSlotShift).y;
#endif
#ifdef PW_STRIDED
        case kAccessStrided: return PW_STRIDED(input_slot, element);
#endif
    }
    return 0u;
}

#ifdef PW_WIDE
#define PW_LOAD(k, ACCESS, source, halves, bytes)                                        \
    if (ACCESS != kAccessNone) {                                                         \
        const uint at = pw_index(ACCESS, k, element, row, column);                       \
        const bool four = (ACCESS & 15u) == kAccessSame || (ACCESS & 15u) == kAccessFours; \
        if (four && PW_SHIFT(PW_TYPE(ACCESS)) == 0u) {                                   \
            v[k] = source[at];                                                           \
        } else if (four && PW_SHIFT(PW_TYPE(ACCESS)) == 1u) {                            \
            v[k] = pw_four_halves(PW_TYPE(ACCESS), halves[at]);                          \
        } else if (four) {                                                               \
            v[k] = pw_four_bytes(PW_TYPE(ACCESS), bytes[at]);                            \
        } else {                                                                         \
            v[k] = WORDS(pw_unpacked(PW_TYPE(ACCESS),                                    \
                                     bytes[at >> PW_SHIFT(PW_TYPE(ACCESS))], at));       \
        }                                                                                \
    }
#else
#define PW_READ(ACCESS, source)                                                          \
    pw_unpacked(PW_TYPE(ACCESS), source[at >> PW_SHIFT(PW_TYPE(ACCESS))], at)
#define PW_LOAD(k, ACCESS, source, halves, bytes)                                                       \
    if ((ACCESS & 15u) == kAccessValue) {                                                \
        v[k] = value;                                                                    \
    } else if (ACCESS != kAccessNone) {                                                  \
        const uint at = pw_index(ACCESS, k, element, row, column);                       \
        v[k] = PW_READ(ACCESS, source);                                                  \
    }
#endif

#if defined(PW_PACKED)
uvec4 pw_kept;  // a component an output; glslang gives an array the stride of one in `Push`
#define PW_STORE(k, OUT, target, halves, bytes) \
    if (OUT != 0u) pw_kept[k] = v[OUT & 255u];
#elif defined(PW_WIDE)
#define PW_STORE(k, OUT, target, halves, bytes)                                          \
    if (OUT != 0u) {                                                                     \
        if (PW_SHIFT(OUT >> kOutputTypeShift) == 0u) {                                   \
            target[element] = v[OUT & 255u];                                             \
        } else if (PW_SHIFT(OUT >> kOutputTypeShift) == 1u) {                            \
            halves[element] = pw_halves_of(OUT >> kOutputTypeShift, v[OUT & 255u]);      \
        } else {                                                                         \
            bytes[element] = pw_bytes_of(v[OUT & 255u]);                                 \
        }                                                                                \
    }
#else
#define PW_STORE(k, OUT, target, halves, bytes) \
    if (OUT != 0u) target[element] = v[OUT & 255u];
#endif

#define PW_STEP(k, I)                                                                   \
    if (k < PW_COUNT) {                                                                  \
        v[kFirstResult + k] = pw_apply(I & 255u, v[I >> 8 & 255u], v[I >> 16 & 255u], v[I >> 24]); \
    }

WORDS pw_run(const uint element, const uint row, const uint column, const WORDS value) {
    WORDS v[kPointwiseRegisters];
    pw_element = element;
    v[0] = WORDS(0u);
    PW_LOAD(0, PW_IN0, pw_in0, pw_halves_in0, pw_bytes_in0)
    PW_LOAD(1, PW_IN1, pw_in1, pw_halves_in1, pw_bytes_in1)
    PW_LOAD(2, PW_IN2, pw_in2, pw_halves_in2, pw_bytes_in2)
    PW_LOAD(3, PW_IN3, pw_in3, pw_halves_in3, pw_bytes_in3)
    PW_LOAD(4, PW_IN4, pw_in4, pw_halves_in4, pw_bytes_in4)
    PW_LOAD(5, PW_IN5, pw_in5, pw_halves_in5, pw_bytes_in5)
    PW_LOAD(6, PW_IN6, pw_in6, pw_halves_in6, pw_bytes_in6)
    PW_LOAD(7, PW_IN7, pw_in7, pw_halves_in7, pw_bytes_in7)
    v[kFirstImmediate + 0] = WORDS(PW_C0);
    v[kFirstImmediate + 1] = WORDS(PW_C1);
    v[kFirstImmediate + 2] = WORDS(PW_C2);
    v[kFirstImmediate + 3] = WORDS(PW_C3);
    v[kFirstImmediate + 4] = WORDS(PW_C4);
    v[kFirstImmediate + 5] = WORDS(PW_C5);
    v[kFirstImmediate + 6] = WORDS(PW_C6);
    v[kFirstImmediate + 7] = WORDS(PW_C7);
    v[kFirstImmediate + 8] = WORDS(PW_C8);
    v[kFirstImmediate + 9] = WORDS(PW_C9);
    v[kFirstImmediate + 10] = WORDS(PW_C10);
    v[kFirstImmediate + 11] = WORDS(PW_C11);
    PW_STEP(0u, PW_I0)
    PW_STEP(1u, PW_I1)
    PW_STEP(2u, PW_I2)
    PW_STEP(3u, PW_I3)
    PW_STEP(4u, PW_I4)
    PW_STEP(5u, PW_I5)
    PW_STEP(6u, PW_I6)
    PW_STEP(7u, PW_I7)
#if PW_MAX > 8
    PW_STEP(8u, PW_I8)
    PW_STEP(9u, PW_I9)
    PW_STEP(10u, PW_I10)
    PW_STEP(11u, PW_I11)
    PW_STEP(12u, PW_I12)
    PW_STEP(13u, PW_I13)
    PW_STEP(14u, PW_I14)
    PW_STEP(15u, PW_I15)
    PW_STEP(16u, PW_I16)
    PW_STEP(17u, PW_I17)
    PW_STEP(18u, PW_I18)
    PW_STEP(19u, PW_I19)
    PW_STEP(20u, PW_I20)
    PW_STEP(21u, PW_I21)
    PW_STEP(22u, PW_I22)
    PW_STEP(23u, PW_I23)
    PW_STEP(24u, PW_I24)
    PW_STEP(25u, PW_I25)
    PW_STEP(26u, PW_I26)
    PW_STEP(27u, PW_I27)
    PW_STEP(28u, PW_I28)
    PW_STEP(29u, PW_I29)
    PW_STEP(30u, PW_I30)
    PW_STEP(31u, PW_I31)
#endif
    PW_STORE(0, PW_OUT0, pw_out0, pw_halves_out0, pw_bytes_out0)
    PW_STORE(1, PW_OUT1, pw_out1, pw_halves_out1, pw_bytes_out1)
    PW_STORE(2, PW_OUT2, pw_out2, pw_halves_out2, pw_bytes_out2)
    PW_STORE(3, PW_OUT3, pw_out3, pw_halves_out3, pw_bytes_out3)
    return v[PW_RESULT];
}

#ifdef PW_PACKED
#define PW_PACK(k, OUT, target)                                                          \
    if (OUT != 0u) {                                                                     \
        const uvec4 words = four[k];                                                     \
        if (PW_SHIFT(OUT >> kOutputTypeShift) == 0u) {                                   \
            target[first] = words.x;                                                     \
            if (there.y) target[first + 1u] = words.y;                                   \
            if (there.z) target[first + 2u] = words.z;                                   \
            if (there.w) target[first + 3u] = words.w;                                   \
        } else if (PW_SHIFT(OUT >> kOutputTypeShift) == 1u) {                            \
            const uvec2 halves = pw_halves_of(OUT >> kOutputTypeShift, words);           \
            target[first >> 1] = halves.x;                                               \
            if (there.z) target[(first >> 1) + 1u] = halves.y;                           \
        } else {                                                                         \
            target[first >> 2] = pw_bytes_of(words);                                     \
        }                                                                                \
    }

// Elements `first` to `first` + 3, as far as there are: the words they share have one owner. The loop
// chooses components instead of an index: an array that is indexed by one lies in memory on some
// cards, and without a loop SwiftShader takes seconds for what it inlines four times.
void pw_run_four(const uint first, const uint count) {
    uvec4 four[kPointwiseOutputs] = uvec4[](uvec4(0u), uvec4(0u), uvec4(0u), uvec4(0u));
    for (uint j = 0u; j < 4u && first + j < count; ++j) {
        pw_run(first + j, 0u, 0u, 0u);
        const bvec4 here = equal(uvec4(0u, 1u, 2u, 3u), uvec4(j));
        if (PW_OUT0 != 0u) four[0] = mix(four[0], uvec4(pw_kept[0]), here);
        if (PW_OUT1 != 0u) four[1] = mix(four[1], uvec4(pw_kept[1]), here);
        if (PW_OUT2 != 0u) four[2] = mix(four[2], uvec4(pw_kept[2]), here);
        if (PW_OUT3 != 0u) four[3] = mix(four[3], uvec4(pw_kept[3]), here);
    }
    const bvec4 there = lessThan(uvec4(0u, 1u, 2u, 3u), uvec4(count - first));
    PW_PACK(0, PW_OUT0, pw_out0)
    PW_PACK(1, PW_OUT1, pw_out1)
    PW_PACK(2, PW_OUT2, pw_out2)
    PW_PACK(3, PW_OUT3, pw_out3)
}
#endif

#endif
