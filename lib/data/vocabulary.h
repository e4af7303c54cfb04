// SPDX-License-Identifier: MIT
// The tokens of a Tokenizer and the pairs that make them.
#pragma once

#include <ingot/tokenizer.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ingot::data {

// The next piece at the front of `text` by GPT-2's pattern: a contraction, or letters, digits or
// other marks, each with one space before it, or spaces. Never empty for a text that is not.
std::string_view first_piece(std::string_view text);

class Tokenizer::Vocabulary {
public:
    static constexpr std::int32_t kNone = -1;

    struct Merge {
        std::int32_t rank = 0;  // the lowest is made first
        std::int32_t result = 0;
    };

    std::vector<std::string> texts;                         // of each token
    std::unordered_map<std::string, std::int32_t> numbers;  // the other way round
    std::array<std::int32_t, 256> of_byte{};                // kNone when not in the alphabet
    std::unordered_map<std::uint64_t, Merge> merges;        // by key(); none: bytes stay alone

    static std::uint64_t key(std::int32_t left, std::int32_t right) {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
               static_cast<std::uint32_t>(right);
    }

    // Appends the tokens of one piece.
    void encode(std::string_view piece, std::vector<std::int32_t>& tokens) const;
};

}  // namespace ingot::data
