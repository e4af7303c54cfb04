// SPDX-License-Identifier: MIT
// Kernels are written for elements of 32 bits. Where a tensor is stored in 16, its buffer is
// declared anew in the shader's words, and each load from it becomes a load and a conversion, each
// store a conversion and a store: so every kernel reads and writes f16 and bf16 in place, on
// devices with 16-bit storage, and no shader says a word about it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace ingot {

// How the f32 elements of a buffer lie in memory.
enum class Storage : std::uint8_t {
    kWord,   // as they are
    kHalf,   // as f16
    kBrain,  // as bf16, the upper half of an f32
};

// The SPIR-V capability that such words declare: StorageBuffer16BitAccess.
inline constexpr std::uint32_t kNarrowCapability = 4433;

// `words`: what specialize() returns. `storage`: by index of the binding; storage buffers of
// floats, words or vectors of these, which are only loaded and stored. Values that are stored must
// be ones that the type can hold (the program rounds them first), those that are loaded are exact.
std::vector<std::uint32_t> narrow(std::span<const std::uint32_t> words,
                                  const std::map<std::uint32_t, Storage>& storage);

}  // namespace ingot
