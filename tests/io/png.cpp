// SPDX-License-Identifier: MIT
// What is written is read back by libpng itself.
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>
#include <png.h>

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::TemporaryFolder;
using ingot::testing::thrown_message;

namespace {

Image decoded(const std::string& bytes) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) != 0);
    const bool color = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
    png.format = color ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    Image image{png.width, png.height, color ? 3 : 1, {}};
    image.pixels.resize(PNG_IMAGE_SIZE(png));
    REQUIRE(png_image_finish_read(&png, nullptr, image.pixels.data(), 0, nullptr) != 0);
    return image;
}

Image pattern(std::int64_t width, std::int64_t height, std::int64_t channels) {
    Image image{width, height, channels, {}};
    for (std::int64_t i = 0; i < width * height * channels; ++i) {
        image.pixels.push_back(static_cast<std::uint8_t>(i * 37 + i / 11));
    }
    return image;
}

}  // namespace

TEST_CASE("png: grey and colour come back pixel by pixel") {
    const TemporaryFolder folder;
    const auto path = folder / "a.png";
    for (const Image& image : {pattern(1, 1, 1), pattern(28, 28, 1), pattern(31, 5, 3)}) {
        io::write_png(path, image);
        CHECK(decoded(contents_of(path)) == image);
    }
}

TEST_CASE("png: sizes that make no picture are refused") {
    const auto message = [](const Image& image) {
        return thrown_message([&] { io::encode_png(image); });
    };
    CHECK(message({2, 2, 1, {1, 2, 3}}) ==
          "invalid argument: png: 2 x 2 pixels of 1 channels need 4 bytes, not 3");
    CHECK(message({2, 2, 2, {}}).find("1 or 3 channels") != std::string::npos);
    CHECK(message({0, 2, 1, {}}).find("sides of 1 to") != std::string::npos);
    CHECK(message({std::int64_t{1} << 62, std::int64_t{1} << 62, 3, {}}).find("sides of 1 to") !=
          std::string::npos);
}
