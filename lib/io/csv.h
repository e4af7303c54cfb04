// SPDX-License-Identifier: MIT
// Comma-separated values by RFC 4180, record by record. Beyond it: any delimiter, LF line ends, a
// UTF-8 byte order mark, and blank lines, which are skipped.
#pragma once

#include "io/input_stream.h"

#include <string>
#include <vector>

namespace ingot::io {

class CsvReader {
public:
    CsvReader(const std::filesystem::path& path, char delimiter);

    // The fields of the next record, unquoted; false at the end of the file.
    bool next(std::vector<std::string>& fields);
    // Goes past the next line, whatever is on it; false at the end of the file.
    bool skip_line();

    std::uint64_t line() const { return line_; }  // where the last record began, from 1

    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        stream_.error("line {}: {}", line_, fmt::format(format, std::forward<Args>(args)...));
    }

private:
    static constexpr int kEnd = -1;

    int peek();
    int get();
    void quoted(std::string& field);

    InputStream stream_;
    char delimiter_;
    std::vector<std::byte> buffer_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::uint64_t next_line_ = 1;
    std::uint64_t line_ = 1;
};

}  // namespace ingot::io
