// SPDX-License-Identifier: MIT
// A regular file read from front to back, whose size is known before anything is allocated for it.
#pragma once

#include "core/check.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

namespace ingot::io {

class InputFile {
public:
    explicit InputFile(const std::filesystem::path& path) : path_(path) {
        std::error_code code;
        const auto status = std::filesystem::status(path, code);
        if (!std::filesystem::exists(status)) {
            fail(ErrorKind::kFile, "cannot read {}: {}", path.string(),
                 code ? code.message() : "no such file");
        }
        if (!std::filesystem::is_regular_file(status)) {
            fail(ErrorKind::kFile, "cannot read {}: it is {}", path.string(),
                 std::filesystem::is_directory(status) ? "a folder" : "not a regular file");
        }
        size_bytes_ = std::filesystem::file_size(path, code);
        if (!code) stream_.open(path, std::ios::binary);
        if (code || !stream_) {
            fail(ErrorKind::kFile, "cannot read {}: {}", path.string(),
                 code ? code.message() : std::generic_category().message(errno));
        }
    }

    std::uint64_t size_bytes() const { return size_bytes_; }

    void read(std::span<std::byte> bytes) {
        stream_.read(reinterpret_cast<char*>(bytes.data()),
                     static_cast<std::streamsize>(bytes.size()));
        if (static_cast<std::size_t>(stream_.gcount()) != bytes.size()) {
            fail(ErrorKind::kFile, "cannot read {}: it ended {} bytes early while being read",
                 path_.string(), bytes.size() - static_cast<std::size_t>(stream_.gcount()));
        }
    }

private:
    std::filesystem::path path_;
    std::ifstream stream_;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace ingot::io
