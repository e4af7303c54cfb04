// SPDX-License-Identifier: MIT
// Rows of pictures as one PNG file, for samples that show what they have learned.
#pragma once

#include <ingot/image.h>
#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace pictures {

struct Row {
    std::span<const float> values;  // [columns or more, channels, size, size] in 0..1
    std::int64_t channels = 1;      // 1 grey, 3 RGB; 2 red and green
};

// Pictures of size x size pixels, `columns` in each row, with white between them.
inline void write_rows(const std::filesystem::path& path, const std::vector<Row>& rows,
                       std::int64_t columns, std::int64_t size) {
    const std::int64_t cell = size + 2, pixels = size * size;
    ingot::Image all{columns * cell - 2, static_cast<std::int64_t>(rows.size()) * cell - 2, 3, {}};
    for (std::int64_t i = 0; i < all.height * all.width; ++i) {
        const std::int64_t y = i / all.width, x = i % all.width;
        const auto& [values, channels] = rows[static_cast<std::size_t>(y / cell)];
        for (std::int64_t c = 0; c < 3; ++c) {
            float value = 0;
            if (y % cell >= size || x % cell >= size) {
                value = 1;
            } else if (channels == 1 || c < channels) {
                const std::int64_t plane = x / cell * channels + (channels == 1 ? 0 : c);
                value =
                    values[static_cast<std::size_t>(plane * pixels + y % cell * size + x % cell)];
            }
            all.pixels.push_back(
                static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0F, 1.0F))));
        }
    }
    ingot::io::write_png(path, all);
}

}  // namespace pictures
