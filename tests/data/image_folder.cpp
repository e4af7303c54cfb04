// SPDX-License-Identifier: MIT
// Folders of pictures: formats and colours, sizes made equal, decoded at once or on demand, and
// what cannot be read.
#include "image_bytes.h"

#include "support/log_capture.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>
#include <ingot/io.h>

#include "data/resize.h"

#include <cmath>
#include <cstring>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> read(const data::Dataset& set, std::uint32_t sample) {
    std::vector<float> values(static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs({&sample, 1}, values);
    return values;
}

}  // namespace

TEST_CASE("image folder: classes by folder, in order, PNG and JPEG, grey and colour") {
    const TemporaryFolder folder;
    put_png(folder, "dogs/b.png", two_halves(8, 6, 1));
    folder.put("dogs/more/a.JPG", jpeg_bytes(two_halves(8, 6, 3)));
    put_png(folder, "cats/z.jpg", two_halves(8, 6, 3));  // told by its bytes, not by its name
    folder.put("cats/notes.txt", "no picture");
    folder.put("cats/.hidden.png", "no picture");
    for (const bool stream : {false, true}) {
        const data::Dataset set = data::image_folder(folder.path(), {.stream = stream});
        REQUIRE(set.size() == 3);
        CHECK(set.class_names() == std::vector<std::string>{"cats", "dogs"});
        CHECK(set.name(0) == "cats/z.jpg");
        CHECK(set.name(2) == "dogs/more/a.JPG");
        CHECK(set.label(1) == 1);
        CHECK(set.sample_shape() == Shape{3, 6, 8});
        CHECK(set.picture(0) == two_halves(8, 6, 3));
        CHECK(read(set, 1)[0] == 40 / 255.0F);
        CHECK(read(set, 1)[48] == 40 / 255.0F);  // grey is all three colours
        for (std::size_t i = 0; i < 48; ++i)     // JPEG loses a little
            CHECK(std::abs(read(set, 2)[i] - (i % 8 < 4 ? 40 : 200) / 255.0F) < 0.02F);
        CHECK(set.take(2).name(1) == "dogs/b.png");
        const data::Dataset grey =
            data::image_folder(folder.path(), {.channels = 1, .flat = true, .stream = stream});
        CHECK(grey.sample_shape() == Shape{48});
    }
    CHECK(data::image_folder(folder.path(), {.class_names = {"dogs", "cats"}}).label(0) == 0);
    CHECK(thrown_message([&] {
              data::image_folder(folder.path(), {.class_names = {"dogs", "birds"}});
          }).find("holds the folders cats, dogs, the classes are birds, dogs") !=
          std::string::npos);
}

TEST_CASE("image folder: mixed sizes, resized and cut from the middle") {
    const TemporaryFolder folder;
    put_png(folder, "a/wide.png", two_halves(40, 20, 3));
    put_png(folder, "a/tall.png", two_halves(10, 30, 3));
    folder.put("b/big.jpg", jpeg_bytes(two_halves(64, 64, 3), 95, true));
    CHECK(thrown_message([&] { data::image_folder(folder.path()); }) ==
          "invalid argument: image folder: a/wide.png has 40 x 20 pixels, a/tall.png 10 x 30: "
          "resize or crop makes them equal");
    for (const bool stream : {false, true}) {
        const data::Dataset set =
            data::image_folder(folder.path(), {.resize = 10, .stream = stream});
        CHECK(set.sample_shape() == Shape{3, 10, 10});
        for (std::int64_t i = 0; i < 3; ++i) {
            const Image image = set.picture(i);
            CHECK(std::abs(image.pixels[0] - 40) <= 3);
            CHECK(std::abs(image.pixels[27] - 200) <= 3);
        }
        const data::Dataset cut =
            data::image_folder(folder.path(), {.resize = 10, .crop = 4, .stream = stream});
        CHECK(cut.sample_shape() == Shape{3, 4, 4});
        CHECK(cut.picture(1).pixels[0] > 39);
    }
    CHECK(data::image_folder(folder.path(), {.crop = 10}).picture(1).pixels[0] == 40);
    CHECK(thrown_message([&] {
              data::image_folder(folder.path(), {.crop = 12});
          }).find("10 x 30 pixels are too few to cut 12 x 12 from") != std::string::npos);
    CHECK_THROWS_AS(data::image_folder(folder.path(), {.resize = 8, .crop = 9}), Error);
    CHECK_THROWS_AS(data::image_folder(folder.path(), {.channels = 2}), Error);
}

