// SPDX-License-Identifier: MIT
// PNG through libpng's simplified interface, which reports errors by value: no setjmp in C++.
#include "io/decode_image.h"

#include "core/check.h"
#include "io/input_stream.h"

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

// A PNG file in memory, its header read.
class PngReader {
public:
    PngReader(const std::string& place, std::span<const std::byte> bytes) : place_(place) {
        png_.version = PNG_IMAGE_VERSION;
        if (png_image_begin_read_from_memory(&png_, bytes.data(), bytes.size()) == 0) refuse();
        png_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits a channel mean what 8 bits mean
        // A pixel of one bit in a palette of colours becomes three bytes.
        constexpr std::uint64_t kMaxGrowth = 24 * kMaxInflation;
        if (std::uint64_t{png_.width} * png_.height / kMaxGrowth > bytes.size()) {
            png_image_free(&png_);
            fail(ErrorKind::kFile,
                 "{}: its header announces {} x {} pixels, more than its {} bytes can hold", place,
                 png_.width, png_.height, bytes.size());
        }
    }
    ~PngReader() { png_image_free(&png_); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    ImageInfo info() const {
        return {png_.width, png_.height, (png_.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1};
    }

    Image decode(std::int64_t channels) {
        const ImageInfo size = info();
        Image image{size.width, size.height, channels == 0 ? size.channels : channels, {}};
        png_.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
        image.pixels.resize(PNG_IMAGE_SIZE(png_));
        constexpr png_color kWhite{255, 255, 255};
        if (png_image_finish_read(&png_, &kWhite, image.pixels.data(), 0, nullptr) == 0 ||
            PNG_IMAGE_FAILED(png_)) {
            refuse();
        }
        return image;
    }

private:
    [[noreturn]] void refuse() {
        const std::string message = png_.message;
        png_image_free(&png_);
        fail(ErrorKind::kFile, "{}: {}", place_, message);
    }

    std::string place_;
    png_image png_{};
};

}  // namespace

Image decode_png(const std::string& place, std::span<const std::byte> bytes,
                 std::int64_t channels) {
    return PngReader(place, bytes).decode(channels);
}

ImageInfo png_info(const std::string& place, std::span<const std::byte> bytes) {
    return PngReader(place, bytes).info();
}

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
