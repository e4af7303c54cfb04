// SPDX-License-Identifier: MIT
// Damage to the cache file, without a device.
#include "vk/pipeline_cache_file.h"
#include "support.h"

#include <doctest/doctest.h>

#include <cstring>
#include <fstream>

namespace ingot::vk::testing {
namespace {

constexpr std::uint64_t kKey = 42;
constexpr std::size_t kHeaderBytes = 40;

std::vector<std::byte> sample_data() {
    std::vector<std::byte> data(1000);
    for (std::size_t i = 0; i < data.size(); ++i)
        data[i] = static_cast<std::byte>(i * 31);
    return data;
}

std::string slurp(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void spill(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("cache file: what is written is read, and nothing else lies about") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "deep" / "down" / "cache.bin";
    REQUIRE(write_cache_file(path, kKey, sample_data()));
    CHECK(read_cache_file(path, kKey) == sample_data());
    REQUIRE(write_cache_file(path, kKey, sample_data()));  // over an old one
    CHECK(read_cache_file(path, kKey) == sample_data());
    CHECK(slurp(path).size() == kHeaderBytes + sample_data().size());
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path())) {
        files += entry.is_regular_file();
    }
    CHECK(files == 1);
}

TEST_CASE("cache file: any flipped bit is found") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "cache.bin";
    REQUIRE(write_cache_file(path, kKey, sample_data()));
    const std::string good = slurp(path);
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] ^= 1 << (i % 8);
        spill(path, bad);
        accepted += !read_cache_file(path, kKey).empty();
    }
    CHECK(accepted == 0);
}

TEST_CASE("cache file: truncated, lengthened, foreign and absent files are ignored") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "cache.bin";
    CHECK(read_cache_file(path, kKey).empty());
    REQUIRE(write_cache_file(path, kKey, sample_data()));
    CHECK(read_cache_file(path, kKey + 1).empty());
    const std::string good = slurp(path);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kHeaderBytes - 1, kHeaderBytes,
                                   kHeaderBytes + 1, good.size() - 1}) {
        spill(path, good.substr(0, size));
        CHECK(read_cache_file(path, kKey).empty());
    }
    spill(path, good + "x");
    CHECK(read_cache_file(path, kKey).empty());
    CHECK(read_cache_file(folder.path(), kKey).empty());  // a folder
}

TEST_CASE("cache file: a folder that cannot be written is not fatal") {
    const TemporaryFolder folder;
    const auto blocker = folder.path() / "file";
    spill(blocker, "in the way");
    CHECK(!write_cache_file(blocker / "cache.bin", kKey, sample_data()));
    CHECK(!write_cache_file(folder.path() / "cache.bin", kKey, {}));
}

TEST_CASE("cache file: the name follows device and driver") {
    DeviceReport report;
    const auto path = cache_file_of("/cache", report);
    report.driver_version = 1;
    CHECK(cache_file_of("/cache", report) != path);
    report = {};
    report.device_uuid[3] = 1;
    CHECK(cache_file_of("/cache", report) != path);
    CHECK(cache_file_of({}, report).empty());
}

TEST_CASE("cache file: the folder comes from the environment") {
    const ScopedEnvironment xdg("XDG_CACHE_HOME", "/xdg");
    {
        const ScopedEnvironment own("INGOT_CACHE_DIR", "/own");
        CHECK(default_cache_dir() == std::filesystem::path("/own"));
    }
#ifndef _WIN32
    const ScopedEnvironment own("INGOT_CACHE_DIR", "");
    CHECK(default_cache_dir() == std::filesystem::path("/xdg/ingot"));
    const ScopedEnvironment no_xdg("XDG_CACHE_HOME", "");
    const ScopedEnvironment home("HOME", "/home/user");
    CHECK(default_cache_dir() == std::filesystem::path("/home/user/.cache/ingot"));
#endif
}

}  // namespace ingot::vk::testing
