// SPDX-License-Identifier: MIT
// Files. Everything written here is atomic: the bytes go to a temporary name beside the target, are
// forced to the disk and renamed over it, so a full disk or a killed process leaves the old file as
// it was. Every function throws Error with ErrorKind::kFile, naming the path, when a file is
// missing, malformed or cannot be written.
#pragma once

#include <ingot/error.h>
#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/image.h>
#include <ingot/report.h>

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::io {

// ---- safetensors: named tensors and a map of strings, the common exchange format for weights ----

using Metadata = std::map<std::string, std::string>;

struct INGOT_API Safetensors {
    std::vector<HostTensor> tensors;  // in the order of their bytes in the file
    Metadata metadata;

    const HostTensor* find(std::string_view name) const;  // nullptr when absent
    const HostTensor& at(std::string_view name) const;    // throws, naming what there is
};

// Writes F32, I32 and U8. Tensors keep their order, except that 4-byte elements come before bytes,
// so that every tensor is aligned in the file. Throws on an empty or repeated name, on a name or
// text that is not UTF-8 and on data that does not match the shape.
INGOT_API void write_safetensors(const std::filesystem::path& path,
                                 std::span<const HostTensor> tensors,
                                 const Metadata& metadata = {});

// Reads F32, I32 and U8 as they are; F16 and BF16 become f32 (exact), F64 becomes f32 (rounded to
// nearest; a finite value beyond f32's range is refused), I64 becomes i32 (a value out of range is
// refused), BOOL becomes u8. Other types are refused by name. The header is checked before anything
// it announces is allocated: at most 100 MB, byte ranges in range, without overlap or hole, of the
// size that shape and type need, no name twice.
INGOT_API Safetensors read_safetensors(const std::filesystem::path& path);

// ---- NumPy ----

// Elements of f2, f4 and f8 become f32 (rounded; beyond its range is refused), u1 and bool u8, all
// other integers i32 (out of range is refused). Either byte order, row or column first;
// versions 1.0 to 3.0. The name is the file's, or the array's.
INGOT_API HostTensor read_npy(const std::filesystem::path& path);
INGOT_API std::vector<HostTensor> read_npz(const std::filesystem::path& path);

// f32, i32 or u8, as version 1.0.
INGOT_API void write_npy(const std::filesystem::path& path, const HostTensor& tensor);

// The same piece by piece, for arrays larger than memory. The file appears with commit().
class INGOT_API NpyWriter {
public:
    NpyWriter(const std::filesystem::path& path, const Shape& shape, DType dtype = f32);
    ~NpyWriter();  // without commit() nothing is left
    NpyWriter(NpyWriter&&) noexcept;
    NpyWriter& operator=(NpyWriter&&) noexcept;

    // The next elements, row-major. Throws kInvalidArgument for more than the shape has, or for
    // parts of an element.
    void append(std::span<const std::byte> elements);
    void commit();  // throws kInvalidArgument unless all elements are there

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// ---- pictures and reports ----

// A PNG file; grey or RGB, 8 bits. Throws kInvalidArgument when sizes and pixels disagree.
INGOT_API void write_png(const std::filesystem::path& path, const Image& image);
INGOT_API std::vector<std::byte> encode_png(const Image& image);

// A PNG or JPEG file, told apart by its first bytes, in 8 bits; as its colours were stored, without
// regard to how the camera was held. channels: 1 or 3, converted if need be; 0: as the file has
// them. Transparent pixels are shown on white.
INGOT_API Image read_image(const std::filesystem::path& path, std::int64_t channels = 0);

// A run as JSON, for write_report_html(). See report.h.
INGOT_API std::string to_json(const RunReport& report);

// One self-contained HTML file about a run, or about several side by side, which needs no network
// and obeys the reader's wish for light or dark. While a run is "running", the page loads itself
// again every `refresh_s` seconds; 0: never. Throws kInvalidArgument for a text that is not
// to_json()'s.
INGOT_API void write_report_html(const std::filesystem::path& path, const RunReport& report,
                                 double refresh_s = 0);
INGOT_API void write_report_html(const std::filesystem::path& path,
                                 std::span<const std::string> runs, double refresh_s = 0);

// ---- anything else ----

// Replaces the file by these bytes, atomically.
INGOT_API void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
INGOT_API void write_file(const std::filesystem::path& path, std::string_view text);

// The whole file; refused when it is larger than `max_bytes`.
INGOT_API std::string read_file(const std::filesystem::path& path,
                                std::size_t max_bytes = std::size_t{1} << 30);

}  // namespace ingot::io
