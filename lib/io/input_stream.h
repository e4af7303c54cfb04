// SPDX-License-Identifier: MIT
// A file read from front to back, plain or gzip, told apart by its first bytes.
#pragma once

#include "io/checked_file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

struct gzFile_s;

namespace ingot::io {

// Deflate cannot shrink data further than this: what a header announces is held against it before
// anything is allocated.
inline constexpr std::uint64_t kMaxInflation = 1032;

class InputStream : public CheckedFile {
public:
    InputStream(const std::filesystem::path& path, const char* reader);
    ~InputStream();
    InputStream(const InputStream&) = delete;
    InputStream& operator=(const InputStream&) = delete;

    // Fills `bytes` as far as the file reaches and returns the count.
    std::size_t read(std::span<std::byte> bytes);

    bool compressed();

private:
    gzFile_s* file_ = nullptr;
};

}  // namespace ingot::io
