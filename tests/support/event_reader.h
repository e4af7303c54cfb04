// SPDX-License-Identifier: MIT
// Reads event files with nothing of ours: frames by their definition, checksums bit by bit,
// messages by protobuf. For targets that link event_proto.
#pragma once

#include "event.pb.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::testing {

template <typename Word>
Word word_at(const std::string& bytes, std::size_t at) {
    Word word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i)
        word |= static_cast<Word>(static_cast<unsigned char>(bytes.at(at + i))) << 8 * i;
    return word;
}

// The division of RFC 3720 as it stands, one bit at a time.
inline std::uint32_t masked_crc(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        for (int bit = 0; bit < 8; ++bit) {
            const std::uint32_t in = static_cast<std::uint32_t>(c >> bit & 1);
            crc = crc >> 1 ^ ((crc & 1) != in ? 0x82F63B78U : 0U);
        }
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

// Whole records; those behind a cut are left out, as TensorBoard does.
inline std::vector<events::Event> events_in(const std::string& bytes) {
    std::vector<events::Event> events;
    for (std::size_t at = 0; at + 12 <= bytes.size();) {
        const auto size = static_cast<std::size_t>(word_at<std::uint64_t>(bytes, at));
        REQUIRE(word_at<std::uint32_t>(bytes, at + 8) == masked_crc(bytes.substr(at, 8)));
        if (at + 16 + size > bytes.size()) break;
        const std::string message = bytes.substr(at + 12, size);
        REQUIRE(word_at<std::uint32_t>(bytes, at + 12 + size) == masked_crc(message));
        events::Event event;
        REQUIRE(event.ParseFromString(message));
        events.push_back(event);
        at += 16 + size;
    }
    return events;
}

}  // namespace ingot::testing