TEST_CASE("image folder: pictures that cannot be read are named, and left out if told so") {
    const TemporaryFolder folder;
    put_png(folder, "a/good.png", two_halves(8, 8, 3));
    folder.put("a/empty.png", "");
    folder.put("b/good.jpg", jpeg_bytes(two_halves(8, 8, 3)));
    const std::string whole = jpeg_bytes(two_halves(64, 64, 3));
    folder.put("b/cut.jpg", whole.substr(0, whole.size() - 40));
    folder.put("b/text.jpg", "hello");
    for (const bool stream : {false, true}) {
        const std::string message = thrown_message(
            [&] { data::image_folder(folder.path(), {.resize = 8, .stream = stream}); });
        CAPTURE(message);
        // The end of a file is missed only when it is decoded.
        CHECK(message.starts_with("file: image folder: 2 of 5 pictures cannot be read"));
        CHECK(message.find("a/empty.png") != std::string::npos);
        CHECK(message.find("b/text.jpg: its first bytes are neither those of PNG nor of JPEG") !=
              std::string::npos);
        const LogCapture log;
        const data::Dataset set = data::image_folder(
            folder.path(), {.resize = 8, .stream = stream, .skip_unreadable = true});
        CHECK(set.size() == 2);
        CHECK(set.class_sizes() == std::vector<std::int64_t>{1, 1});
    }
    std::filesystem::remove(folder / "a/empty.png");
    std::filesystem::remove(folder / "b/text.jpg");
    CHECK(thrown_message([&] {
              data::image_folder(folder.path(), {.resize = 8});
          }).find("1 of 3 pictures cannot be read") != std::string::npos);
    const data::Dataset streamed = data::image_folder(folder.path(), {.resize = 8, .stream = true});
    CHECK(thrown_message([&] { read(streamed, 1); }).find("b/cut.jpg") != std::string::npos);

    CHECK(thrown_message([&] { data::image_folder(folder / "none"); }).find("is not a folder") !=
          std::string::npos);
    CHECK(thrown_message([&] {
              data::image_folder(folder / "a");
          }).find("holds no folder, one for each class") != std::string::npos);
    std::filesystem::create_directories(folder / "c");
    CHECK(thrown_message([&] {
              data::image_folder(folder.path(), {.resize = 8});
          }).find("holds no PNG or JPEG file") != std::string::npos);
}

TEST_CASE("image: files cut anywhere are refused or whole") {
    const TemporaryFolder folder;
    const std::vector<std::byte> png = io::encode_png(two_halves(9, 7, 3));
    const std::string all[] = {std::string(reinterpret_cast<const char*>(png.data()), png.size()),
                               jpeg_bytes(two_halves(9, 7, 1)),
                               jpeg_bytes(two_halves(33, 20, 3), 80, true)};
    for (const std::string& bytes : all) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto path = folder.put("p", bytes.substr(0, size));
            const std::string message = thrown_message([&] { io::read_image(path); });
            // A file without its last mark may still have all of its pixels.
            const bool at_end = size + 16 > bytes.size();
            REQUIRE((message.starts_with("file: ") || at_end));
        }
    }
    std::string huge(all[0]);
    std::memcpy(&huge[16], "\0\x0F\0\0\0\x0F\0\0", 8);
    const auto path = folder.put("huge.png", huge);
    CHECK(thrown_message([&] { io::read_image(path); }).starts_with("file: image "));
}

TEST_CASE("resize: means of what a pixel covers, lines in between") {
    const Image bars{4, 1, 1, {0, 100, 200, 100}};
    // Half the size: a triangle over four pixels, cut at the borders: (3 * 0 + 3 * 100 + 200) / 7
    // and (100 + 3 * 200 + 3 * 100) / 7.
    CHECK(data::resized(bars, 2, 1).pixels == std::vector<std::uint8_t>{71, 143});
    // Twice: a quarter of the way between centres.
    CHECK(data::resized({2, 1, 1, {0, 100}}, 4, 1).pixels ==
          std::vector<std::uint8_t>{0, 25, 75, 100});
    CHECK(data::resized(bars, 4, 1) == bars);
    const Image flat{5, 7, 3, std::vector<std::uint8_t>(105, 77)};
    CHECK(data::resized(flat, 3, 11).pixels == std::vector<std::uint8_t>(99, 77));
    CHECK(data::cropped(bars, 1, 0, 2, 1).pixels == std::vector<std::uint8_t>{100, 200});
}
