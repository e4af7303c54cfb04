// SPDX-License-Identifier: MIT
#include "data/idx.h"

#include "core/check.h"
#include "io/input_stream.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 31;  // of one picture

const char* kind_of(std::size_t rank) {
    return rank == 3   ? "an image file [count, height, width]"
           : rank == 1 ? "a label file [count]"
                       : "another kind of file";
}

Shape read_header(io::InputStream& reader, std::size_t rank) {
    std::array<std::byte, 4> magic{};
    if (const std::size_t count = reader.read(magic); count != magic.size()) {
        reader.error("its {} bytes are too few for a header", count);
    }
    const auto type = std::to_integer<std::uint8_t>(magic[2]);
    const auto axes = std::to_integer<std::size_t>(magic[3]);
    const std::uint32_t number = std::to_integer<std::uint32_t>(magic[0]) << 24 |
                                 std::to_integer<std::uint32_t>(magic[1]) << 16 |
                                 std::uint32_t{type} << 8 | static_cast<std::uint32_t>(axes);
    const std::uint32_t expected =
        std::uint32_t{kUnsignedByte} << 8 | static_cast<std::uint32_t>(rank);
    if (number != expected) {
        const bool is_idx = number >> 16 == 0 && type == kUnsignedByte && axes > 0;
        reader.error("its first 4 bytes are {:#010x}: {}; expected {:#010x}, {}", number,
                     is_idx ? kind_of(axes) : "not an IDX file of unsigned bytes", expected,
                     kind_of(rank));
    }
    std::array<std::int64_t, Shape::kMaxRank> sizes{};
    for (std::size_t axis = 0; axis < rank; ++axis) {
        std::array<std::byte, 4> size{};
        if (reader.read(size) != size.size()) reader.error("it ends within its header");
        for (const std::byte byte : size) {
            sizes[axis] = sizes[axis] << 8 | std::to_integer<std::int64_t>(byte);
        }
        if (sizes[axis] == 0) reader.error("its header announces size 0 on axis {}", axis);
    }
    // Three 32-bit sizes can pass 2^63, which Shape would refuse without naming the file.
    if (rank == 3 && sizes[1] > kMaxPixels / sizes[2]) {
        reader.error("its header announces pictures of {} x {} pixels", sizes[1], sizes[2]);
    }
    return Shape(std::span<const std::int64_t>(sizes.data(), rank));
}

std::uint64_t header_bytes(std::size_t rank) {
    return 4 + 4 * rank;
}

// The count of bytes that the header announces, held against the size of the file: nothing is
// allocated on the header's word alone.
std::uint64_t check_size(io::InputStream& reader, const Shape& shape) {
    const auto announced = static_cast<std::uint64_t>(shape.count());
    const std::uint64_t following = reader.size_bytes() - header_bytes(shape.rank());
    if (!reader.compressed() && following != announced) {
        reader.error("its header announces {}, {} bytes, but {} follow", to_string(shape),
                     announced, following);
    }
    if (reader.compressed() && announced / io::kMaxInflation > reader.size_bytes()) {
        reader.error("its header announces {}, {} bytes, more than {} bytes of gzip can hold",
                     to_string(shape), announced, reader.size_bytes());
    }
    return announced;
}

}  // namespace

IdxFile read_idx(const fs::path& path, std::size_t rank) {
    INGOT_CHECK(rank == 1 || rank == 3);
    io::InputStream reader(path, "idx");
    IdxFile file;
    file.shape = read_header(reader, rank);
    const std::uint64_t announced = check_size(reader, file.shape);
    file.bytes.resize(static_cast<std::size_t>(announced));
    const std::size_t count = reader.read(file.bytes);
    if (count != announced) {
        reader.error("its header announces {}, {} bytes, but {} follow", to_string(file.shape),
                     announced, count);
    }
    std::array<std::byte, 1> extra{};
    if (reader.read(extra) != 0) {  // also makes zlib verify the checksum at the end
        reader.error("its header announces {}, {} bytes, but more follow", to_string(file.shape),
                     announced);
    }
    return file;
}

IdxPictures open_idx(const fs::path& path) {
    io::InputStream reader(path, "idx");
    const Shape shape = read_header(reader, 3);
    if (reader.compressed()) {
        reader.error("it is packed by gzip; to be read picture by picture it must be unpacked");
    }
    static_cast<void>(check_size(reader, shape));
    return {shape,
            {.file = std::make_shared<io::RandomAccessFile>(path, "idx"),
             .first_byte = header_bytes(3),
             .stride_bytes = static_cast<std::uint64_t>(shape.without(0).count()),
             .samples = shape[0]}};
}

}  // namespace ingot::data
