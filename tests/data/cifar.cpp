// SPDX-License-Identifier: MIT
// CIFAR's binary files, good ones and every way they can be wrong.
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <set>

using namespace ingot;
using namespace ingot::testing;

namespace {

constexpr std::size_t kPixels = 32 * 32;

// Labels, then a picture whose pixel i of channel c is (seed + 50 c + i) mod 256.
std::string record(std::initializer_list<int> labels, int seed) {
    std::string bytes;
    for (const int label : labels)
        bytes += static_cast<char>(label);
    for (int c = 0; c < 3; ++c) {
        for (std::size_t i = 0; i < kPixels; ++i)
            bytes += static_cast<char>(seed + 50 * c + static_cast<int>(i));
    }
    return bytes;
}

std::string ten(std::initializer_list<int> labels) {
    std::string bytes;
    for (const int label : labels)
        bytes += record({label}, label);
    return bytes;
}

void check_picture(const data::Dataset& set, std::uint32_t sample, int seed) {
    std::vector<float> values(3 * kPixels);
    set.read_inputs({&sample, 1}, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t byte =
            (static_cast<std::size_t>(seed) + 50 * (i / kPixels) + i % kPixels) % 256;
        REQUIRE(values[i] == static_cast<float>(byte) / 255.0F);
    }
}

std::string message_of(const std::filesystem::path& path, data::CifarLabels labels) {
    return thrown_message([&] { data::cifar(path, labels); });
}

}  // namespace

TEST_CASE("cifar: records of ten classes") {
    const TemporaryFolder folder;
    const auto set = data::cifar(folder.put("a.bin", ten({7, 0, 9})), data::CifarLabels::kTen);
    CHECK(set.size() == 3);
    CHECK(set.sample_shape() == Shape{3, 32, 32});
    CHECK(set.class_count() == 10);
    CHECK(set.class_name(set.label(0)) == "horse");
    CHECK(set.label(1) == 0);
    CHECK(set.label(2) == 9);
    check_picture(set, 0, 7);
    check_picture(set, 2, 9);
    const Image picture = set.picture(0);
    CHECK(picture.channels == 3);
    CHECK(picture.pixels[3] == 8);    // red of the second pixel
    CHECK(picture.pixels[4] == 58);   // green
    CHECK(picture.pixels[5] == 108);  // blue
}

TEST_CASE("cifar: several files are one dataset") {
    const TemporaryFolder folder;
    const std::filesystem::path files[] = {folder.put("a.bin", ten({3, 1})),
                                           folder.put("b.bin", ten({5}))};
    const auto set = data::cifar(files, data::CifarLabels::kTen, {.flat = true});
    CHECK(set.size() == 3);
    CHECK(set.sample_shape() == Shape{3072});
    CHECK(set.label(2) == 5);
    check_picture(set, 2, 5);
    CHECK(thrown_message([] {
              data::cifar(std::span<const std::filesystem::path>{}, data::CifarLabels::kTen);
          }) == "invalid argument: cifar: no files are given");
}

TEST_CASE("cifar: a folder as it is distributed, or of two files") {
    const TemporaryFolder folder;
    CHECK(thrown_message([&] { data::cifar10(folder.path()); }) ==
          "file: cifar10: " + folder.path().string() +
              " holds neither data_batch_1.bin nor train.bin");
    folder.put("train.bin", ten({2, 2, 4}));
    folder.put("test.bin", ten({6}));
    CHECK(data::cifar10(folder.path()).train.class_sizes()[2] == 2);
    CHECK(data::cifar10(folder.path()).test.label(0) == 6);
    for (int i = 1; i <= 4; ++i)
        folder.put("data_batch_" + std::to_string(i) + ".bin", ten({i, i}));
    CHECK(thrown_message([&] { data::cifar10(folder.path()); }) ==
          "file: cifar " + (folder / "data_batch_5.bin").string() + ": no such file");
    folder.put("data_batch_5.bin", ten({5, 5}));
    folder.put("test_batch.bin", ten({8}));
    const auto [train, test] = data::cifar10(folder.path());
    CHECK(train.size() == 10);
    CHECK(train.label(8) == 5);
    CHECK(test.label(0) == 8);
}

