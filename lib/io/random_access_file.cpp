// SPDX-License-Identifier: MIT
#include "io/random_access_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#ifdef _WIN32
#define NOMINMAX
#include <windows.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace ingot::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 30;  // of one call to the system

#ifdef _WIN32

std::intptr_t open_file(const fs::path& path) {
    return reinterpret_cast<std::intptr_t>(CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ,
                                                       nullptr, OPEN_EXISTING,
                                                       FILE_ATTRIBUTE_NORMAL, nullptr));
}

void close_file(std::intptr_t file) {
    CloseHandle(reinterpret_cast<HANDLE>(file));
}

// The count read, 0 at the end of the file, or -1.
std::ptrdiff_t read_part(std::intptr_t file, std::uint64_t offset, std::span<std::byte> bytes) {
    OVERLAPPED place{};
    place.Offset = static_cast<DWORD>(offset);
    place.OffsetHigh = static_cast<DWORD>(offset >> 32);
    DWORD count = 0;
    if (ReadFile(reinterpret_cast<HANDLE>(file), bytes.data(), static_cast<DWORD>(bytes.size()),
                 &count, &place)) {
        return static_cast<std::ptrdiff_t>(count);
    }
    return GetLastError() == ERROR_HANDLE_EOF ? 0 : -1;
}

std::string reason() {
    return std::system_category().message(static_cast<int>(GetLastError()));
}

#else

std::intptr_t open_file(const fs::path& path) {
    return open(path.c_str(), O_RDONLY | O_CLOEXEC);
}

void close_file(std::intptr_t file) {
    close(static_cast<int>(file));
}

std::ptrdiff_t read_part(std::intptr_t file, std::uint64_t offset, std::span<std::byte> bytes) {
    for (;;) {
        const auto count =
            pread(static_cast<int>(file), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count >= 0 || errno != EINTR) return count;
    }
}

std::string reason() {
    return std::generic_category().message(errno);
}

#endif

}  // namespace

RandomAccessFile::RandomAccessFile(const fs::path& path, const char* reader)
    : CheckedFile(path, reader) {
    file_ = open_file(path);
    if (file_ == -1) error("it cannot be opened: {}", reason());
}

RandomAccessFile::~RandomAccessFile() {
    if (file_ != -1) close_file(file_);
}

void RandomAccessFile::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
    while (!bytes.empty()) {
        const auto count =
            read_part(file_, offset, bytes.first(std::min(bytes.size(), kChunkBytes)));
        if (count < 0) error("cannot read at byte {}: {}", offset, reason());
        if (count == 0)
            error("it ends before byte {}, where a value is expected", offset + bytes.size());
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

}  // namespace ingot::io
