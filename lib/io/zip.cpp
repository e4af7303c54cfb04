// SPDX-License-Identifier: MIT
// ZIP as far as NumPy writes it (PKWARE's APPNOTE: the end of the central directory, its entries,
// the local headers, each with ZIP64's fields). Sizes come from the central directory.
#include "io/npy.h"
#include "io/random_access_file.h"

#include "io/input_stream.h"

#include <algorithm>
#include <limits>

#include <zlib.h>

namespace ingot::io {
namespace {

constexpr std::uint64_t kEndBytes = 22, kEntryBytes = 46, kLocalBytes = 30;
constexpr std::uint64_t kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr std::uint32_t kEndMark = 0x06054B50, kEntryMark = 0x02014B50, kLocalMark = 0x04034B50;
constexpr std::uint32_t kEnd64Mark = 0x06064B50, kLocator64Mark = 0x07064B50;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::uint64_t kMaxDirectoryBytes = std::uint64_t{64} << 20;

// Little-endian numbers at places of a block; the caller has checked that they lie within.
struct Block {
    std::span<const std::byte> bytes;

    std::uint64_t at(std::size_t place, std::size_t count) const {
        std::uint64_t value = 0;
        for (std::size_t i = count; i-- > 0;)
            value = value << 8 | std::to_integer<std::uint64_t>(bytes[place + i]);
        return value;
    }
    std::uint16_t u16(std::size_t place) const { return static_cast<std::uint16_t>(at(place, 2)); }
    std::uint32_t u32(std::size_t place) const { return static_cast<std::uint32_t>(at(place, 4)); }
    std::uint64_t u64(std::size_t place) const { return at(place, 8); }
};

struct Entry {
    std::string name;
    std::uint16_t method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t bytes = 0;
    std::uint64_t local_header = 0;
};

class Zip {
public:
    Zip(const std::filesystem::path& path, const char* reader) : file_(path, reader) {
        read_directory(find_directory());
    }

    const std::vector<Entry>& entries() const { return entries_; }

    std::vector<std::byte> unpacked(const Entry& entry) const {
        if (entry.local_header > file_.size_bytes() ||
            file_.size_bytes() - entry.local_header < kLocalBytes) {
            refuse(entry, "begins at byte {} of {}", entry.local_header, file_.size_bytes());
        }
        const Block local{read(entry.local_header, kLocalBytes)};
        if (local.u32(0) != kLocalMark) {
            refuse(entry, "has no header at byte {}", entry.local_header);
        }
        const std::uint64_t begin =
            entry.local_header + kLocalBytes + local.u16(26) + local.u16(28);
        if (begin > file_.size_bytes() || file_.size_bytes() - begin < entry.packed_bytes) {
            refuse(entry, "has {} bytes at byte {} of {}", entry.packed_bytes, begin,
                   file_.size_bytes());
        }
        if (entry.method == kStored ? entry.bytes != entry.packed_bytes
                                    : entry.bytes / kMaxInflation > entry.packed_bytes) {
            refuse(entry, "announces {} bytes, packed {}", entry.bytes, entry.packed_bytes);
        }
        std::vector<std::byte> packed = bytes_at(begin, entry.packed_bytes);
        std::vector<std::byte> bytes =
            entry.method == kStored ? std::move(packed) : inflated(entry, packed);
        if (crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()),
                    bytes.size()) != entry.checksum) {
            refuse(entry, "is damaged: its checksum differs");
        }
        return bytes;
    }

private:
    struct Directory {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0;
    };

    std::vector<std::byte> bytes_at(std::uint64_t offset, std::uint64_t count) const {
        std::vector<std::byte> bytes(static_cast<std::size_t>(count));
        file_.read_at(offset, bytes);
        return bytes;
    }
    std::span<const std::byte> read(std::uint64_t offset, std::uint64_t count) const {
        scratch_ = bytes_at(offset, count);
        return scratch_;
    }

    // The mark that ends a ZIP file stands before a comment of up to 65,535 bytes.
    Directory find_directory() const {
        const std::uint64_t size = file_.size_bytes();
        const std::uint64_t looked_at = std::min<std::uint64_t>(size, kEndBytes + 0xFFFF);
        const std::vector<std::byte> tail = bytes_at(size - looked_at, looked_at);
        const Block block{tail};
        for (std::size_t back = kEndBytes; back <= looked_at; ++back) {
            const std::size_t at = tail.size() - back;
            if (block.u32(at) != kEndMark || block.u16(at + 20) != back - kEndBytes) continue;
            Directory found{block.u32(at + 16), block.u32(at + 12), block.u16(at + 10)};
            const bool is_64 =
                found.offset == 0xFFFFFFFF || found.bytes == 0xFFFFFFFF || found.entries == 0xFFFF;
            if (is_64) found = directory_64(size - back);
            if (found.offset > size || size - found.offset < found.bytes ||
                found.bytes > kMaxDirectoryBytes) {
                file_.error("its directory has {} bytes at byte {} of {}", found.bytes,
                            found.offset, size);
            }
            return found;
        }
        file_.error("it has no directory at its end: it is no ZIP file, or it is cut off");
    }

    Directory directory_64(std::uint64_t end) const {
        if (end < kLocator64Bytes) file_.error("it lacks ZIP64's locator");
        const Block locator{read(end - kLocator64Bytes, kLocator64Bytes)};
        const std::uint64_t at = locator.u64(8);
        if (locator.u32(0) != kLocator64Mark || at > end || end - at < kEnd64Bytes) {
            file_.error("it lacks ZIP64's locator");
        }
        const Block block{read(at, kEnd64Bytes)};
        if (block.u32(0) != kEnd64Mark) file_.error("it lacks ZIP64's end at byte {}", at);
        return {block.u64(48), block.u64(40), block.u64(32)};
    }

