// SPDX-License-Identifier: MIT
// A file read from front to back, plain or gzip, told apart by its first bytes.
#pragma once

#include "core/check.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

struct gzFile_s;

namespace ingot::io {

// Deflate cannot shrink data further than this: what a header announces is held against it before
// anything is allocated.
inline constexpr std::uint64_t kMaxInflation = 1032;

class InputStream {
public:
    // Every message opens with `reader` and the path: "idx /data/a.gz: it is empty".
    InputStream(const std::filesystem::path& path, const char* reader);
    ~InputStream();
    InputStream(const InputStream&) = delete;
    InputStream& operator=(const InputStream&) = delete;

    // Fills `bytes` as far as the file reaches and returns the count.
    std::size_t read(std::span<std::byte> bytes);

    bool compressed();
    std::uint64_t size_bytes() const { return size_bytes_; }  // of the file as it lies on the disk

    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "{} {}: {}", reader_, path_.string(),
             fmt::format(format, std::forward<Args>(args)...));
    }

private:
    std::filesystem::path path_;
    std::string reader_;
    gzFile_s* file_ = nullptr;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace ingot::io
