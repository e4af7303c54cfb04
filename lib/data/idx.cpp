// SPDX-License-Identifier: MIT
#include "data/idx.h"

#include "core/check.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include <zlib.h>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::uint64_t kMaxInflation = 1032;  // deflate cannot shrink data further than this
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 31;  // of one picture
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

const char* kind_of(std::size_t rank) {
    return rank == 3   ? "an image file [count, height, width]"
           : rank == 1 ? "a label file [count]"
                       : "another kind of file";
}

// zlib's reader, which passes plain files through. Each message opens with the path.
class Reader {
public:
    explicit Reader(const fs::path& path) : path_(path) {
        std::error_code code;
        if (!fs::exists(path, code)) error("no such file");
        if (!fs::is_regular_file(path, code)) error("it is not a file");
        size_bytes_ = fs::file_size(path, code);
        if (code) error("{}", code.message());
        if (size_bytes_ == 0) error("it is empty");
#ifdef _WIN32
        file_ = gzopen_w(path.c_str(), "rb");
#else
        file_ = gzopen(path.c_str(), "rb");
#endif
        if (file_ == nullptr) error("it cannot be opened");
        gzbuffer(file_, 1 << 17);
    }
    ~Reader() {
        gzclose(file_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Fills `bytes` as far as the file reaches and returns the count.
    std::size_t read(std::span<std::byte> bytes) {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const std::size_t part = std::min(bytes.size() - done, kChunkBytes);
            const int count = gzread(file_, bytes.data() + done, static_cast<unsigned>(part));
            int status = Z_OK;
            const char* message = gzerror(file_, &status);
            // zlib delivers what it has before it reports a stream that ends too early.
            if (count >= 0) done += static_cast<std::size_t>(count);
            if (status == Z_BUF_ERROR) {
                error("its gzip data is cut off: the {} bytes end before it does", size_bytes_);
            }
            if (count < 0 || status != Z_OK) {
                const std::string_view text = message;  // "<path>: <reason>"
                const auto colon = text.rfind(": ");
                error("its gzip data is damaged: {}",
                      colon == text.npos ? text : text.substr(colon + 2));
            }
            if (count == 0) break;
        }
        return done;
    }

    bool compressed() {
        return gzdirect(file_) == 0;
    }
    std::uint64_t size_bytes() const {
        return size_bytes_;
    }

    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "idx {}: {}", path_.string(),
             fmt::format(format, std::forward<Args>(args)...));
    }

private:
    fs::path path_;
    gzFile file_ = nullptr;
    std::uint64_t size_bytes_ = 0;
};

Shape read_header(Reader& reader, std::size_t rank) {
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

}  // namespace

IdxFile read_idx(const fs::path& path, std::size_t rank) {
    INGOT_CHECK(rank == 1 || rank == 3);
    Reader reader(path);
    IdxFile file;
    file.shape = read_header(reader, rank);
    const auto announced = static_cast<std::uint64_t>(file.shape.count());
    const std::uint64_t header_bytes = 4 + 4 * rank;

    // Nothing is allocated on the header's word alone.
    if (!reader.compressed() && reader.size_bytes() - header_bytes != announced) {
        reader.error("its header announces {}, {} bytes, but {} follow", to_string(file.shape),
                     announced, reader.size_bytes() - header_bytes);
    }
    if (reader.compressed() && announced / kMaxInflation > reader.size_bytes()) {
        reader.error("its header announces {}, {} bytes, more than {} bytes of gzip can hold",
                     to_string(file.shape), announced, reader.size_bytes());
    }
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

}  // namespace ingot::data