    void read_directory(const Directory& directory) {
        const std::vector<std::byte> bytes = bytes_at(directory.offset, directory.bytes);
        const Block block{bytes};
        std::size_t at = 0;
        std::uint64_t packed = 0;
        for (std::uint64_t i = 0; i < directory.entries; ++i) {
            if (bytes.size() - at < kEntryBytes || block.u32(at) != kEntryMark) {
                file_.error("entry {} of {} of its directory is missing", i, directory.entries);
            }
            const std::size_t name = block.u16(at + 28), extra = block.u16(at + 30);
            const std::size_t whole = kEntryBytes + name + extra + block.u16(at + 32);
            if (bytes.size() - at < whole) {
                file_.error("entry {} of its directory is cut off", i);
            }
            Entry& entry = entries_.emplace_back();
            entry.name.assign(reinterpret_cast<const char*>(&bytes[at + kEntryBytes]), name);
            entry.method = block.u16(at + 10);
            entry.checksum = block.u32(at + 16);
            entry.packed_bytes = block.u32(at + 20);
            entry.bytes = block.u32(at + 24);
            entry.local_header = block.u32(at + 42);
            if ((block.u16(at + 8) & 1) != 0) refuse(entry, "is encrypted");
            if (entry.method != kStored && entry.method != kDeflated) {
                refuse(entry, "is packed by method {}; possible are 0, stored, and 8, deflated",
                       entry.method);
            }
            widen(entry, {std::span(bytes).subspan(at + kEntryBytes + name, extra)});
            at += whole;
            // Or a small file could name the same bytes again and again.
            packed += entry.packed_bytes;
            if (entry.packed_bytes > file_.size_bytes() || packed > file_.size_bytes()) {
                refuse(entry, "and those before it have {} bytes, the file {}", packed,
                       file_.size_bytes());
            }
        }
    }

    // Sizes that do not fit 32 bits stand in an extra field, in this order.
    void widen(Entry& entry, const Block& extra) const {
        for (std::size_t at = 0; at + 4 <= extra.bytes.size();) {
            const std::size_t end = at + 4 + extra.u16(at + 2);
            if (end > extra.bytes.size()) return;
            if (extra.u16(at) == 1) {
                std::size_t place = at + 4;
                for (std::uint64_t* value :
                     {&entry.bytes, &entry.packed_bytes, &entry.local_header}) {
                    if (*value != 0xFFFFFFFF) continue;
                    if (end - place < 8) refuse(entry, "lacks a size of ZIP64");
                    *value = extra.u64(place);
                    place += 8;
                }
            }
            at = end;
        }
    }

    std::vector<std::byte> inflated(const Entry& entry,
                                    const std::vector<std::byte>& packed) const {
        std::vector<std::byte> bytes(static_cast<std::size_t>(entry.bytes));
        z_stream stream{};
        if (inflateInit2(&stream, -15) != Z_OK) refuse(entry, "cannot be unpacked: no memory");
        constexpr std::size_t kChunk = std::size_t{1} << 30;
        std::size_t in = 0, out = 0;
        int status = Z_OK;
        std::byte beyond{};  // where a byte too many would go
        do {
            if (stream.avail_in == 0 && in < packed.size()) {
                const std::size_t part = std::min(packed.size() - in, kChunk);
                stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(&packed[in]));
                stream.avail_in = static_cast<uInt>(part);
                in += part;
            }
            const bool full = out == bytes.size();
            const std::size_t part = full ? 1 : std::min(bytes.size() - out, kChunk);
            stream.next_out = reinterpret_cast<Bytef*>(full ? &beyond : &bytes[out]);
            stream.avail_out = static_cast<uInt>(part);
            status = inflate(&stream, Z_NO_FLUSH);
            const std::size_t done = part - stream.avail_out;
            if (full && done > 0) status = Z_BUF_ERROR;
            if (!full) out += done;
        } while (status == Z_OK);
        inflateEnd(&stream);
        if (status != Z_STREAM_END || out != bytes.size()) {
            refuse(entry, "is damaged: it unpacks to {} bytes, {} are announced", out,
                   bytes.size());
        }
        return bytes;
    }

    template <typename... Args>
    [[noreturn]] void refuse(const Entry& entry, fmt::format_string<Args...> format,
                             Args&&... args) const {
        std::string name = entry.name.substr(0, 40);
        for (char& character : name) {
            if (character < ' ' || character > '~') character = '?';
        }
        file_.error("'{}' {}", name, fmt::format(format, std::forward<Args>(args)...));
    }

    RandomAccessFile file_;
    std::vector<Entry> entries_;
    mutable std::vector<std::byte> scratch_;
};

}  // namespace

std::vector<ZipMember> read_zip(const std::filesystem::path& path, const char* reader,
                                std::span<const std::string> wanted) {
    const Zip zip(path, reader);
    std::vector<ZipMember> members;
    for (const Entry& entry : zip.entries()) {
        if (wanted.empty() || std::find(wanted.begin(), wanted.end(), entry.name) != wanted.end()) {
            members.push_back({entry.name, zip.unpacked(entry)});
        }
    }
    return members;
}

}  // namespace ingot::io
