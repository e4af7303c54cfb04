// SPDX-License-Identifier: MIT
// A file read at any place, by several threads at once. Not mapped into memory: a file that shrinks
// while it is read is an error here, and a signal there.
#pragma once

#include "core/check.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace ingot::io {

class RandomAccessFile {
public:
    // Every message opens with `reader` and the path.
    RandomAccessFile(const std::filesystem::path& path, const char* reader);
    ~RandomAccessFile();
    RandomAccessFile(const RandomAccessFile&) = delete;
    RandomAccessFile& operator=(const RandomAccessFile&) = delete;

    std::uint64_t size_bytes() const { return size_bytes_; }  // when it was opened

    // Fills `bytes` from `offset` on; throws when the file ends before.
    void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "{} {}: {}", reader_, path_.string(),
             fmt::format(format, std::forward<Args>(args)...));
    }

private:
    std::filesystem::path path_;
    std::string reader_;
    std::intptr_t file_ = -1;  // a descriptor, or Windows' handle
    std::uint64_t size_bytes_ = 0;
};

}  // namespace ingot::io
