// SPDX-License-Identifier: MIT
// One IDX file: two zero bytes, the element type, the number of axes, the sizes (big-endian
// 32-bit), then the elements, row-major. Plain or gzip, told apart by their first bytes.
#pragma once

#include "data/record_source.h"

#include <ingot/shape.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace ingot::data {

struct IdxFile {
    Shape shape;
    std::vector<std::byte> bytes;  // u8, shape.count() of them
};

// Reads a file of unsigned bytes with `rank` axes: 3 for images, 1 for labels. Throws Error kFile
// with one sentence when it is anything else.
IdxFile read_idx(const std::filesystem::path& path, std::size_t rank);

// A plain file of images, whose pixels stay where they are.
struct IdxPictures {
    Shape shape;  // [count, height, width]
    RecordFile records;
};
IdxPictures open_idx(const std::filesystem::path& path);

}  // namespace ingot::data
