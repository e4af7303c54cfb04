// SPDX-License-Identifier: MIT
// NumPy's files: every element type, both byte orders, both orders of axes, three versions, ZIP
// members stored and deflated; as tensors and as datasets; and every way they can be wrong.
#include "npy_bytes.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>
#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::string swapped(std::string bytes, std::size_t item) {
    for (std::size_t i = 0; i < bytes.size(); i += item)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                     bytes.begin() + static_cast<std::ptrdiff_t>(i + item));
    return bytes;
}

HostTensor read(const std::string& bytes) {
    const TemporaryFolder folder;
    return io::read_npy(folder.put("a.npy", bytes));
}

std::vector<float> inputs_of(const data::Dataset& set) {
    std::vector<float> values(static_cast<std::size_t>(set.size() * set.sample_shape().count()));
    std::vector<std::uint32_t> all;
    for (std::int64_t i = 0; i < set.size(); ++i)
        all.push_back(static_cast<std::uint32_t>(i));
    set.read_inputs(all, values);
    return values;
}

// 1, 0, 2 as an element type of one to eight bytes, and -2 in place of 2 where it has a sign.
struct Type {
    const char* name;
    std::string elements;
    DType dtype;
    int third;
};

std::vector<Type> types() {
    return {{"b1", raw<std::uint8_t>({1, 0, 1}), u8, 1},
            {"u1", raw<std::uint8_t>({1, 0, 2}), u8, 2},
            {"i1", raw<std::int8_t>({1, 0, -2}), i32, -2},
            {"u2", raw<std::uint16_t>({1, 0, 2}), i32, 2},
            {"i2", raw<std::int16_t>({1, 0, -2}), i32, -2},
            {"u4", raw<std::uint32_t>({1, 0, 2}), i32, 2},
            {"i4", raw<std::int32_t>({1, 0, -2}), i32, -2},
            {"u8", raw<std::uint64_t>({1, 0, 2}), i32, 2},
            {"i8", raw<std::int64_t>({1, 0, -2}), i32, -2},
            {"f2", raw<std::uint16_t>({0x3C00, 0, 0xC000}), f32, -2},
            {"f4", raw<float>({1, 0, -2}), f32, -2},
            {"f8", raw<double>({1, 0, -2}), f32, -2}};
}

}  // namespace

TEST_CASE("npy: every type, byte order and version") {
    for (const Type& type : types()) {
        const std::size_t item = type.elements.size() / 3;
        for (const bool big : {false, true}) {
            for (const int version : {1, 2, 3}) {
                CAPTURE(type.name);
                CAPTURE(big);
                const std::string order = item == 1 ? "|" : big ? ">" : "<";
                const HostTensor tensor =
                    read(npy_bytes(npy_header_of(order + type.name, "(3,)"),
                                   big ? swapped(type.elements, item) : type.elements, version));
                REQUIRE(tensor.dtype == type.dtype);
                CHECK(tensor.shape == Shape{3});
                CHECK(tensor.name == "a");
                std::vector<int> values;
                for (std::size_t i = 0; i < 3; ++i)
                    values.push_back(type.dtype == u8 ? tensor.values<std::uint8_t>()[i]
                                     : type.dtype == i32
                                         ? tensor.values<std::int32_t>()[i]
                                         : static_cast<int>(tensor.values<float>()[i]));
                CHECK(values == std::vector<int>{1, 0, type.third});
            }
        }
    }
}

TEST_CASE("npy: shapes, the first axis contiguous, headers written otherwise") {
    const std::string six = raw<float>({0, 1, 2, 3, 4, 5});
    const HostTensor fortran = read(npy_bytes(npy_header_of("<f4", "(2, 3)", true), six));
    CHECK(fortran.shape == Shape{2, 3});
    CHECK(std::vector(fortran.values<float>().begin(), fortran.values<float>().end()) ==
          std::vector<float>{0, 2, 4, 1, 3, 5});
    const HostTensor cube = read(npy_bytes(npy_header_of("|u1", "(2, 1, 2)", true), "abcd"));
    CHECK(std::string(reinterpret_cast<const char*>(cube.data.data()), 4) == "acbd");
    CHECK(read(npy_bytes(npy_header_of("<f4", "()"), raw<float>({7}))).shape == Shape{});
    CHECK(read(npy_bytes(npy_header_of("<f4", "(0, 3)"), "")).shape == Shape{0, 3});
    CHECK(read(npy_bytes("{\"shape\":(6L,),\"fortran_order\":False,\"descr\":\"=f4\"}", six))
              .values<float>()[5] == 5);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(
        read(npy_bytes(npy_header_of("<f4", "(1,)"), raw<float>({nan}))).values<float>()[0]));
}

