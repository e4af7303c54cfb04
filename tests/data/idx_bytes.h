// SPDX-License-Identifier: MIT
// IDX files put together by hand, plain or gzip.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace ingot::testing {

inline std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

inline std::string idx_bytes(std::initializer_list<std::uint32_t> sizes, const std::string& data) {
    std::string bytes = big_endian(0x800 + static_cast<std::uint32_t>(sizes.size()));
    for (const std::uint32_t size : sizes)
        bytes += big_endian(size);
    return bytes + data;
}

inline std::string gzipped(const std::string& bytes) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string result(deflateBound(&stream, bytes.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

// Four pictures of 2 x 3, pixel i of picture n is 10 n + i, with labels 0 1 2 1.
inline std::string small_images() {
    std::string pixels;
    for (int n = 0; n < 4; ++n) {
        for (int i = 0; i < 6; ++i)
            pixels += static_cast<char>(10 * n + i);
    }
    return idx_bytes({4, 2, 3}, pixels);
}
inline std::string small_labels() {
    return idx_bytes({4}, std::string("\0\1\2\1", 4));
}

}  // namespace ingot::testing
