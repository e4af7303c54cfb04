// SPDX-License-Identifier: MIT
// NumPy's NPY format, versions 1.0 to 3.0: "\x93NUMPY", the version, the length of the header, a
// Python dictionary of element type, order and shape, then the elements. And NPZ, a ZIP of them.
#pragma once

#include <ingot/host_tensor.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ingot::io {

struct NpyHeader {
    char kind = 'f';             // f floats, i and u integers, b bool
    std::size_t item_bytes = 4;  // of one element
    bool big_endian = false;
    bool fortran = false;  // the first axis is contiguous
    Shape shape;
    std::uint64_t data_offset = 0;  // from the beginning of the file

    std::uint64_t data_bytes() const {
        return static_cast<std::uint64_t>(shape.count()) * item_bytes;
    }
    // As read_npy() delivers it: floats as f32, u8 and bool as u8, other integers as i32.
    DType natural_dtype() const;
};

// `begin`: the first bytes of a file of `size_bytes`; at most kMaxNpyHeader of them are looked at.
// `place` opens every message. Throws kFile unless header and size agree.
inline constexpr std::size_t kMaxNpyHeader = (std::size_t{1} << 16) + 12;
NpyHeader npy_header(const std::string& place, std::span<const std::byte> begin,
                     std::uint64_t size_bytes);

enum class NpyValues {
    kAny,
    kFinite,  // NaN and infinity are refused
    kOrNaN    // infinity is refused
};

// Elements in the file's order to `dtype`: f32 (rounded; f64 beyond its range is refused), i32 (out
// of range is refused) or, from u8 and bool, u8. `first` is the number of the first, for messages.
void convert_npy(const std::string& place, const NpyHeader& header, std::span<const std::byte> from,
                 DType dtype, std::span<std::byte> to, NpyValues values, std::uint64_t first = 0);

// A file or a member of a ZIP as a tensor, row-major.
HostTensor npy_tensor(const std::string& place, std::span<const std::byte> bytes, DType dtype,
                      NpyValues values);
NpyHeader npy_file_header(const std::filesystem::path& path);
HostTensor npy_file(const std::filesystem::path& path, DType dtype, NpyValues values);

// The members of a ZIP file, unpacked: stored or deflated, with ZIP64, without encryption.
struct ZipMember {
    std::string name;
    std::vector<std::byte> bytes;
};
// Only those that `wanted` names, or all when it is empty. `reader` opens every message.
std::vector<ZipMember> read_zip(const std::filesystem::path& path, const char* reader,
                                std::span<const std::string> wanted = {});

}  // namespace ingot::io