TEST_CASE("npy: what is written is read") {
    const TemporaryFolder folder;
    const auto path = folder / "a.npy";
    const HostTensor all[] = {
        HostTensor::of("a", {}, std::vector<float>{7}),
        HostTensor::of("a", {3}, std::vector<std::int32_t>{1, -2, 3}),
        HostTensor::of("a", {2, 1, 2}, std::vector<std::uint8_t>{1, 2, 3, 255}),
        HostTensor::zeros("a", {0, 4}),
    };
    for (const HostTensor& tensor : all) {
        io::write_npy(path, tensor);
        CHECK(io::read_npy(path) == tensor);
        CHECK((std::filesystem::file_size(path) - tensor.size_bytes()) % 64 == 0);
    }
    CHECK_THROWS_AS(io::write_npy(path, HostTensor::zeros("a", {1}, f16)), Error);
}

TEST_CASE("npy: an array written piece by piece is the same file, or none") {
    const TemporaryFolder folder;
    const auto whole = HostTensor::of("a", {3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
    io::write_npy(folder / "whole.npy", whole);
    const std::span<const std::byte> bytes = whole.data;
    {
        io::NpyWriter writer(folder / "pieces.npy", {3, 2});
        writer.append(bytes.first(4));
        writer.append(bytes.subspan(4, 12));
        CHECK_FALSE(std::filesystem::exists(folder / "pieces.npy"));
        CHECK(thrown_message([&] {
                  writer.append(bytes.subspan(16, 6));
              }).find("pieces.npy: 6 bytes, but 2 elements of 4 are left") != std::string::npos);
        CHECK(thrown_message([&] {
                  writer.append(bytes.first(12));
              }).find("12 bytes, but 2 elements of 4 are left") != std::string::npos);
        CHECK(thrown_message([&] { writer.commit(); }).find("pieces.npy: 2 elements are missing") !=
              std::string::npos);
        writer.append(bytes.subspan(16));
        writer.commit();
    }
    CHECK(contents_of(folder / "pieces.npy") == contents_of(folder / "whole.npy"));
    {
        io::NpyWriter writer(folder / "never.npy", {3, 2});
        writer.append(bytes.first(8));
    }
    CHECK(folder.file_count() == 2);
    CHECK_THROWS_AS(io::NpyWriter(folder / "half.npy", {1}, f16), Error);
    CHECK(folder.file_count() == 2);
}

TEST_CASE("npy: bad files are refused in one sentence") {
    struct Bad {
        std::string bytes;
        std::string message;
    };
    const auto header = [](const std::string& text) { return npy_bytes(text, "1234"); };
    const std::string shape = ", 'shape': (1,)";
    const std::vector<Bad> all = {
        {"", "it is empty"},
        {"hello, this is text", "it does not begin with \\x93NUMPY: it is no NPY file"},
        {"\x93NUMPY\1", "it ends within its header"},
        {"\x93NUMPY" + little_endian(9, 2) + "1234",
         "it is of version 9.0; possible are 1.0, 2.0 and 3.0"},
        {"\x93NUMPY" + little_endian(1, 2) + little_endian(60000, 2) + "{}",
         "its header has 60000 bytes, the file 12"},
        {"\x93NUMPY" + little_endian(2, 2) + little_endian(0xFFFFFFFF, 4) + "{}",
         "its header has 4294967295 bytes, the file 14"},
        {"\x93NUMPY" + little_endian(2, 2) + little_endian(100000, 4) + std::string(200000, ' '),
         "its header has 100000 bytes, more than any array's needs"},
        {header("[]"), "its header is no dictionary as NumPy writes it, at '[]"},
        {header("{'descr': '<f4'" + shape + "}"), "its header lacks 'fortran_order'"},
        {header("{'descr': '<f4', 'descr': '<f4'}"), "its header says 'descr' twice"},
        {header("{'x': 1}"), "its header has an unknown key 'x'"},
        {header(npy_header_of("<c8", "(1,)")), "its elements are of type '<c8'; possible are"},
        {header("{'descr': [('a', '<f4')]}"), "its elements are records of fields, not numbers"},
        {header(npy_header_of("<f4", "(-1,)")), "its header is no dictionary"},
        {header(npy_header_of("<f4", "(1,1,1,1,1,1,1,1,1)")), "it has more than 8 axes"},
        {header(npy_header_of("<f4", "(2,)")),
         "its header announces [2] of 4 bytes each, 8 bytes, but 4 follow"},
        {header(npy_header_of("<f4", "()")) + "5", "announces [] of 4 bytes each, 4 bytes, but 5"},
        {header(npy_header_of("<f8", "(4611686018427387904, 4)")),
         "its header announces more elements than any file holds"},
        {header(npy_header_of("<u4", "(1,)")), "nothing was thrown"},
        {npy_bytes(npy_header_of("<i8", "(2,)"), raw<std::int64_t>({1, 1LL << 40})),
         "element 1 is 1099511627776, beyond 32 bits"},
        {npy_bytes(npy_header_of("<f8", "(1,)"), raw<double>({1e39})),
         "element 0 is 1e+39, beyond 32 bits"},
        {npy_bytes(npy_header_of("|b1", "(1,)"), "\2"), "element 0 is 2, no truth value"},
    };
    const TemporaryFolder folder;
    for (const Bad& bad : all) {
        CAPTURE(bad.message);
        const auto path = folder.put("a.npy", bad.bytes);
        const std::string message = thrown_message([&] { io::read_npy(path); });
        CAPTURE(message);
        CHECK(message.find(bad.message) != std::string::npos);
        if (message != "nothing was thrown") {
            CHECK(message.starts_with("file: npy " + path.string() + ": "));
        }
    }
}

TEST_CASE("npy: as a dataset, in memory and streamed") {
    const TemporaryFolder folder;
    const auto x = folder.put("x.npy", npy_bytes(npy_header_of(">f8", "(3, 2)"),
                                                 swapped(raw<double>({1, 2, 3, 4, 5, 6}), 8)));
    const auto y =
        folder.put("y.npy", npy_bytes(npy_header_of("<i8", "(3,)"), raw<std::int64_t>({0, 2, 1})));
    for (const bool stream : {false, true}) {
        const data::Dataset set = data::npy(x, y, {.stream = stream});
        CHECK(inputs_of(set) == std::vector<float>{1, 2, 3, 4, 5, 6});
        CHECK(set.class_count() == 3);
        CHECK(set.label(1) == 2);
        const std::vector<std::int64_t> picked = {2};
        CHECK(inputs_of(set.subset(picked)) == std::vector<float>{5, 6});
    }
    const auto pixels =
        folder.put("p.npy", npy_bytes(npy_header_of("|u1", "(3, 1)"), "\xFF\x33\1"));
    CHECK(inputs_of(data::npy(pixels, x, {.stream = true}))[1] == 0.2F);
    CHECK(data::npy(pixels, x).target_shape() == Shape{2});
    const auto tokens = data::npy(y, y, {.tokens = true, .stream = true});
    CHECK(tokens.input_dtype() == i32);
    const auto flags =
        folder.put("b.npy", npy_bytes(npy_header_of("|b1", "(3,)"), std::string("\1\0\1", 3)));
    CHECK(inputs_of(data::npy(flags, y)) == std::vector<float>{1, 0, 1});
    CHECK(data::npy(x, flags).label(0) == 1);

    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto gaps =
        folder.put("g.npy", npy_bytes(npy_header_of("<f4", "(3,)"), raw<float>({1, nan, 3})));
    CHECK(thrown_message([&] { data::npy(gaps, y); }) ==
          "file: npy " + gaps.string() + ": element 1 is nan, not finite");
    CHECK(thrown_message([&] { inputs_of(data::npy(gaps, y, {.stream = true})); }) ==
          "file: npy " + gaps.string() + ": element 1 is nan, not finite");
    CHECK(std::isnan(inputs_of(data::npy(gaps, y, {.missing = true, .stream = true}))[1]));
    CHECK_THROWS_AS(data::npy(x, y, {.tokens = true}), Error);
    const auto columns =
        folder.put("f.npy", npy_bytes(npy_header_of("|u1", "(3, 2)", true), "abcdef"));
    CHECK(thrown_message([&] {
              data::npy(columns, y, {.stream = true});
          }).find("cannot be read sample by sample") != std::string::npos);
    const auto one =
        folder.put("o.npy", npy_bytes(npy_header_of("<i8", "(1,)"), raw<std::int64_t>({0})));
    CHECK(thrown_message([&] { data::npy(x, one); }).find("no common first axis") !=
          std::string::npos);
}

TEST_CASE("npz: as NumPy itself writes it") {
    const std::filesystem::path folder = INGOT_NUMPY_FIXTURES;
    for (const char* name : {"numpy.npz", "numpy_packed.npz"}) {
        const std::vector<HostTensor> all = io::read_npz(folder / name);
        CHECK(all.size() == 22);
        for (const HostTensor& tensor : all) {
            CAPTURE(tensor.name);
            if (tensor.name == "scalar") {
                CHECK(tensor.shape == Shape{});
                CHECK(tensor.values<float>()[0] == 2.5F);
                continue;
            }
            if (tensor.name == "empty") {
                CHECK(tensor.shape == Shape{0, 3});
                continue;
            }
            REQUIRE(tensor.shape == Shape{2, 3});
            for (std::size_t i = 0; i < 6; ++i) {
                const int value = 3 * static_cast<int>(i) - 4;
                const int expected = tensor.name == "bool"        ? value > 0
                                     : tensor.name.front() == 'u' ? std::abs(value)
                                                                  : value;
                const auto read = tensor.dtype == f32 ? static_cast<int>(tensor.values<float>()[i])
                                  : tensor.dtype == i32 ? tensor.values<std::int32_t>()[i]
                                                        : tensor.values<std::uint8_t>()[i];
                CHECK(read == expected);
            }
        }
    }
}

TEST_CASE("npz: stored and deflated members, and damage") {
    const std::string x = npy_bytes(npy_header_of("<f4", "(3, 2)"), raw<float>({1, 2, 3, 4, 5, 6}));
    const std::string y = npy_bytes(npy_header_of("<i4", "(3,)"), raw<std::int32_t>({0, 2, 1}));
    const TemporaryFolder folder;
    for (const bool deflate : {false, true}) {
        const std::string bytes = zip_bytes({{"x.npy", x, deflate}, {"labels.npy", y, deflate}});
        const auto path = folder.put("a.npz", bytes);
        const std::vector<HostTensor> all = io::read_npz(path);
        REQUIRE(all.size() == 2);
        CHECK(all[0].name == "x");
        CHECK(all[1].name == "labels");
        CHECK(all[1].values<std::int32_t>()[1] == 2);
        const data::Dataset set = data::npz(path, "x", "labels");
        CHECK(inputs_of(set) == std::vector<float>{1, 2, 3, 4, 5, 6});
        CHECK(set.label(2) == 1);
        CHECK(thrown_message([&] { data::npz(path, "x", "y"); }) ==
              "file: npz " + path.string() + ": it has no array 'y'");
        CHECK_THROWS_AS(data::npz(path, "x", "labels", {.stream = true}), Error);

        std::string damaged = bytes;
        damaged[deflate ? 60 : 170] ^= 4;
        const auto bad = folder.put("bad.npz", damaged);
        CHECK(thrown_message([&] {
                  io::read_npz(bad);
              }).starts_with("file: npz " + bad.string() + ": 'x.npy' is damaged"));
        for (std::size_t size = 1; size < bytes.size(); ++size) {
            const auto cut = folder.put("cut.npz", bytes.substr(0, size));
            REQUIRE(thrown_message([&] {
                        io::read_npz(cut);
                    }).find("it has no directory at its end") != std::string::npos);
        }
    }
    const auto not_npy = folder.put("t.npz", zip_bytes({{"a.npy", "text"}}));
    CHECK(thrown_message([&] { io::read_npz(not_npy); }) ==
          "file: npz " + not_npy.string() +
              ": 'a': it does not begin with \\x93NUMPY: it is no NPY file");
}
