// SPDX-License-Identifier: MIT
// Tensors go out and come back bit by bit; foreign files and foreign types come in.
#include "safetensors_bytes.h"

#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <cmath>
#include <cstdlib>
#include <limits>

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::safetensors_bytes;
using ingot::testing::TemporaryFolder;
using ingot::testing::thrown_message;

namespace {

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

HostTensor read_one(const std::string& type, const std::string& shape, const std::string& data) {
    const TemporaryFolder folder;
    const auto path = folder.put(
        "one.safetensors",
        safetensors_bytes("{\"t\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
                              ",\"data_offsets\":[0," + std::to_string(data.size()) + "]}}",
                          data));
    return io::read_safetensors(path).at("t");
}

template <typename T>
std::vector<T> list(const HostTensor& tensor) {
    const auto values = tensor.values<T>();
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("safetensors: a round trip keeps names, shapes, bits and metadata") {
    const TemporaryFolder folder;
    const auto path = folder / "model.safetensors";
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<HostTensor> tensors = {
        HostTensor::of("mask", {3}, std::vector<std::uint8_t>{1, 0, 255}),
        HostTensor::of("conv1.weight", {2, 3}, std::vector<float>{1, -0.0F, nan, 1e-42F, 5, 6}),
        HostTensor::of("count", {}, std::vector<std::int32_t>{-7}),
        HostTensor::zeros("empty", {0, 4}),
        HostTensor::of("名前 \"quoted\"\n", {1}, std::vector<float>{2}),
    };
    const io::Metadata metadata = {{"format", "ingot"}, {"note", "line\nbreak \\ \"x\""}};
    io::write_safetensors(path, tensors, metadata);
    const io::Safetensors read = io::read_safetensors(path);
    CHECK(read.metadata == metadata);
    REQUIRE(read.tensors.size() == tensors.size());
    for (const HostTensor& tensor : tensors)
        CHECK(read.at(tensor.name) == tensor);
    // Bytes last, so that the others are aligned.
    CHECK(read.tensors.back().name == "mask");
    CHECK(static_cast<unsigned char>(contents_of(path)[0]) % 8 == 0);
    CHECK(read.find("nothing") == nullptr);
    CHECK(thrown_message([&] { read.at("nothing"); }).find("no tensor 'nothing'; there are 5: ") !=
          std::string::npos);

    io::write_safetensors(path, {});
    CHECK(io::read_safetensors(path).tensors.empty());
}

TEST_CASE("safetensors: the bytes written are the format's") {
    const TemporaryFolder folder;
    const std::vector<HostTensor> tensors = {
        HostTensor::of("w", {2}, std::vector<float>{1.0F, 2.0F})};
    io::write_safetensors(folder / "a", tensors);
    const std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
    const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
    CHECK(contents_of(folder / "a") ==
          safetensors_bytes(padded, bytes_of(std::vector<float>{1.0F, 2.0F})));
}

TEST_CASE("safetensors: other types are converted without loss, or as documented") {
    CHECK(
        list<float>(read_one("F16", "[2]", bytes_of(std::vector<std::uint16_t>{0x3C00, 0xC100}))) ==
        std::vector<float>{1.0F, -2.5F});
    CHECK(list<float>(
              read_one("BF16", "[1,2]", bytes_of(std::vector<std::uint16_t>{0x3F80, 0xC020}))) ==
          std::vector<float>{1.0F, -2.5F});
    CHECK(list<float>(read_one("F64", "[2]", bytes_of(std::vector<double>{0.1, -1e-320}))) ==
          std::vector<float>{0.1F, -0.0F});
    CHECK(list<std::int32_t>(read_one(
              "I64", "[2]", bytes_of(std::vector<std::int64_t>{2147483647, -2147483648LL}))) ==
          std::vector<std::int32_t>{2147483647, -2147483647 - 1});
    CHECK(read_one("I64", "[]", bytes_of(std::vector<std::int64_t>{5})).shape == Shape{});
    CHECK(list<std::uint8_t>(read_one("BOOL", "[2]", std::string("\x01\x00", 2))) ==
          std::vector<std::uint8_t>{1, 0});
    const double inf = std::numeric_limits<double>::infinity();
    CHECK(list<float>(read_one("F64", "[1]", bytes_of(std::vector<double>{inf})))[0] == inf);
    const auto message = [](const std::string& type, const std::string& data) {
        return thrown_message([&] { read_one(type, "[1]", data); });
    };
    CHECK(message("I64", bytes_of(std::vector<std::int64_t>{2147483648LL}))
              .find("tensor 't': element 0 of type I64 is 2147483648, beyond i32") !=
          std::string::npos);
    CHECK(message("F64", bytes_of(std::vector<double>{3.5e38})).find("is 3.5e+38, beyond f32") !=
          std::string::npos);
    CHECK(message("U16", "ab").find("tensor 't': type 'U16' is not supported") !=
          std::string::npos);
}

TEST_CASE("safetensors: pretrained weights of another maker" * doctest::test_suite("shared_data")) {
    const auto path = testing::shared_data("resnet20-cifar10/resnet20.safetensors");
    if (!path) return;
    const io::Safetensors model = io::read_safetensors(*path);
    CHECK(model.tensors.size() == 97);
    CHECK(model.at("conv1.weight").shape == Shape{16, 3, 3, 3});
    CHECK(model.at("linear.weight").shape == Shape{10, 64});
    CHECK(model.at("linear.weight").dtype == f32);
    // Written again and read: the same tensors.
    const TemporaryFolder out;
    io::write_safetensors(out / "again.safetensors", model.tensors, model.metadata);
    CHECK(io::read_safetensors(out / "again.safetensors").tensors == model.tensors);
}
