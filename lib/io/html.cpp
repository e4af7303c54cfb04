// SPDX-License-Identifier: MIT
#include "io/html.h"

#include "io/page_style.h"

#include <fmt/format.h>

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

std::string html_begin(std::string_view title, std::initializer_list<std::string_view> styles,
                       Scripts scripts) {
    std::string page = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; {}img-src data:\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{}</title><style>",
        scripts == Scripts::kOwn ? "script-src 'unsafe-inline'; " : "", html_escaped(title));
    for (const std::string_view style : styles)
        page += style;
    return page + "</style></head>\n<body>";
}

std::string still_page_begin(std::string_view title, std::string_view style,
                             std::string_view summary) {
    std::string page = html_begin(title, {kPageStyle, style});
    page += "<main><h1>" + html_escaped(title) + "</h1>";
    if (!summary.empty()) page += "<p class=\"summary\">" + html_escaped(summary) + "</p>";
    return page;
}

std::string html_card(std::string_view title, std::string_view content) {
    if (content.empty()) return {};
    return fmt::format("\n<section class=\"card\"><h2>{}</h2>{}</section>", html_escaped(title),
                       content);
}

}  // namespace ingot::io
