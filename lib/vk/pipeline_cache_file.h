// SPDX-License-Identifier: MIT
// The file in which compiled pipelines survive the process. Drivers have crashed on damaged cache
// data, so a header of ours stands in front of it: magic, version, key of device and driver, size
// and checksum. Anything that does not match is ignored with one line in the log.
#pragma once

#include "vk/device_report.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace ingot::vk {

std::uint64_t checksum_of(std::span<const std::byte> bytes);  // FNV-1a

// A digest of what makes cached data valid: the device, the driver and its version.
std::uint64_t cache_key_of(const DeviceReport& report);

// INGOT_CACHE_DIR, else $XDG_CACHE_HOME/ingot, else ~/.cache/ingot, else empty. (On Windows
// %LOCALAPPDATA%\ingot in place of the last two.)
std::filesystem::path default_cache_dir();

std::filesystem::path cache_file_of(const std::filesystem::path& cache_dir,
                                    const DeviceReport& report);

// Empty if there is no file or it is not to be trusted.
std::vector<std::byte> read_cache_file(const std::filesystem::path& file, std::uint64_t key);

// Writes under a temporary name, syncs and renames, so that readers see the old file or the new
// one. False with one line in the log if the disk does not let us.
bool write_cache_file(const std::filesystem::path& file, std::uint64_t key,
                      std::span<const std::byte> data);

}  // namespace ingot::vk
