// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of records in event files. zlib has
// only the other CRC-32.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ingot::io {

inline std::uint32_t crc32c(std::string_view bytes) {
    static constexpr auto kTable = [] {
        std::array<std::uint32_t, 256> table{};
        for (std::uint32_t i = 0; i < table.size(); ++i) {
            std::uint32_t word = i;
            for (int bit = 0; bit < 8; ++bit)
                word = word >> 1 ^ (word & 1 ? 0x82F63B78U : 0U);
            table[i] = word;
        }
        return table;
    }();
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes)
        crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
    return ~crc;
}

}  // namespace ingot::io
