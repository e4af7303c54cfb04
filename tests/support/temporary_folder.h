// SPDX-License-Identifier: MIT
// A folder of a test's own, gone with all that is in it when the test ends.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace ingot::testing {

class TemporaryFolder {
public:
    TemporaryFolder() {
        static std::atomic<int> number{0};
        const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
        path_ = std::filesystem::temp_directory_path() /
                ("ingot-test-" + std::to_string(now) + "-" + std::to_string(number++));
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code code;
        std::filesystem::remove_all(path_, code);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    // Makes the folders that the name asks for.
    std::filesystem::path put(std::string_view name, std::string_view bytes) const {
        const auto path = path_ / name;
        // ext4 forces a file that is cut to nothing and written again to the disk; a new one not.
        std::filesystem::remove(path);
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
        return path;
    }
    std::size_t file_count() const {
        const auto begin = std::filesystem::directory_iterator(path_);
        return static_cast<std::size_t>(
            std::distance(begin, std::filesystem::directory_iterator()));
    }

private:
    std::filesystem::path path_;
};

inline std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace ingot::testing
