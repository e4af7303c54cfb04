// SPDX-License-Identifier: MIT
// PNG through libpng's simplified interface, which reports errors by value: no setjmp in C++.
#include "core/check.h"

#include <ingot/io.h>

#include <png.h>

namespace ingot::io {
namespace {

constexpr std::int64_t kMaxSide = 1 << 20;

void check_image(const Image& image) {
    if (image.width < 1 || image.height < 1 || image.width > kMaxSide || image.height > kMaxSide ||
        (image.channels != 1 && image.channels != 3)) {
        fail(
            ErrorKind::kInvalidArgument,
            "png: {} x {} pixels of {} channels; sides of 1 to {} and 1 or 3 channels are possible",
            image.width, image.height, image.channels, kMaxSide);
    }
    const auto needed = static_cast<std::size_t>(image.width * image.height * image.channels);
    if (image.pixels.size() != needed) {
        fail(ErrorKind::kInvalidArgument,
             "png: {} x {} pixels of {} channels need {} bytes, not {}", image.width, image.height,
             image.channels, needed, image.pixels.size());
    }
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
    check_image(image);
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = static_cast<png_uint_32>(image.width);
    png.height = static_cast<png_uint_32>(image.height);
    png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    std::vector<std::byte> bytes(size);
    if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
        0) {
        fail(ErrorKind::kInvalidArgument, "png: {} x {} pixels cannot be written: {}", image.width,
             image.height, png.message);
    }
    bytes.resize(size);
    return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
    write_file(path, encode_png(image));
}

}  // namespace ingot::io
