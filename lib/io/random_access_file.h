// SPDX-License-Identifier: MIT
// A file read at any place, by several threads at once. Not mapped into memory: a file that shrinks
// while it is read is an error here, and a signal there.
#pragma once

#include "io/checked_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace ingot::io {

class RandomAccessFile : public CheckedFile {
public:
    RandomAccessFile(const std::filesystem::path& path, const char* reader);
    ~RandomAccessFile();
    RandomAccessFile(const RandomAccessFile&) = delete;
    RandomAccessFile& operator=(const RandomAccessFile&) = delete;

    // Fills `bytes` from `offset` on; throws when the file ends before.
    void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

private:
    std::intptr_t file_ = -1;  // a descriptor, or Windows' handle
};

}  // namespace ingot::io
