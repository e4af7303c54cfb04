// SPDX-License-Identifier: MIT
// Whole files in and out.
#include "core/check.h"
#include "io/atomic_file.h"
#include "io/input_file.h"

#include <ingot/io.h>

namespace ingot::io {

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    AtomicFile file(path);
    file.write(bytes);
    file.commit();
}

void write_file(const std::filesystem::path& path, std::string_view text) {
    write_file(path, std::as_bytes(std::span(text)));
}

std::string read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    InputFile file(path);
    if (file.size_bytes() > max_bytes) {
        fail(ErrorKind::kFile, "cannot read {}: {} bytes, at most {} are expected", path.string(),
             file.size_bytes(), max_bytes);
    }
    std::string text(static_cast<std::size_t>(file.size_bytes()), '\0');
    file.read(std::as_writable_bytes(std::span(text)));
    return text;
}

}  // namespace ingot::io
