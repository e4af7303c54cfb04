// SPDX-License-Identifier: MIT
// GPT-2's pattern, which as a regular expression reads
//     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// tried from left to right at each place. A byte that is no part of UTF-8 counts as a mark.
#include "data/vocabulary.h"

#include <algorithm>
#include <iterator>

namespace ingot::data {
namespace {

struct Range {
    std::uint32_t first, last;
};

#include "data/unicode_classes.inc"

// Unicode's property White_Space.
constexpr Range kSpaces[] = {{0x9, 0xD},       {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                             {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                             {0x205F, 0x205F}, {0x3000, 0x3000}};

enum class Kind { kLetter, kNumber, kSpace, kMark };

template <std::size_t N>
bool holds(const Range (&ranges)[N], std::uint32_t point) {
    const auto above = std::upper_bound(
        std::begin(ranges), std::end(ranges), point,
        [](std::uint32_t value, const Range& range) { return value < range.first; });
    return above != std::begin(ranges) && point <= std::prev(above)->last;
}

struct Character {
    Kind kind = Kind::kMark;
    std::size_t bytes = 1;
};

// At the front of a text that is not empty.
Character character_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::uint32_t point = byte(0);
    std::size_t bytes = 1;
    if (point >= 0x80) {
        bytes = point >= 0xF0 ? 4 : point >= 0xE0 ? 3 : 2;
        constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < 0xC0 || point > 0xF4 || text.size() < bytes) return {};
        point &= 0x7FU >> bytes;
        for (std::size_t i = 1; i < bytes; ++i) {
            if ((byte(i) & 0xC0) != 0x80) return {};
            point = point << 6 | (byte(i) & 0x3FU);
        }
        const bool is_surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (point < kLeast[bytes] || point > 0x10FFFF || is_surrogate) return {};
    }
    const Kind kind = holds(kSpaces, point)    ? Kind::kSpace
                      : holds(kLetters, point) ? Kind::kLetter
                      : holds(kNumbers, point) ? Kind::kNumber
                                               : Kind::kMark;
    return {kind, bytes};
}

}  // namespace

std::string_view first_piece(std::string_view text) {
    for (const std::string_view ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
        if (text.starts_with(ending)) return text.substr(0, ending.size());
    }
    if (text.empty()) return text;
    // One space may stand before a word; more of them are a piece of their own.
    std::size_t at = text.size() > 1 && text[0] == ' ' ? 1 : 0;
    const Kind kind = character_of(text.substr(at)).kind;
    if (kind != Kind::kSpace) {
        while (at < text.size()) {
            const Character next = character_of(text.substr(at));
            if (next.kind != kind) break;
            at += next.bytes;
        }
        return text.substr(0, at);
    }
    std::size_t end = 0, last = 0;  // of the spaces, and where the last of them begins
    while (end < text.size()) {
        const Character next = character_of(text.substr(end));
        if (next.kind != Kind::kSpace) break;
        last = end;
        end += next.bytes;
    }
    // The last one is left to what follows, unless it is the only one.
    return text.substr(0, end == text.size() || last == 0 ? end : last);
}

}  // namespace ingot::data
