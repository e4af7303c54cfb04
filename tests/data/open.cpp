// SPDX-License-Identifier: MIT
// Any path: which reader it is for, and how its samples become two parts.
#include "image_bytes.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/data.h>
#include <ingot/io.h>

#include <doctest/doctest.h>

#include <numeric>

using namespace ingot;
using namespace ingot::testing;

namespace {

void put_pictures(const TemporaryFolder& folder, const std::string& name, int count,
                  std::int64_t channels) {
    for (int i = 0; i < count; ++i) {
        put_png(folder, name + "/" + std::to_string(i) + ".png",
                two_halves(8 + i % 3, 8, channels));
    }
}

std::string cifar_records(std::size_t count, std::size_t labels) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i)
        bytes += std::string(labels, static_cast<char>(i % 10)) + std::string(3072, 'x');
    return bytes;
}

}  // namespace

TEST_CASE("open: a table, split by its classes or whole") {
    const TemporaryFolder folder;
    std::string text = "size,kind,price\n";
    for (int i = 0; i < 40; ++i)
        text += std::to_string(i) + (i % 4 == 0 ? ",a," : ",b,") + std::to_string(i * 2) + "\n";
    folder.put("t.csv", text);
    const auto path = folder / "t.csv";
    CHECK(data::format_of(path) == data::Format::kCsv);
    const auto prices = data::open(path);
    CHECK(prices.train.size() == 32);
    CHECK(prices.test.size() == 8);
    CHECK_FALSE(prices.train.has_labels());
    const auto kinds = data::open(path, {.target = "kind", .seed = 4});
    CHECK(kinds.test.class_sizes() == std::vector<std::int64_t>{2, 6});
    CHECK(kinds.test.row(0) == data::open(path, {.target = "kind", .seed = 4}).test.row(0));
    CHECK(data::open(path, {.target = "size,price"}).train.target_shape() == Shape{2});
    CHECK(data::open(path, {.labels = true}).train.class_count() == 79);
    CHECK(data::open(path, {.test = 1}).train.empty());
    CHECK(data::open(path, {.test = 1}).test.size() == 40);
    CHECK(data::open(path, {.test = 0}).test.empty());
    CHECK_THROWS_AS(data::open(path, {.test = 1.5}), Error);
    const auto unlabelled = data::open(path, {.unlabelled = true, .test = 0}).train;
    CHECK(unlabelled.sample_shape() == Shape{3});
    CHECK(unlabelled.target_shape() == Shape{});
    CHECK(thrown_message([&] {
              data::csv(path, {.targets = {"kind"}, .unlabelled = true});
          }).find("unlabelled, and 'kind' is a target") != std::string::npos);
    folder.put("t.tsv", "a\tb\n1\t2\n3\t4\n");
    CHECK(data::open(folder / "t.tsv", {.test = 0}).train.size() == 2);
}

TEST_CASE("open: folders of pictures, with and without a test part") {
    const TemporaryFolder folder;
    put_pictures(folder, "all/cats", 6, 1);
    put_pictures(folder, "all/dogs", 4, 3);
    CHECK(data::format_of(folder / "all") == data::Format::kImageFolder);
    const auto all = data::open(folder / "all", {.resize = 4, .test = 0.5});
    CHECK(all.train.sample_shape() == Shape{3, 4, 4});
    CHECK(all.train.class_sizes() == std::vector<std::int64_t>{3, 2});
    put_pictures(folder, "parts/train/cats", 3, 1);
    put_pictures(folder, "parts/train/dogs", 3, 1);
    put_pictures(folder, "parts/val/cats", 2, 3);  // becomes grey, as the training part
    put_pictures(folder, "parts/val/dogs", 1, 3);
    const auto parts = data::open(folder / "parts", {.resize = 8, .stream = true});
    CHECK(parts.train.size() == 6);
    CHECK(parts.test.size() == 3);
    CHECK(parts.test.sample_shape() == Shape{1, 8, 8});
}

TEST_CASE("open: CIFAR's two, MNIST's and NumPy's files") {
    const TemporaryFolder folder;
    folder.put("ten/train.bin", cifar_records(7, 1));
    folder.put("ten/test.bin", cifar_records(2, 1));
    folder.put("hundred/train.bin", cifar_records(7, 2));
    folder.put("hundred/test.bin", cifar_records(3, 2));
    folder.put("batches/data_batch_1.bin", "");
    folder.put("mnist/train-images-idx3-ubyte.gz", "");
    CHECK(data::format_of(folder / "batches") == data::Format::kCifar10);
    CHECK(data::format_of(folder / "mnist") == data::Format::kIdxFolder);
    CHECK(data::open(folder / "ten").train.class_count() == 10);
    CHECK(data::open(folder / "hundred").test.size() == 3);
    CHECK(data::open(folder / "hundred").train.class_count() == 100);

    io::write_npy(folder / "x.npy", HostTensor::zeros("x", {10, 3}));
    io::write_npy(folder / "y.npy", HostTensor::zeros("y", {10}, i32));
    const auto arrays = data::open(folder / "x.npy", {.target = (folder / "y.npy").string()});
    CHECK(arrays.train.size() == 8);
    CHECK(arrays.train.sample_shape() == Shape{3});
    CHECK(thrown_message([&] { data::open(folder / "x.npy"); }).find("targets is not given") !=
          std::string::npos);
}

TEST_CASE("open: text, whose end is the test part") {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += static_cast<char>('!' + i % 90);
    folder.put("t.txt", text);
    const auto parts = data::open(folder / "t.txt", {.length = 4, .test = 0.25});
    CHECK(parts.train.size() == 71);  // 75 bytes, less the first four
    CHECK(parts.test.size() == 21);
    CHECK(parts.train.input_dtype() == i32);
    CHECK(parts.train.sample_shape() == Shape{4});
    CHECK(parts.train.class_count() == 256);
    CHECK(parts.train.class_name(parts.train.label(2)) == "'");
    std::vector<std::int32_t> tokens(4);
    const std::uint32_t first = 0;
    parts.test.read_tokens({&first, 1}, tokens);
    for (int i = 0; i < 4; ++i)
        CHECK(tokens[static_cast<std::size_t>(i)] == text[static_cast<std::size_t>(75 + i)]);
    CHECK(parts.test.label(0) == text[79]);
    folder.put("short.txt", "abc");
    CHECK(thrown_message([&] { data::open(folder / "short.txt"); }).find("3 bytes are too few") !=
          std::string::npos);
}

TEST_CASE("open: what is none of these is refused by name") {
    const TemporaryFolder folder;
    folder.put("a.doc", "x");
    std::filesystem::create_directories(folder / "empty");
    CHECK(thrown_message([&] { data::format_of(folder / "no"); }).find("there is no ") !=
          std::string::npos);
    CHECK(thrown_message([&] { data::format_of(folder / "a.doc"); }).find("a.doc is neither a ") !=
          std::string::npos);
    CHECK(thrown_message([&] { data::open(folder / "empty"); }).find("empty holds neither the ") !=
          std::string::npos);
}
