// SPDX-License-Identifier: MIT
// What readers of files share: the path, the size, and messages that name the reader and the path.
#pragma once

#include "core/check.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace ingot::io {

class CheckedFile {
public:
    // Throws when there is no regular file, or an empty one. Every message opens with `reader` and
    // the path: "idx /data/a.gz: it is empty".
    CheckedFile(const std::filesystem::path& path, const char* reader);

    // Of the file as it lay on the disk when it was opened.
    std::uint64_t size_bytes() const { return size_bytes_; }

    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "{} {}: {}", reader_, path_.string(),
             fmt::format(format, std::forward<Args>(args)...));
    }

private:
    std::filesystem::path path_;
    std::string reader_;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace ingot::io
