// SPDX-License-Identifier: MIT
#include "io/checked_file.h"

#include <system_error>

namespace ingot::io {

CheckedFile::CheckedFile(const std::filesystem::path& path, const char* reader)
    : path_(path), reader_(reader) {
    std::error_code code;
    if (!std::filesystem::exists(path, code)) error("no such file");
    if (!std::filesystem::is_regular_file(path, code)) error("it is not a file");
    size_bytes_ = std::filesystem::file_size(path, code);
    if (code) error("{}", code.message());
    if (size_bytes_ == 0) error("it is empty");
}

}  // namespace ingot::io
