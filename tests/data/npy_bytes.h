// SPDX-License-Identifier: MIT
// NPY files and the ZIP files around them, put together by hand.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::testing {

inline std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> 8 * i & 0xFF);
    return text;
}

// Version 1 pads the header to a multiple of 64 bytes, as NumPy does.
inline std::string npy_bytes(const std::string& dictionary, const std::string& elements,
                             int version = 1) {
    std::string header = dictionary;
    const std::size_t fixed = version == 1 ? 10 : 12;
    while ((fixed + header.size() + 1) % 64 != 0)
        header += ' ';
    header += '\n';
    return "\x93NUMPY" + little_endian(static_cast<std::uint64_t>(version), 2) +
           little_endian(header.size(), version == 1 ? 2 : 4) + header + elements;
}

inline std::string npy_header_of(const std::string& type, const std::string& shape,
                                 bool fortran = false) {
    return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
           ", 'shape': " + shape + ", }";
}

template <typename T>
std::string raw(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

struct ZipFile {
    std::string name;
    std::string bytes;
    bool deflate = true;
};

inline std::string zip_bytes(const std::vector<ZipFile>& files) {
    std::string body, directory;
    for (const ZipFile& file : files) {
        std::string packed = file.bytes;
        if (file.deflate) {
            z_stream stream{};
            deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
            packed.resize(deflateBound(&stream, file.bytes.size()));
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.bytes.data()));
            stream.avail_in = static_cast<uInt>(file.bytes.size());
            stream.next_out = reinterpret_cast<Bytef*>(packed.data());
            stream.avail_out = static_cast<uInt>(packed.size());
            deflate(&stream, Z_FINISH);
            packed.resize(stream.total_out);
            deflateEnd(&stream);
        }
        const auto checksum = crc32(0, reinterpret_cast<const Bytef*>(file.bytes.data()),
                                    static_cast<uInt>(file.bytes.size()));
        // What a local header and an entry have in common: flags, method, time, date, checksum,
        // sizes, lengths of name and extra field.
        const std::string common = little_endian(0, 2) + little_endian(file.deflate ? 8 : 0, 2) +
                                   little_endian(0, 4) + little_endian(checksum, 4) +
                                   little_endian(packed.size(), 4) +
                                   little_endian(file.bytes.size(), 4) +
                                   little_endian(file.name.size(), 2) + little_endian(0, 2);
        directory += "PK\1\2" + little_endian(20, 2) + little_endian(20, 2) + common +
                     std::string(10, 0) + little_endian(body.size(), 4) + file.name;
        body += "PK\3\4" + little_endian(20, 2) + common + file.name + packed;
    }
    const std::string count = little_endian(files.size(), 2);
    return body + directory + "PK\5\6" + little_endian(0, 4) + count + count +
           little_endian(directory.size(), 4) + little_endian(body.size(), 4) + little_endian(0, 2);
}

}  // namespace ingot::testing
