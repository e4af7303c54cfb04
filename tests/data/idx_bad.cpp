// SPDX-License-Identifier: MIT
// Every way a pair of IDX files can be wrong, and the sentence that answers it.
#include "idx_bytes.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

struct BadFile {
    const char* what;
    std::string bytes;
    std::string message;  // after "file: idx <path>: "
};

std::string without_end(const std::string& bytes, std::size_t count) {
    return bytes.substr(0, bytes.size() - count);
}

std::string damaged(std::string bytes, std::size_t from_end) {
    bytes[bytes.size() - from_end] = static_cast<char>(bytes[bytes.size() - from_end] ^ 1);
    return bytes;
}

std::vector<BadFile> bad_images() {
    const std::string good = small_images(), packed = gzipped(good);
    const std::string not_idx =
        "not an IDX file of unsigned bytes; expected 0x00000803, an image "
        "file [count, height, width]";
    return {
        {"empty", "", "it is empty"},
        {"two bytes", "ab", "its 2 bytes are too few for a header"},
        {"gzip of nothing", gzipped(""), "its 0 bytes are too few for a header"},
        {"labels for images", small_labels(),
         "its first 4 bytes are 0x00000801: a label file [count]; expected 0x00000803, an image "
         "file "
         "[count, height, width]"},
        {"packed labels for images", gzipped(small_labels()),
         "its first 4 bytes are 0x00000801: a label file [count]; expected 0x00000803, an image "
         "file "
         "[count, height, width]"},
        {"a text", "hello, world", "its first 4 bytes are 0x68656c6c: " + not_idx},
        {"floats", big_endian(0xD03) + good.substr(4),
         "its first 4 bytes are 0x00000d03: " + not_idx},
        {"two axes", big_endian(0x802) + good.substr(4),
         "its first 4 bytes are 0x00000802: another kind of file; expected 0x00000803, an image "
         "file "
         "[count, height, width]"},
        {"cut header", good.substr(0, 13), "it ends within its header"},
        {"one byte short", without_end(good, 1),
         "its header announces [4, 2, 3], 24 bytes, but 23 follow"},
        {"one byte long", good + "x", "its header announces [4, 2, 3], 24 bytes, but 25 follow"},
        {"packed, one byte short", gzipped(without_end(good, 1)),
         "its header announces [4, 2, 3], 24 bytes, but 23 follow"},
        {"packed, one byte long", gzipped(good + "x"),
         "its header announces [4, 2, 3], 24 bytes, but more follow"},
        {"no pictures", idx_bytes({0, 2, 3}, ""), "its header announces size 0 on axis 0"},
        {"no pixels", idx_bytes({4, 2, 0}, ""), "its header announces size 0 on axis 2"},
        {"huge", idx_bytes({0xFFFFFFFF, 28, 28}, "xyz"),
         "its header announces [4294967295, 28, 28], 3367254359280 bytes, but 3 follow"},
        {"huge, packed", gzipped(idx_bytes({0xFFFFFFFF, 28, 28}, "xyz")),
         "its header announces [4294967295, 28, 28], 3367254359280 bytes, more than " +
             std::to_string(gzipped(idx_bytes({0xFFFFFFFF, 28, 28}, "xyz")).size()) +
             " bytes of gzip can hold"},
        {"beyond 64 bits", idx_bytes({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "xyz"),
         "its header announces pictures of 4294967295 x 4294967295 pixels"},
        {"damaged checksum", damaged(packed, 6), "its gzip data is damaged: incorrect data check"},
        {"damaged length", damaged(packed, 2), "its gzip data is damaged: incorrect length check"},
    };
}

}  // namespace

TEST_CASE("idx: bad image files are refused in one sentence") {
    const TemporaryFolder folder;
    const auto labels = folder.put("labels", small_labels());
    for (const BadFile& bad : bad_images()) {
        CAPTURE(bad.what);
        const auto path = folder.put("images", bad.bytes);
        CHECK(thrown_message([&] { data::idx(path, labels); }) ==
              "file: idx " + path.string() + ": " + bad.message);
    }
}

TEST_CASE("idx: a gzip file cut anywhere is refused") {
    const TemporaryFolder folder;
    const auto labels = folder.put("labels", small_labels());
    const std::string packed = gzipped(small_images());
    for (std::size_t size = 2; size < packed.size(); ++size) {
        const auto path = folder.put("images", packed.substr(0, size));
        const std::string message = thrown_message([&] { data::idx(path, labels); });
        CAPTURE(size);
        CAPTURE(message);
        CHECK(message.find(path.string() + ": its gzip data is cut off: the " +
                           std::to_string(size) + " bytes") != std::string::npos);
    }
}

TEST_CASE("idx: files that do not belong together") {
    const TemporaryFolder folder;
    const auto images = folder.put("images", small_images());
    const auto labels = folder.put("labels", small_labels());
    const auto message = [](const auto&... arguments) {
        return thrown_message([&] { data::idx(arguments...); });
    };
    CHECK(message(images, images) ==
          "file: idx " + images.string() +
              ": its first 4 bytes are 0x00000803: an image file [count, height, width]; expected "
              "0x00000801, a label file [count]");
    const auto three = folder.put("three", idx_bytes({3}, "\1\1\1"));
    CHECK(message(images, three) == "file: idx: " + images.string() + " holds 4 images but " +
                                        three.string() + " holds 3 labels");
    CHECK(message(folder / "none", labels) ==
          "file: idx " + (folder / "none").string() + ": no such file");
    CHECK(message(folder.path(), labels) ==
          "file: idx " + folder.path().string() + ": it is not a file");
    CHECK(message(images, labels, data::ImageOptions{}, std::vector<std::string>{"a", "b"}) ==
          "file: idx " + labels.string() + ": label 2 is 2, but there are 2 classes");
}
