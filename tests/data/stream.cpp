// SPDX-License-Identifier: MIT
// Pixels that stay in their files are the same pixels; a file that shrinks meanwhile is an error.
#include "idx_bytes.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <numeric>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> everything(const data::Dataset& set) {
    std::vector<std::uint32_t> all(static_cast<std::size_t>(set.size()));
    std::iota(all.rbegin(), all.rend(), 0U);  // from the back
    std::vector<float> values(all.size() * static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs(all, values);
    for (const std::uint32_t sample : all)
        values.push_back(static_cast<float>(set.label(sample)));
    return values;
}

std::string cifar_bytes(int records) {
    std::string bytes;
    for (int n = 0; n < records; ++n) {
        bytes += static_cast<char>(n % 10);
        for (int i = 0; i < 3072; ++i)
            bytes += static_cast<char>(n * 7 + i * 3);
    }
    return bytes;
}

}  // namespace

TEST_CASE("stream: IDX pictures in their file") {
    const TemporaryFolder folder;
    const auto images = folder.put("images", small_images());
    const auto labels = folder.put("labels", small_labels());
    const data::Dataset streamed = data::idx(images, labels, {.normalize = true, .stream = true});
    CHECK(streamed.class_count() == 3);
    CHECK(everything(streamed) == everything(data::idx(images, labels, {.normalize = true})));
    const auto packed = folder.put("packed", gzipped(small_images()));
    CHECK(thrown_message([&] { data::idx(packed, labels, {.stream = true}); }) ==
          "file: idx " + packed.string() +
              ": it is packed by gzip; to be read picture by picture it must be unpacked");
    const auto longer = folder.put("longer", small_images() + "x");
    CHECK(thrown_message([&] {
              data::idx(longer, labels, {.stream = true});
          }).find("24 bytes, but 25 follow") != std::string::npos);

    std::filesystem::resize_file(images, 30);
    CHECK(thrown_message([&] { everything(streamed); }) ==
          "file: idx " + images.string() + ": it ends before byte 40, where a value is expected");
}

TEST_CASE("stream: CIFAR's records in several files") {
    const TemporaryFolder folder;
    const std::vector<std::filesystem::path> files = {folder.put("a.bin", cifar_bytes(3)),
                                                      folder.put("b.bin", cifar_bytes(2)),
                                                      folder.put("c.bin", cifar_bytes(4))};
    const auto ten = data::CifarLabels::kTen;
    const data::Dataset streamed = data::cifar(files, ten, {.stream = true});
    CHECK(streamed.size() == 9);
    CHECK(everything(streamed) == everything(data::cifar(files, ten)));
    const auto bad = folder.put("d.bin", '\x0B' + std::string(3072, ' '));
    CHECK(thrown_message([&] {
              data::cifar(bad, ten, {.stream = true});
          }).find("the label of record 0 is 11, outside 0 to 9") != std::string::npos);
}
