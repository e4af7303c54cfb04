// SPDX-License-Identifier: MIT
// Text and bytes made fit for a page, and what every page begins and ends with.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ingot::io {

// For text and for quoted attributes. Control characters other than tab and newline are dropped.
std::string html_escaped(std::string_view text);

std::string base64(std::span<const std::byte> bytes);

// From the doctype to <body>. The page may fetch nothing; what it consists of is in it.
enum class Scripts { kNone, kOwn };
std::string html_begin(std::string_view title, std::initializer_list<std::string_view> styles,
                       Scripts scripts = Scripts::kNone);
constexpr const char* kHtmlEnd = "</body></html>\n";

// A page without a script: kPageStyle and what is added to it, the heading, and a line below that
// unless it is empty.
std::string still_page_begin(std::string_view title, std::string_view style = {},
                             std::string_view summary = {});
constexpr const char* kStillPageEnd = "\n</main></body></html>\n";

// A box with a heading; none without content, which is markup.
std::string html_card(std::string_view title, std::string_view content);

}  // namespace ingot::io
