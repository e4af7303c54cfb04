// SPDX-License-Identifier: MIT
#include "io/html.h"

#include <cstdint>

namespace ingot::io {

std::string html_escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: {
                const auto byte = static_cast<unsigned char>(c);
                if ((byte >= 0x20 && byte != 0x7F) || c == '\n' || c == '\t') result += c;
            }
        }
    }
    return result;
}

std::string base64(std::span<const std::byte> bytes) {
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;  // three bytes, missing ones zero
        for (std::size_t j = 0; j < 3; ++j) {
            const std::byte byte = i + j < bytes.size() ? bytes[i + j] : std::byte{0};
            group = group << 8 | std::to_integer<std::uint32_t>(byte);
        }
        const std::size_t digits = bytes.size() - i >= 3 ? 4 : bytes.size() - i + 1;
        for (std::size_t j = 0; j < 4; ++j) {
            result += j < digits ? kDigits[group >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return result;
}

}  // namespace ingot::io
