// SPDX-License-Identifier: MIT
// Version 1.0, little-endian, the last axis contiguous: what every reader of NPY takes.
#include "core/check.h"
#include "io/atomic_file.h"

#include <ingot/io.h>

#include <bit>

namespace ingot::io {
namespace {

const char* descr_of(DType dtype) {
    static_assert(std::endian::native == std::endian::little);
    switch (dtype) {
        case DType::kFloat32: return "<f4";
        case DType::kInt32: return "<i4";
        case DType::kUInt8: return "|u1";
        default:
            fail(ErrorKind::kInvalidArgument, "npy: {} is not written, but f32, i32 and u8 are",
                 to_string(dtype));
    }
}

std::string begin_of(const Shape& tensor_shape, DType dtype) {
    std::string shape;
    for (const std::int64_t size : tensor_shape)
        shape += std::to_string(size) + ", ";
    if (tensor_shape.rank() > 1) shape.resize(shape.size() - 2);  // but a tuple of one is "(5,)"
    if (tensor_shape.rank() == 1) shape.pop_back();
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     descr_of(dtype), shape);
    // Elements begin at a multiple of 64 bytes.
    constexpr std::size_t kFixedBytes = 10, kAlignment = 64;
    header.append(kAlignment - (kFixedBytes + header.size() + 1) % kAlignment, ' ');
    header += '\n';
    const auto size = static_cast<unsigned>(header.size());
    return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(size & 0xFF) +
           static_cast<char>(size >> 8) + header;
}

}  // namespace

struct NpyWriter::Impl {
    AtomicFile file;
    std::filesystem::path path;
    std::size_t item_bytes;
    std::size_t missing_bytes;  // until the array is complete
};

NpyWriter::NpyWriter(const std::filesystem::path& path, const Shape& shape, DType dtype) {
    const std::string begin = begin_of(shape, dtype);
    const std::size_t item = size_bytes_of(dtype);
    impl_.reset(
        new Impl{AtomicFile(path), path, item, static_cast<std::size_t>(shape.count()) * item});
    impl_->file.write(begin);
}
NpyWriter::~NpyWriter() = default;
NpyWriter::NpyWriter(NpyWriter&&) noexcept = default;
NpyWriter& NpyWriter::operator=(NpyWriter&&) noexcept = default;

void NpyWriter::append(std::span<const std::byte> elements) {
    const auto& [file, path, item, missing] = *impl_;
    if (elements.size() % item != 0 || elements.size() > missing) {
        fail(ErrorKind::kInvalidArgument, "npy {}: {} bytes, but {} elements of {} are left",
             path.string(), elements.size(), missing / item, item);
    }
    impl_->file.write(elements);
    impl_->missing_bytes -= elements.size();
}

void NpyWriter::commit() {
    if (impl_->missing_bytes > 0) {
        fail(ErrorKind::kInvalidArgument, "npy {}: {} elements are missing", impl_->path.string(),
             impl_->missing_bytes / impl_->item_bytes);
    }
    impl_->file.commit();
}

void write_npy(const std::filesystem::path& path, const HostTensor& tensor) {
    // Throws when bytes and shape disagree.
    switch (tensor.dtype) {
        case DType::kInt32: static_cast<void>(tensor.values<std::int32_t>()); break;
        case DType::kUInt8: static_cast<void>(tensor.values<std::uint8_t>()); break;
        case DType::kFloat32: static_cast<void>(tensor.values<float>()); break;
        default: break;  // refused below
    }
    NpyWriter writer(path, tensor.shape, tensor.dtype);
    writer.append(tensor.data);
    writer.commit();
}

}  // namespace ingot::io