TEST_CASE("cifar: normalised by channel, as measured on the training pictures") {
    const TemporaryFolder folder;
    folder.put("train.bin", ten({0, 4}));
    folder.put("test.bin", ten({9}));
    const auto [train, test] = data::cifar10(folder.path(), {.flat = true, .normalize = true});
    CHECK(train.normalization().mean.size() == 3);
    CHECK(test.normalization() == train.normalization());
    CHECK(train.normalization() == data::cifar10(folder.path()).train.measure());
}

TEST_CASE("cifar: two labels a record, coarse and fine") {
    const TemporaryFolder folder;
    const std::string bytes = record({1, 91}, 3) + record({19, 0}, 200);
    folder.put("train.bin", bytes);
    folder.put("test.bin", bytes);
    const auto fine = data::cifar100(folder.path());
    CHECK(fine.train.class_count() == 100);
    CHECK(fine.train.class_name(fine.train.label(0)) == "trout");
    CHECK(fine.test.class_name(fine.test.label(1)) == "apple");
    check_picture(fine.train, 1, 200);
    const auto coarse = data::cifar100(folder.path(), {}, data::CifarLabels::kCoarse).train;
    CHECK(coarse.class_count() == 20);
    CHECK(coarse.class_name(coarse.label(0)) == "fish");
    CHECK(coarse.class_name(coarse.label(1)) == "vehicles_2");
    CHECK(thrown_message([&] { data::cifar100(folder.path(), {}, data::CifarLabels::kTen); }) ==
          "invalid argument: cifar100: labels are kFine or kCoarse, not kTen");
}

TEST_CASE("cifar: each class has a name of its own") {
    for (const auto& [labels, count] :
         {std::pair(data::CifarLabels::kTen, 10), std::pair(data::CifarLabels::kCoarse, 20),
          std::pair(data::CifarLabels::kFine, 100)}) {
        const auto& names = data::cifar_classes(labels);
        CHECK(names.size() == static_cast<std::size_t>(count));
        CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    }
}

TEST_CASE("cifar: bad files are refused in one sentence") {
    const TemporaryFolder folder;
    const std::string good = ten({1, 2});
    const auto kTen = data::CifarLabels::kTen;
    const auto kFine = data::CifarLabels::kFine;
    struct Bad {
        const char* what;
        std::string bytes;
        data::CifarLabels labels;
        std::string message;
    };
    const std::string no_ten = " bytes are no whole number of CIFAR-10 records of 3073 bytes";
    const Bad bad[] = {
        {"empty", "", kTen, "it is empty"},
        {"one byte short", good.substr(1), kTen, "its 6145" + no_ten},
        {"one byte long", good + "x", kTen, "its 6147" + no_ten},
        {"cut within the first record", good.substr(0, 100), kTen, "its 100" + no_ten},
        {"CIFAR-100 for CIFAR-10", record({1, 2}, 0), kTen,
         "its 3074" + no_ten + "; it would be 1 of CIFAR-100"},
        {"CIFAR-10 for CIFAR-100", good, kFine,
         "its 6146 bytes are no whole number of CIFAR-100 records of 3074 bytes; it would be 2 of "
         "CIFAR-10"},
        {"xz",
         std::string("\xFD"
                     "7zXZ\0\0",
                     7),
         kTen, "its 7" + no_ten + "; it is packed by xz, unpack it first"},
        {"gzip", "\x1F\x8B and so on", kTen,
         "its 12" + no_ten + "; it is packed by gzip, unpack it first"},
        {"a label too large", ten({1, 9, 10}), kTen, "the label of record 2 is 10, outside 0 to 9"},
        {"a label of eight bits", ten({255}), kTen, "the label of record 0 is 255, outside 0 to 9"},
        {"a coarse label too large", record({20, 0}, 0), kFine,
         "the coarse label of record 0 is 20, outside 0 to 19"},
        {"a fine label too large", record({1, 5}, 0) + record({0, 100}, 0),
         data::CifarLabels::kCoarse, "the fine label of record 1 is 100, outside 0 to 99"},
    };
    for (const Bad& one : bad) {
        CAPTURE(one.what);
        const auto path = folder.put("bad.bin", one.bytes);
        CHECK(message_of(path, one.labels) == "file: cifar " + path.string() + ": " + one.message);
    }
    CHECK(message_of(folder / "none", kTen) ==
          "file: cifar " + (folder / "none").string() + ": no such file");
    CHECK(message_of(folder.path(), kTen) ==
          "file: cifar " + folder.path().string() + ": it is not a file");
}
