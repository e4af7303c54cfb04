// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace ingot::testing {

// To the folder that INGOT_SPECIALIZED_DIR names, for spirv-val.
inline void write_words(const std::string& name, const std::vector<std::uint32_t>& words) {
    const char* folder = std::getenv("INGOT_SPECIALIZED_DIR");
    if (!folder) return;
    std::ofstream file(std::string(folder) + "/" + name + ".spv", std::ios::binary);
    file.write(reinterpret_cast<const char*>(words.data()),
               static_cast<std::streamsize>(words.size() * sizeof(words[0])));
    REQUIRE(file.good());
}

}  // namespace ingot::testing
