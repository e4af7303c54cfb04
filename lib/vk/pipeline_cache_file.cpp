// SPDX-License-Identifier: MIT
#include "vk/pipeline_cache_file.h"

#include "core/log.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

namespace ingot::vk {
namespace {

constexpr std::array<char, 8> kMagic{'i', 'n', 'g', 'o', 't', 'p', 'i', 'p'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;  // more than this is not ours

struct FileHeader {
    std::array<char, 8> magic = kMagic;
    std::uint32_t version = kVersion;
    std::uint32_t header_bytes = sizeof(FileHeader);
    std::uint64_t key = 0;
    std::uint64_t data_bytes = 0;
    std::uint64_t checksum = 0;
};
static_assert(sizeof(FileHeader) == 40, "no padding: the header is written as it lies in memory");

class Fnv {
public:
    void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes) {
            state_ = (state_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
        }
    }
    template <typename T>
    void add_value(const T& value) {
        add(std::as_bytes(std::span<const T>(&value, 1)));
    }
    std::uint64_t digest() const { return state_; }

private:
    std::uint64_t state_ = 0xcbf29ce484222325u;
};

struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

File open(const std::filesystem::path& path, bool write) {
#ifdef _WIN32
    return File(_wfopen(path.c_str(), write ? L"wb" : L"rb"));
#else
    return File(std::fopen(path.c_str(), write ? "wb" : "rb"));
#endif
}

bool sync(std::FILE* file) {
    if (std::fflush(file) != 0) return false;
#ifdef _WIN32
    return _commit(_fileno(file)) == 0;
#else
    return fsync(fileno(file)) == 0;
#endif
}

int process_id() {
#ifdef _WIN32
    return _getpid();
#else
    return static_cast<int>(getpid());
#endif
}

const char* fault_of(const FileHeader& header, std::uint64_t key, std::uint64_t file_bytes) {
    if (header.magic != kMagic) return "it is not a pipeline cache";
    if (header.version != kVersion || header.header_bytes != sizeof(FileHeader)) {
        return "it is of another version";
    }
    if (header.key != key) return "it belongs to another device or driver";
    if (header.data_bytes != file_bytes - sizeof(FileHeader)) return "its size is wrong";
    return nullptr;
}

std::vector<std::byte> ignore(const std::filesystem::path& file, const char* reason) {
    log(LogLevel::kDebug, "pipeline cache: {} is ignored: {}", file.string(), reason);
    return {};
}

bool not_written(const std::filesystem::path& file, const std::string& reason) {
    log(LogLevel::kDebug, "pipeline cache: {} could not be written: {}", file.string(), reason);
    return false;
}

std::filesystem::path environment_path(const char* name) {
    const char* value = std::getenv(name);
    return value ? std::filesystem::path(value) : std::filesystem::path();
}

}  // namespace

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
    Fnv fnv;
    fnv.add(bytes);
    return fnv.digest();
}

std::uint64_t cache_key_of(const DeviceReport& report) {
    Fnv fnv;
    fnv.add_value(report.vendor_id);
    fnv.add_value(report.device_id);
    fnv.add_value(report.driver_version);
    fnv.add_value(report.device_uuid);
    fnv.add_value(report.driver_uuid);
    fnv.add_value(report.pipeline_cache_uuid);
    return fnv.digest();
}

std::filesystem::path default_cache_dir() {
    if (auto dir = environment_path("INGOT_CACHE_DIR"); !dir.empty()) return dir;
#ifdef _WIN32
    if (auto dir = environment_path("LOCALAPPDATA"); !dir.empty()) return dir / "ingot";
#else
    if (auto dir = environment_path("XDG_CACHE_HOME"); !dir.empty()) return dir / "ingot";
    if (auto home = environment_path("HOME"); !home.empty()) return home / ".cache" / "ingot";
#endif
    return {};
}

std::filesystem::path cache_file_of(const std::filesystem::path& cache_dir,
                                    const DeviceReport& report) {
    if (cache_dir.empty()) return {};
    return cache_dir / fmt::format("pipelines-{:016x}.bin", cache_key_of(report));
}

std::vector<std::byte> read_cache_file(const std::filesystem::path& path, std::uint64_t key) {
    std::error_code error;
    const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
    if (error) return {};  // the usual case of a first run
    if (file_bytes <= sizeof(FileHeader)) return ignore(path, "it is truncated");
    if (file_bytes > kMaxBytes) return ignore(path, "it is too large");
    const File file = open(path, false);
    FileHeader header;
    if (!file || std::fread(&header, sizeof(header), 1, file.get()) != 1) {
        return ignore(path, "it cannot be read");
    }
    if (const char* fault = fault_of(header, key, file_bytes)) return ignore(path, fault);
    std::vector<std::byte> data(header.data_bytes);
    if (std::fread(data.data(), data.size(), 1, file.get()) != 1) {
        return ignore(path, "it cannot be read");
    }
    if (checksum_of(data) != header.checksum) return ignore(path, "its checksum is wrong");
    return data;
}

bool write_cache_file(const std::filesystem::path& path, std::uint64_t key,
                      std::span<const std::byte> data) {
    if (data.empty()) return not_written(path, "there is no data");
    FileHeader header;
    header.key = key;
    header.data_bytes = data.size();
    header.checksum = checksum_of(data);

    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    std::filesystem::path temporary = path;
    temporary += fmt::format(".{}.tmp", process_id());
    bool written = false;
    {
        const File file = open(temporary, true);
        if (!file) return not_written(path, std::strerror(errno));
        written = std::fwrite(&header, sizeof(header), 1, file.get()) == 1 &&
                  std::fwrite(data.data(), data.size(), 1, file.get()) == 1 && sync(file.get());
    }
    if (written) std::filesystem::rename(temporary, path, error);
    if (written && !error) return true;
    const std::string reason = written ? error.message() : "the disk refused the data";
    std::filesystem::remove(temporary, error);
    return not_written(path, reason);
}

}  // namespace ingot::vk
