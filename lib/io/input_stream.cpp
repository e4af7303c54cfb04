// SPDX-License-Identifier: MIT
// By zlib's reader, which passes plain files through.
#include "io/input_stream.h"

#include <algorithm>
#include <string_view>

#include <zlib.h>

namespace ingot::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

}  // namespace

InputStream::InputStream(const fs::path& path, const char* reader) : CheckedFile(path, reader) {
#ifdef _WIN32
    file_ = gzopen_w(path.c_str(), "rb");
#else
    file_ = gzopen(path.c_str(), "rb");
#endif
    if (file_ == nullptr) error("it cannot be opened");
    gzbuffer(file_, 1 << 17);
}

InputStream::~InputStream() {
    gzclose(file_);
}

std::size_t InputStream::read(std::span<std::byte> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const std::size_t part = std::min(bytes.size() - done, kChunkBytes);
        const int count = gzread(file_, bytes.data() + done, static_cast<unsigned>(part));
        int status = Z_OK;
        const char* message = gzerror(file_, &status);
        // zlib delivers what it has before it reports a stream that ends too early.
        if (count >= 0) done += static_cast<std::size_t>(count);
        if (status == Z_BUF_ERROR) {
            error("its gzip data is cut off: the {} bytes end before it does", size_bytes());
        }
        if (count < 0 || status != Z_OK) {
            const std::string_view text = message;  // "<path>: <reason>"
            const auto colon = text.rfind(": ");
            error("its gzip data is damaged: {}",
                  colon == text.npos ? text : text.substr(colon + 2));
        }
        if (count == 0) break;
    }
    return done;
}

bool InputStream::compressed() {
    return gzdirect(file_) == 0;
}

}  // namespace ingot::io
