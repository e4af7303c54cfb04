// SPDX-License-Identifier: MIT
// Pictures as the bytes of files: PNG as io writes it, JPEG made by libjpeg itself.
#pragma once

#include "support/temporary_folder.h"

#include <ingot/io.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>

namespace ingot::testing {

inline std::string jpeg_bytes(const Image& image, int quality = 100, bool progressive = false) {
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&jpeg, &memory, &size);
    jpeg.image_width = static_cast<JDIMENSION>(image.width);
    jpeg.image_height = static_cast<JDIMENSION>(image.height);
    jpeg.input_components = static_cast<int>(image.channels);
    jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    if (progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        auto* row = const_cast<JSAMPROW>(
            image.pixels.data() +
            static_cast<std::size_t>(jpeg.next_scanline * image.width * image.channels));
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    std::string bytes(reinterpret_cast<char*>(memory), size);
    jpeg_destroy_compress(&jpeg);
    std::free(memory);
    return bytes;
}

inline std::string png_bytes(const Image& image) {
    const std::vector<std::byte> bytes = io::encode_png(image);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void put_png(const TemporaryFolder& folder, const std::string& name, const Image& image) {
    folder.put(name, png_bytes(image));
}

// One colour, but for a darker left half.
inline Image two_halves(std::int64_t width, std::int64_t height, std::int64_t channels) {
    Image image{width, height, channels, {}};
    for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
            for (std::int64_t c = 0; c < channels; ++c)
                image.pixels.push_back(static_cast<std::uint8_t>((x < width / 2 ? 40 : 200) + c));
        }
    }
    return image;
}

}  // namespace ingot::testing
