// SPDX-License-Identifier: MIT
#include "io/atomic_file.h"

#include "core/check.h"
#include "io/process.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#ifdef _WIN32
#include <io.h>
#include <windows.h>
#else
#include <unistd.h>
#endif

namespace ingot::io {
namespace {

namespace fs = std::filesystem;

// One call writes at most this much: the systems' own limits lie just below 2 GiB.
constexpr std::size_t kMaxWriteBytes = std::size_t{1} << 30;

std::string reason(int code) {
    return std::generic_category().message(code);
}

#ifdef _WIN32
std::ptrdiff_t system_write(int file, const void* bytes, std::size_t count) {
    return _write(file, bytes, static_cast<unsigned>(count));
}
int system_sync(int file) {
    return _commit(file);
}
int create_new(const fs::path& path) {
    return _wopen(path.c_str(), _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY, _S_IREAD | _S_IWRITE);
}
void close_file(int file) {
    _close(file);
}
int replace(const fs::path& from, const fs::path& to) {
    const DWORD flags = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
    if (MoveFileExW(from.c_str(), to.c_str(), flags) != 0) return 0;
    errno = GetLastError() == ERROR_DISK_FULL ? ENOSPC : EACCES;
    return -1;
}
void keep_permissions(int, const fs::path&) {}
int sync_folder(const fs::path&, const FileCalls&) {
    return 0;
}  // MOVEFILE_WRITE_THROUGH did
#else
std::ptrdiff_t system_write(int file, const void* bytes, std::size_t count) {
    return ::write(file, bytes, count);
}
int system_sync(int file) {
    return ::fsync(file);
}
int create_new(const fs::path& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}
void close_file(int file) {
    ::close(file);
}
int replace(const fs::path& from, const fs::path& to) {
    return ::rename(from.c_str(), to.c_str());
}
void keep_permissions(int file, const fs::path& old) {
    struct stat status {};
    if (::stat(old.c_str(), &status) == 0)
        static_cast<void>(::fchmod(file, status.st_mode & 07777));
}
int sync_folder(const fs::path& folder, const FileCalls& calls) {
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return errno == EACCES ? 0 : -1;  // a folder one may write to but not read
    const int result = calls.sync(file);
    const int code = errno;
    ::close(file);
    errno = code;
    return result == 0 || code == EINVAL ? 0 : -1;  // EINVAL: not something this system syncs
}
#endif

}  // namespace

const FileCalls kSystemCalls = {system_write, system_sync};

AtomicFile::AtomicFile(const fs::path& path, const FileCalls& calls) : path_(path), calls_(calls) {
    static std::atomic<unsigned> number{0};
    std::error_code code;
    const fs::file_status status = fs::status(path_, code);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        fail(ErrorKind::kFile, "cannot write {}: it is {}", path_.string(),
             fs::is_directory(status) ? "a folder" : "not a regular file");
    }
    // A link stays a link: what it points to is replaced.
    if (fs::is_symlink(fs::symlink_status(path_, code))) {
        const fs::path target = fs::canonical(path_, code);
        if (code) fail_with("follow the link", code.value());
        path_ = target;
    }
    temporary_ = path_;
    temporary_ += fmt::format(".{}-{}.tmp", process_id(), number++);
    file_ = create_new(temporary_);
    if (file_ < 0) {
        const int error = errno;
        temporary_.clear();
        fail_with("create a file beside it", error);
    }
    keep_permissions(file_, path_);
}

AtomicFile::~AtomicFile() {
    if (file_ >= 0) close_file(file_);
    std::error_code code;
    if (!temporary_.empty()) fs::remove(temporary_, code);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    INGOT_CHECK(file_ >= 0);
    while (!bytes.empty()) {
        const std::size_t part = std::min(bytes.size(), kMaxWriteBytes);
        const std::ptrdiff_t count = calls_.write(file_, bytes.data(), part);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail_with("write", count < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        written_bytes_ += static_cast<std::uint64_t>(count);
    }
}

void AtomicFile::commit() {
    INGOT_CHECK(file_ >= 0);
    if (calls_.sync(file_) != 0) fail_with("force it to the disk", errno);
    close_file(std::exchange(file_, -1));
    if (replace(temporary_, path_) != 0) fail_with("rename the new file over it", errno);
    temporary_.clear();
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    if (sync_folder(folder, calls_) != 0) fail_with("force its folder to the disk", errno);
}

void AtomicFile::fail_with(const char* action, int code) const {
    fail(ErrorKind::kFile, "cannot write {}: failed to {} after {} bytes: {}", path_.string(),
         action, written_bytes_, reason(code));
}

}  // namespace ingot::io
