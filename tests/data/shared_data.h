// SPDX-License-Identifier: MIT
// Real data that is no part of this project: a folder beside it, or $INGOT_DATA_DIR. A test that
// needs it says by name that it was skipped.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace ingot::testing {

inline std::optional<std::filesystem::path> shared_data(const std::string& name) {
    const char* given = std::getenv("INGOT_DATA_DIR");
    const std::filesystem::path all =
        given != nullptr && *given != '\0' ? given : INGOT_DATA_FOLDER;
    if (std::filesystem::is_directory(all / name)) return all / name;
    MESSAGE("skipped: there is no folder " << (all / name).string());
    return std::nullopt;
}

}  // namespace ingot::testing
