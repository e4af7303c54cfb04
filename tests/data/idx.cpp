// SPDX-License-Identifier: MIT
// Good IDX files: by hand, in a folder, and the real Fashion-MNIST where it is installed.
#include "data/fashion_mnist.h"
#include "idx_bytes.h"

#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <cstdlib>
#include <numeric>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> inputs_of(const data::Dataset& dataset, std::uint32_t sample) {
    std::vector<float> values(static_cast<std::size_t>(dataset.sample_shape().count()));
    dataset.read_inputs({&sample, 1}, values);
    return values;
}

// Sets INGOT_DATA_DIR for a test and puts back what was there.
class DataFolderVariable {
public:
    explicit DataFolderVariable(const std::string& value) {
        if (const char* old = std::getenv(kName)) old_ = old;
        set(value);
    }
    ~DataFolderVariable() { set(old_); }

private:
    static constexpr const char* kName = "INGOT_DATA_DIR";
    static void set(const std::string& value) {
#ifdef _WIN32
        _putenv_s(kName, value.c_str());
#else
        setenv(kName, value.c_str(), 1);
#endif
    }
    std::string old_;
};

void put_four(const TemporaryFolder& folder, const char* ending, bool pack) {
    const auto put = [&](const char* name, const std::string& bytes) {
        folder.put(std::string(name) + ending, pack ? gzipped(bytes) : bytes);
    };
    put("train-images-idx3-ubyte", small_images());
    put("train-labels-idx1-ubyte", small_labels());
    put("t10k-images-idx3-ubyte", small_images());
    put("t10k-labels-idx1-ubyte", small_labels());
}

}  // namespace

TEST_CASE("idx: plain and gzip files give the same samples") {
    const TemporaryFolder folder;
    const auto labels = folder.put("labels", small_labels());
    for (const std::string& bytes : {small_images(), gzipped(small_images())}) {
        const data::Dataset set = data::idx(folder.put("images", bytes), labels);
        CHECK(set.size() == 4);
        CHECK(set.sample_shape() == Shape{1, 2, 3});
        CHECK(set.class_count() == 3);
        CHECK(set.class_name(2) == "2");
        CHECK(set.label(2) == 2);
        CHECK(inputs_of(set, 3) == std::vector<float>{30 / 255.0F, 31 / 255.0F, 32 / 255.0F,
                                                      33 / 255.0F, 34 / 255.0F, 35 / 255.0F});
        CHECK(set.picture(1) == Image{3, 2, 1, {10, 11, 12, 13, 14, 15}});
    }
}

TEST_CASE("idx: flat and normalised by the training pictures") {
    const TemporaryFolder folder;
    put_four(folder, "", false);
    const auto [train, test] =
        data::idx_folder(folder.path(), {.flat = true, .normalize = true}, {"a", "b", "c"});
    CHECK(train.sample_shape() == Shape{6});
    CHECK(train.class_name(1) == "b");
    REQUIRE(train.normalization().mean.size() == 1);  // of the picture, not of each pixel
    CHECK(train.normalization().mean[0] == doctest::Approx(17.5 / 255));
    CHECK(test.normalization() == train.normalization());
    double sum = 0, square = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
        for (const float value : inputs_of(train, i))
            sum += value, square += value * value;
    }
    CHECK(sum == doctest::Approx(0).epsilon(1e-5));
    CHECK(square / 24 == doctest::Approx(1));
    CHECK(train.measure() == data::idx_folder(folder.path(), {.flat = true}).train.measure());
}

TEST_CASE("idx: a folder is refused when one of the four files is missing") {
    const TemporaryFolder folder;
    put_four(folder, ".gz", true);
    CHECK(data::idx_folder(folder.path()).test.size() == 4);
    std::filesystem::remove(folder / "t10k-labels-idx1-ubyte.gz");
    CHECK(thrown_message([&] { data::idx_folder(folder.path()); }) ==
          "file: idx: " + folder.path().string() +
              " holds neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz");
    CHECK(thrown_message([&] { data::idx_folder(folder / "none"); }) ==
          "file: idx: " + (folder / "none").string() + " is not a folder");
}

TEST_CASE("fashion_mnist: the folder of the environment comes first") {
    const TemporaryFolder folder;
    const DataFolderVariable variable(folder.path().string());
    put_four(folder, ".gz", true);
    CHECK(data::fashion_mnist().train.size() == 4);
    CHECK(data::fashion_mnist().train.class_name(1) == "Trouser");
    std::filesystem::create_directory(folder / "fashion-mnist");
    folder.put("fashion-mnist/train-images-idx3-ubyte", small_images());
    CHECK(thrown_message([] { data::fashion_mnist(); }).find("fashion-mnist holds neither") !=
          std::string::npos);
}

TEST_CASE("fashion_mnist: absent, it says where it looked and what to install") {
    const std::filesystem::path places[] = {"no/such/folder", "nor/this"};
    CHECK(
        thrown_message([&] { data::fashion_mnist_in(places, {}); }) ==
        "file: fashion_mnist: the data was found in none of no/such/folder, nor/this; install the "
        "Debian package dataset-fashion-mnist, or set INGOT_DATA_DIR to a folder with "
        "train-images-idx3-ubyte.gz and its three companions");
}

TEST_CASE("fashion_mnist: the real files" * doctest::test_suite("shared_data")) {
    if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) {
        return skip_case("the package dataset-fashion-mnist is not installed");
    }
    const DataFolderVariable variable("");
    auto data = data::fashion_mnist({.normalize = true});
    CHECK(data.train.size() == 60000);
    CHECK(data.test.size() == 10000);
    CHECK(data.train.sample_shape() == Shape{1, 28, 28});
    CHECK(data.train.class_names() == data::fashion_mnist_classes());
    for (const std::int64_t count : data.train.class_sizes())
        CHECK(count == 6000);
    for (const std::int64_t count : data.test.class_sizes())
        CHECK(count == 1000);
    // As published for this set.
    CHECK(data.train.normalization().mean[0] == doctest::Approx(0.2860).epsilon(1e-3));
    CHECK(data.train.normalization().deviation[0] == doctest::Approx(0.3530).epsilon(1e-3));
    CHECK(data.train.label(0) == 9);
    auto [train, validation] = data.train.split(0.9, {.stratify = true, .seed = 1});
    CHECK(train.size() == 54000);
    CHECK(validation.class_sizes() == std::vector<std::int64_t>(10, 600));
}
