// SPDX-License-Identifier: MIT
// Pictures out of the bytes of PNG and JPEG files, told apart by their first bytes.
#pragma once

#include <ingot/image.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace ingot::io {

struct ImageInfo {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::int64_t channels = 1;  // 1 grey, 3 colour
};

// `place` opens every message. channels: 1 or 3, converted if need be; 0: as the file has them.
// Transparent pixels are shown on white. Throws kFile; nothing is allocated that the count of bytes
// does not justify.
Image decode_image(const std::string& place, std::span<const std::byte> bytes,
                   std::int64_t channels);
ImageInfo image_info(const std::string& place, std::span<const std::byte> bytes);

// One format each; the first bytes have been looked at.
Image decode_png(const std::string& place, std::span<const std::byte> bytes, std::int64_t channels);
ImageInfo png_info(const std::string& place, std::span<const std::byte> bytes);
Image decode_jpeg(const std::string& place, std::span<const std::byte> bytes,
                  std::int64_t channels);
ImageInfo jpeg_info(const std::string& place, std::span<const std::byte> bytes);

}  // namespace ingot::io
