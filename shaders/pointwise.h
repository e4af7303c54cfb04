// SPDX-License-Identifier: MIT
// A pointwise program: what common/pointwise.glsl runs on each element, given as specialization
// constants. Registers are 32-bit words: the inputs first, then the immediates, then the result of
// each instruction in order. An instruction is opcode | a << 8 | b << 16 | c << 24.
#ifndef INGOT_SHADERS_POINTWISE_H
#define INGOT_SHADERS_POINTWISE_H

#include "common/shared.h"

INGOT_SHADER_BEGIN

const uint kPointwiseInputs = 8;
const uint kPointwiseImmediates = 12;
const uint kPointwiseInstructions = 32;
const uint kPointwiseOutputs = 4;
const uint kFirstImmediate = kPointwiseInputs;
const uint kFirstResult = kPointwiseInputs + kPointwiseImmediates;
const uint kPointwiseRegisters = kFirstResult + kPointwiseInstructions;

// How the element of an input is found. The storage type stands in the four bits above, and above
// those, of kAccessModular and kAccessFours, which of `div` and `mod` is the input's: equal ones
// are one, since a division may take longer than all the rest.
const uint kAccessNone = 0;     // unused
const uint kAccessSame = 1;     // the element's own index
const uint kAccessScalar = 2;   // element 0
const uint kAccessColumn = 3;   // the kernel's column: index % columns
const uint kAccessRow = 4;      // the kernel's row or channel
const uint kAccessModular = 5;  // index / div % mod, from the kernel's parameters
const uint kAccessStrided = 6;  // by strides, from the kernel's parameters
const uint kAccessValue = 7;    // handed in by the kernel: the matmul's accumulator, say
const uint kAccessFours = 8;    // of four elements at once: as kAccessModular, in fours
const uint kTypeShift = 4;
const uint kSlotShift = 8;
const uint kTypeWord = 0;   // f32 or i32
const uint kTypeByte = 1;   // u8, four to a word
const uint kTypeBool = 2;   // as u8; anything but 0 is read as 1
const uint kTypeHalf = 3;   // f16, two to a word; an f32 in a register
const uint kTypeBrain = 4;  // bf16, likewise

// An output is a register, with the storage type in the bits above.
const uint kOutputTypeShift = 8;

// Parameters of pointwise.comp: the whole tensor, inputs broadcast in at most one block of axes.
struct PointwiseParameters {
    uint count;  // elements
    uint div[kPointwiseInputs];
    uint mod[kPointwiseInputs];
};

const uint kStridedAxes = 5;
const uint kStridedInputs = 4;

// Parameters of pointwise_strided.comp: inputs 0 to 3 by strides, others at their own index.
struct PointwiseStridedParameters {
    uint count;
    uint sizes[kStridedAxes];  // outermost first, padded with 1
    uint strides[kStridedInputs * kStridedAxes];
    uint offsets[kStridedInputs];
};

INGOT_SHADER_END

#endif
