// SPDX-License-Identifier: MIT
// Every way a safetensors file can lie, and the sentence that answers it.
#include "safetensors_bytes.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

using namespace ingot;
using ingot::testing::little_endian;
using ingot::testing::safetensors_bytes;
using ingot::testing::TemporaryFolder;
using ingot::testing::thrown_message;

namespace {

struct BadFile {
    const char* what;
    std::string bytes;
    std::string message;  // after "file: safetensors <path>: "
};

std::string tensor(const std::string& name, const std::string& type, const std::string& shape,
                   const std::string& range) {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + range + "}";
}

std::string with(const std::string& entries, std::size_t data_bytes) {
    return safetensors_bytes("{" + entries + "}", std::string(data_bytes, 'd'));
}

const BadFile kBadFiles[] = {
    {"empty", "", "0 bytes are too few for the size of a header"},
    {"seven bytes", "1234567", "7 bytes are too few for the size of a header"},
    {"header beyond the file", little_endian(100) + "{}",
     "the header would have 100 bytes; the file has 2 after its size, and 100000000 are allowed"},
    {"header of 2^64 - 1 bytes", little_endian(~std::uint64_t{0}) + "{}",
     "the header would have 18446744073709551615 bytes; the file has 2 after its size, and "
     "100000000 are allowed"},
    {"no JSON", safetensors_bytes("not json", ""), "the header is not valid JSON (at its byte 2)"},
    {"no header", safetensors_bytes("", ""), "the header is not valid JSON (at its byte 1)"},
    {"cut JSON", safetensors_bytes("{\"a\":{\"dtype\":", ""),
     "the header is not valid JSON (at its byte 15)"},
    {"two objects", safetensors_bytes("{}{}", ""), "the header is not valid JSON (at its byte 3)"},
    {"not UTF-8", safetensors_bytes("{\"\xFF\":1}", ""),
     "the header is not valid JSON (at its byte 3)"},
    {"a list", safetensors_bytes("[]", ""), "the header is a list, not an object"},
    {"a number", safetensors_bytes("7", ""), "the header is a number, not an object"},
    {"tensor is a text", with("\"a\":\"b\"", 0), "'a' is a text, not an object"},
    {"tensor is null", with("\"a\":null", 0), "'a' is null, not an object"},
    {"tensor is a list", with("\"a\":[]", 0), "'a' is a list, not an object"},
    {"nested object", with("\"a\":{\"shape\":{}}", 0), "tensor 'a': 'shape' holds an object"},
    {"nested list", with("\"a\":{\"shape\":[[1]]}", 0), "tensor 'a': 'shape' holds a list"},
    {"shape is a number", with("\"a\":{\"shape\":4}", 0), "tensor 'a': 'shape' holds a number"},
    {"dtype is a number", with("\"a\":{\"dtype\":4}", 0), "tensor 'a': 'dtype' holds a number"},
    {"dtype is a list", with("\"a\":{\"dtype\":[\"F32\"]}", 0), "tensor 'a': 'dtype' holds a list"},
    {"a truth value", with("\"a\":{\"shape\":[true]}", 0),
     "tensor 'a': 'shape' holds a truth value"},
    {"negative size", with(tensor("a", "F32", "[-1]", "[0,4]"), 4),
     "tensor 'a': negative number -1 in 'shape'"},
    {"half a size", with(tensor("a", "F32", "[1.5]", "[0,4]"), 4),
     "tensor 'a': '1.5' in 'shape' is not a whole number"},
    {"number beyond 64 bits", with(tensor("a", "F32", "[99999999999999999999]", "[0,4]"), 4),
     "tensor 'a': '99999999999999999999' in 'shape' is not a whole number"},
    {"too many axes", with(tensor("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4),
     "tensor 'a': more than 8 numbers in 'shape'"},
    {"three offsets", with(tensor("a", "F32", "[1]", "[0,4,8]"), 4),
     "tensor 'a': data_offsets has 3 numbers, not 2"},
    {"no offsets", with("\"a\":{\"dtype\":\"F32\",\"shape\":[1]}", 4),
     "tensor 'a': field 'data_offsets' is missing"},
    {"no fields", with("\"a\":{}", 0), "tensor 'a': field 'dtype' is missing"},
    {"unknown field", with("\"a\":{\"stride\":1}", 0), "tensor 'a': unknown field 'stride'"},
    {"field twice", with("\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\"}", 0),
     "tensor 'a': field 'dtype' appears twice"},
    {"name twice",
     with(tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("a", "F32", "[1]", "[4,8]"), 8),
     "the name 'a' appears twice"},
    {"metadata twice", with("\"__metadata__\":{},\"__metadata__\":{}", 0),
     "the name '__metadata__' appears twice"},
    {"metadata key twice", with("\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}", 0),
     "__metadata__: 'k' appears twice"},
    {"metadata number", with("\"__metadata__\":{\"k\":1}", 0),
     "__metadata__: 'k' is a number, not a text"},
    {"metadata is a text", with("\"__metadata__\":\"x\"", 0),
     "'__metadata__' is a text, not an object"},
    {"unknown type", with(tensor("a", "F8_E4M3", "[4]", "[0,4]"), 4),
     "tensor 'a': type 'F8_E4M3' is not supported"},
    {"type not computed in", with(tensor("a", "U64", "[1]", "[0,8]"), 8),
     "tensor 'a': type 'U64' is not supported"},
    {"beyond the data", with(tensor("a", "F32", "[2]", "[0,8]"), 4),
     "tensor 'a': its bytes 0 to 8 lie outside the 4 bytes of data"},
    {"end before begin", with(tensor("a", "F32", "[1]", "[4,0]"), 4),
     "tensor 'a': its bytes 4 to 0 lie outside the 4 bytes of data"},
    {"shape needs more", with(tensor("a", "F32", "[3]", "[0,8]"), 8),
     "tensor 'a': shape [3] of F32 needs 12 bytes, but bytes 0 to 8 are 8"},
    {"shape needs less", with(tensor("a", "U8", "[2,2]", "[0,8]"), 8),
     "tensor 'a': shape [2, 2] of U8 needs 4 bytes, but bytes 0 to 8 are 8"},
    {"shape wraps round", with(tensor("a", "F32", "[4294967296,4294967296,4]", "[0,0]"), 0),
     "tensor 'a': shape [4294967296, 4294967296, 4] has too many elements"},
    {"size wraps round", with(tensor("a", "F32", "[4611686018427387904]", "[0,0]"), 0),
     "tensor 'a': shape [4611686018427387904] has too many elements"},
    {"a lying shape", with(tensor("a", "F32", "[1000000000000]", "[0,4]"), 4),
     "tensor 'a': shape [1000000000000] of F32 needs 4000000000000 bytes, but bytes 0 to 4 are 4"},
    {"a hole before", with(tensor("a", "F32", "[1]", "[4,8]"), 8),
     "tensor 'a': its data begins at byte 4, with a hole after the end of the one before it at 0"},
    {"a hole between",
     with(tensor("b", "F32", "[1]", "[8,12]") + "," + tensor("a", "F32", "[1]", "[0,4]"), 12),
     "tensor 'b': its data begins at byte 8, with a hole after the end of the one before it at 4"},
    {"overlap",
     with(tensor("a", "F32", "[2]", "[0,8]") + "," + tensor("b", "F32", "[1]", "[4,8]"), 8),
     "tensor 'b': its data begins at byte 4, before the end of the one before it at 8"},
    {"data after the last", with(tensor("a", "F32", "[1]", "[0,4]"), 9),
     "the tensors end at byte 4 of the data, but the file holds 9"},
    {"data without tensors", with("", 5),
     "the tensors end at byte 0 of the data, but the file holds 5"},
};

}  // namespace

TEST_CASE("safetensors: malformed files are refused in one sentence") {
    const TemporaryFolder folder;
    for (const BadFile& bad : kBadFiles) {
        CAPTURE(bad.what);
        const auto path = folder.put("bad.safetensors", bad.bytes);
        CHECK(thrown_message([&] { io::read_safetensors(path); }) ==
              "file: safetensors " + path.string() + ": " + bad.message);
    }
}

TEST_CASE("safetensors: a deep or endless header is refused without harm") {
    const TemporaryFolder folder;
    for (const std::string& header :
         {std::string(1 << 20, '['), "{\"a\":{\"shape\":" + std::string(1 << 20, '{'),
          "{\"" + std::string(1 << 20, 'n') + "\":1}"}) {
        const auto path = folder.put("deep.safetensors", safetensors_bytes(header, ""));
        const std::string message = thrown_message([&] { io::read_safetensors(path); });
        CHECK(message.rfind("file: safetensors ", 0) == 0);
        CHECK(message.size() < 500);
    }
}

TEST_CASE("safetensors: what cannot be written is refused before a file is touched") {
    const TemporaryFolder folder;
    const auto path = folder / "a.safetensors";
    const auto message = [&](const std::vector<HostTensor>& tensors, const io::Metadata& metadata) {
        const std::string text =
            thrown_message([&] { io::write_safetensors(path, tensors, metadata); });
        const std::string start = "invalid argument: safetensors " + path.string() + ": ";
        return text.rfind(start, 0) == 0 ? text.substr(start.size()) : text;
    };
    CHECK(message({HostTensor::zeros("", {1})}, {}) == "'' cannot name a tensor");
    CHECK(message({HostTensor::zeros("__metadata__", {1})}, {}) ==
          "'__metadata__' cannot name a tensor");
    CHECK(message({HostTensor::zeros("a", {1}), HostTensor::zeros("a", {2})}, {}) ==
          "two tensors are named 'a'");
    CHECK(message({{"a", {2, 2}, f32, std::vector<std::byte>(12)}}, {}) ==
          "tensor 'a': shape [2, 2] has 4 elements of f32, data has 12 bytes");
    CHECK(message({HostTensor::zeros("\xC3", {1})}, {}) ==
          "a tensor's name or the metadata is not valid UTF-8");
    CHECK(message({}, {{"k", "\xFF"}}) == "a tensor's name or the metadata is not valid UTF-8");
    CHECK(folder.file_count() == 0);
}
