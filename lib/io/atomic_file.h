// SPDX-License-Identifier: MIT
// A file that appears whole or not at all. Bytes go to a temporary name beside the target; commit()
// forces them to the disk, renames them over the target and forces the folder. On any failure, and
// when commit() is never reached, the temporary is removed and the old file is as it was (but for
// the last step: when only the folder could not be forced, the new file is in place). A process
// killed midway leaves the temporary, named <target>.<process>-<number>.tmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace ingot::io {

// The calls that a full disk makes fail; tests put their own in place.
struct FileCalls {
    // Like write(2): the count written, which may be short, or -1 with errno set.
    std::ptrdiff_t (*write)(int file, const void* bytes, std::size_t count);
    int (*sync)(int file);  // 0, or -1 with errno set
};
extern const FileCalls kSystemCalls;

class AtomicFile {
public:
    explicit AtomicFile(const std::filesystem::path& path, const FileCalls& calls = kSystemCalls);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    // Error kFile names the target, the bytes written before and the system's reason.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    void commit();

private:
    [[noreturn]] void fail_with(const char* action, int code) const;

    std::filesystem::path path_;
    std::filesystem::path temporary_;
    FileCalls calls_;
    int file_ = -1;
    std::uint64_t written_bytes_ = 0;
};

}  // namespace ingot::io
