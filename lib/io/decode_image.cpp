// SPDX-License-Identifier: MIT
#include "io/decode_image.h"

#include "core/check.h"

#include <ingot/io.h>

#include <string_view>

namespace ingot::io {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

bool is_png(const std::string& place, std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("\x89PNG\r\n\x1A\n")) return true;
    if (text.starts_with("\xFF\xD8\xFF")) return false;
    fail(ErrorKind::kFile, "{}: {}", place,
         text.empty() ? "it is empty" : "its first bytes are neither those of PNG nor of JPEG");
}

}  // namespace

Image decode_image(const std::string& place, std::span<const std::byte> bytes,
                   std::int64_t channels) {
    return is_png(place, bytes) ? decode_png(place, bytes, channels)
                                : decode_jpeg(place, bytes, channels);
}

ImageInfo image_info(const std::string& place, std::span<const std::byte> bytes) {
    return is_png(place, bytes) ? png_info(place, bytes) : jpeg_info(place, bytes);
}

Image read_image(const std::filesystem::path& path, std::int64_t channels) {
    if (channels != 0 && channels != 1 && channels != 3) {
        fail(ErrorKind::kInvalidArgument, "read_image: {} channels; 1, 3 or 0 are possible",
             channels);
    }
    const std::string bytes = read_file(path, kMaxFileBytes);
    return decode_image("image " + path.string(), std::as_bytes(std::span(bytes)), channels);
}

}  // namespace ingot::io
