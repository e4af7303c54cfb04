// SPDX-License-Identifier: MIT
// The JSON header of a safetensors file, taken apart and checked before anything is allocated for
// the tensors it announces:
//   {"__metadata__": {"k": "v"}, "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0,
//   24]}}
// Offsets count from the end of the header. The byte ranges must tile the payload exactly.
#pragma once

#include <ingot/io.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::io {

inline constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // as in the reference reader
inline constexpr const char* kMetadataKey = "__metadata__";

struct SafetensorsEntry {
    std::string name;
    std::string type;                  // as in the file: "F32", "BF16" ...
    std::vector<std::uint64_t> sizes;  // the shape
    std::vector<std::uint64_t> range;  // {begin, end} in the payload

    std::uint64_t size_bytes() const { return range[1] - range[0]; }
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries;  // by their place in the payload
    Metadata metadata;
};

// `source` (the path) opens every message.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t payload_bytes,
                                           const std::string& source);

// Bytes of one element of a type of the format; 0 when it is unknown or not a whole byte.
std::uint64_t safetensors_element_bytes(std::string_view type);

// For messages: a name in quotes, shortened when a hostile file makes it endless.
std::string in_quotes(std::string_view name);

}  // namespace ingot::io
