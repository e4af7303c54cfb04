// SPDX-License-Identifier: MIT
// Version 1.0, little-endian, the last axis contiguous: what every reader of NPY takes.
#include "core/check.h"
#include "io/atomic_file.h"

#include <ingot/io.h>

#include <bit>

namespace ingot::io {
namespace {

const char* descr_of(const HostTensor& tensor) {
    static_assert(std::endian::native == std::endian::little);
    switch (tensor.dtype) {
        case DType::kFloat32: static_cast<void>(tensor.values<float>()); return "<f4";
        case DType::kInt32: static_cast<void>(tensor.values<std::int32_t>()); return "<i4";
        case DType::kUInt8: static_cast<void>(tensor.values<std::uint8_t>()); return "|u1";
        default:
            fail(ErrorKind::kInvalidArgument,
                 "npy: tensor '{}' holds {}; f32, i32 and u8 are written", tensor.name,
                 to_string(tensor.dtype));
    }
}

}  // namespace

void write_npy(const std::filesystem::path& path, const HostTensor& tensor) {
    std::string shape;
    for (const std::int64_t size : tensor.shape)
        shape += std::to_string(size) + ", ";
    if (tensor.shape.rank() > 1) shape.resize(shape.size() - 2);  // but a tuple of one is "(5,)"
    if (tensor.shape.rank() == 1) shape.pop_back();
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     descr_of(tensor), shape);
    // Elements begin at a multiple of 64 bytes.
    constexpr std::size_t kFixedBytes = 10, kAlignment = 64;
    header.append(kAlignment - (kFixedBytes + header.size() + 1) % kAlignment, ' ');
    header += '\n';
    const auto size = static_cast<unsigned>(header.size());
    const std::string begin = std::string("\x93NUMPY\1\0", 8) + static_cast<char>(size & 0xFF) +
                              static_cast<char>(size >> 8);
    AtomicFile file(path);
    file.write(begin + header);
    file.write(tensor.data);
    file.commit();
}

}  // namespace ingot::io
