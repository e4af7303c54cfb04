// SPDX-License-Identifier: MIT
#include "io/csv.h"

#include <array>

namespace ingot::io {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
// More is a quote that is never closed, or no table at all.
constexpr std::size_t kMaxFieldBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxFields = std::size_t{1} << 20;

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path, char delimiter)
    : stream_(path, "csv"), delimiter_(delimiter), buffer_(kBufferBytes) {
    constexpr std::array<std::byte, 3> kMark{std::byte{0xEF}, std::byte{0xBB}, std::byte{0xBF}};
    static_cast<void>(peek());
    if (end_ >= kMark.size() && std::equal(kMark.begin(), kMark.end(), buffer_.begin())) {
        at_ = kMark.size();
    }
}

int CsvReader::peek() {
    if (at_ == end_) {
        at_ = 0;
        end_ = stream_.read(buffer_);
        if (end_ == 0) return kEnd;
    }
    return std::to_integer<int>(buffer_[at_]);
}

int CsvReader::get() {
    const int byte = peek();
    if (byte == kEnd) return kEnd;
    ++at_;
    if (byte == '\n') ++next_line_;
    if (byte == 0) error("holds a zero byte: the file is no text in UTF-8");
    return byte;
}

// From behind the opening quote to behind the closing one.
void CsvReader::quoted(std::string& field) {
    for (;;) {
        const int byte = get();
        if (byte == kEnd) error("a quoted field is never closed");
        if (byte == '"') {
            if (peek() != '"') return;
            static_cast<void>(get());
        }
        field.push_back(static_cast<char>(byte));
        if (field.size() > kMaxFieldBytes) {
            error("a quoted field is longer than {} bytes: is it never closed?", kMaxFieldBytes);
        }
    }
}

bool CsvReader::next(std::vector<std::string>& fields) {
    while (peek() == '\n' || peek() == '\r')
        static_cast<void>(get());
    line_ = next_line_;
    if (peek() == kEnd) return false;
    std::size_t count = 0;
    for (bool more = true; more;) {
        if (count == kMaxFields) error("has more than {} fields", kMaxFields);
        if (count == fields.size()) fields.emplace_back();
        std::string& field = fields[count++];
        field.clear();
        const bool is_quoted = peek() == '"';
        if (is_quoted) {
            static_cast<void>(get());
            quoted(field);
        }
        for (;;) {
            const int byte = get();
            if (byte == static_cast<unsigned char>(delimiter_)) break;
            const bool ends = byte == kEnd || byte == '\n' || (byte == '\r' && peek() == '\n');
            if (ends) {
                if (byte == '\r') static_cast<void>(get());
                more = false;
                break;
            }
            if (is_quoted) error("field {}: text follows the closing quote", count);
            if (byte == '"') error("field {}: a quote inside a field that is not quoted", count);
            field.push_back(static_cast<char>(byte));
            if (field.size() > kMaxFieldBytes) {
                error("field {} is longer than {} bytes", count, kMaxFieldBytes);
            }
        }
    }
    fields.resize(count);
    return true;
}

bool CsvReader::skip_line() {
    line_ = next_line_;
    if (peek() == kEnd) return false;
    for (int byte = get(); byte != kEnd && byte != '\n';)
        byte = get();
    return true;
}

}  // namespace ingot::io
