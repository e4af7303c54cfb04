// SPDX-License-Identifier: MIT
// Text and bytes made fit for a page.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ingot::io {

// For text and for quoted attributes. Control characters other than tab and newline are dropped.
std::string html_escaped(std::string_view text);

std::string base64(std::span<const std::byte> bytes);

}  // namespace ingot::io
