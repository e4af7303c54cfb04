// SPDX-License-Identifier: MIT
// JPEG through libjpeg-turbo. The library reports an error by a function that must not return, so
// each call of ours jumps out of it; no object with a destructor lives in between.
#include "io/decode_image.h"

#include "core/check.h"

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it before

#include <jpeglib.h>

namespace ingot::io {
namespace {

// A byte of a JPEG file describes at most 4 blocks of 64 pixels with their own code words, or 8 in
// the first scan of a progressive one. More is a header that lies.
constexpr std::uint64_t kMaxPixelsPerByte = 1024;

struct Decoder {
    jpeg_error_mgr errors;  // first: libjpeg's pointer to it is a pointer to this
    jpeg_decompress_struct jpeg;
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void give_up(j_common_ptr common) {
    auto* decoder = reinterpret_cast<Decoder*>(common->err);
    common->err->format_message(common, decoder->message);
    std::longjmp(decoder->back, 1);
}

// Warnings mean damaged or missing data.
void on_message(j_common_ptr common, int level) {
    if (level < 0) give_up(common);
}

// False with a message when the header cannot be read.
bool begin(Decoder& decoder, std::span<const std::byte> bytes) {
    decoder.jpeg.err = jpeg_std_error(&decoder.errors);
    decoder.errors.error_exit = give_up;
    decoder.errors.emit_message = on_message;
    if (setjmp(decoder.back) != 0) return false;
    jpeg_create_decompress(&decoder.jpeg);
    jpeg_mem_src(&decoder.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()),
                 static_cast<unsigned long>(bytes.size()));
    jpeg_read_header(&decoder.jpeg, TRUE);
    return true;
}

bool read_rows(Decoder& decoder, std::uint8_t* pixels, std::size_t row_bytes) {
    if (setjmp(decoder.back) != 0) return false;
    jpeg_start_decompress(&decoder.jpeg);
    while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
        JSAMPROW row = pixels + row_bytes * decoder.jpeg.output_scanline;
        jpeg_read_scanlines(&decoder.jpeg, &row, 1);
    }
    jpeg_finish_decompress(&decoder.jpeg);
    return true;
}

// Gives back what libjpeg has allocated, also when a constructor throws.
struct OwnedDecoder : Decoder {
    ~OwnedDecoder() { jpeg_destroy_decompress(&jpeg); }
};

class Jpeg {
public:
    Jpeg(const std::string& place, std::span<const std::byte> bytes) : place_(place) {
        if (!begin(decoder_, bytes)) refuse("{}", decoder_.message);
        const auto width = static_cast<std::uint64_t>(decoder_.jpeg.image_width);
        const auto height = static_cast<std::uint64_t>(decoder_.jpeg.image_height);
        if (width * height / kMaxPixelsPerByte > bytes.size()) {
            refuse("its header announces {} x {} pixels, more than its {} bytes can hold", width,
                   height, bytes.size());
        }
        const J_COLOR_SPACE space = decoder_.jpeg.jpeg_color_space;
        if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB) {
            refuse("its colours are neither grey nor RGB nor YCbCr");
        }
    }

    ImageInfo info() const {
        return {decoder_.jpeg.image_width, decoder_.jpeg.image_height,
                decoder_.jpeg.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3};
    }

    Image decode(std::int64_t channels) {
        const ImageInfo size = info();
        Image image{size.width, size.height, channels == 0 ? size.channels : channels, {}};
        const auto row_bytes = static_cast<std::size_t>(image.width * image.channels);
        image.pixels.resize(row_bytes * static_cast<std::size_t>(image.height));
        decoder_.jpeg.out_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
        decoder_.jpeg.dct_method = JDCT_ISLOW;  // the same pixels on every processor
        if (!read_rows(decoder_, image.pixels.data(), row_bytes)) refuse("{}", decoder_.message);
        return image;
    }

private:
    template <typename... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "{}: {}", place_, fmt::format(format, std::forward<Args>(args)...));
    }

    std::string place_;
    OwnedDecoder decoder_{};
};

}  // namespace

Image decode_jpeg(const std::string& place, std::span<const std::byte> bytes,
                  std::int64_t channels) {
    return Jpeg(place, bytes).decode(channels);
}

ImageInfo jpeg_info(const std::string& place, std::span<const std::byte> bytes) {
    return Jpeg(place, bytes).info();
}

}  // namespace ingot::io
