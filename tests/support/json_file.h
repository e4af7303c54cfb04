// SPDX-License-Identifier: MIT
// A file as JSON.
#pragma once

#include "support/temporary_folder.h"

#include <nlohmann/json.hpp>

namespace ingot::testing {

inline nlohmann::json json_in(const std::filesystem::path& path) {
    return nlohmann::json::parse(contents_of(path));
}

}  // namespace ingot::testing
