// SPDX-License-Identifier: MIT
// Sequences cut from one long row of tokens: every sample is a window of it, never a copy, and its
// labels are the same window one token later.
#include "core/check.h"
#include "data/room.h"
#include "data/vocabulary.h"
#include "io/input_stream.h"
#include "io/npy.h"
#include "io/random_access_file.h"

#include <cmath>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

// Which windows there are in a row of `count` tokens.
struct Windows {
    std::int64_t first = 0;  // token
    std::int64_t length = 0;
    std::int64_t stride = 0;
    std::int64_t samples = 0;

    Windows(std::int64_t count, const SequenceOptions& options)
        : length(options.length), stride(options.stride == 0 ? options.length : options.stride) {
        if (length < 1 || stride < 1 || !(options.begin >= 0) || !(options.end <= 1) ||
            !(options.begin < options.end)) {
            fail(ErrorKind::kInvalidArgument,
                 "sequences: length {} and stride {} of the part {} to {}", length, stride,
                 options.begin, options.end);
        }
        const auto place = [&](double fraction) {
            return static_cast<std::int64_t>(std::llround(fraction * static_cast<double>(count)));
        };
        first = place(options.begin);
        const std::int64_t tokens = place(options.end) - first;
        if (tokens < length + 1) {
            fail(ErrorKind::kData,
                 "sequences: {} tokens are too few for one of {} and what follows", tokens, length);
        }
        samples = (tokens - length - 1) / stride + 1;
    }

    std::int64_t begin_of(std::int64_t row) const { return first + row * stride; }
    SourceSpec spec(std::int64_t vocabulary) const {
        return {.size = samples,
                .sample_shape = {length},
                .input_dtype = i32,
                .target_shape = {length},
                .target_dtype = i32,
                .class_count = vocabulary};
    }
};

class TokenSource final : public Source {
public:
    TokenSource(const Windows& windows, std::int64_t vocabulary, std::vector<std::int32_t> tokens)
        : Source(windows.spec(vocabulary)), windows_(windows), tokens_(std::move(tokens)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte>) const override {
        return at(windows_.begin_of(row));
    }
    const std::byte* target(std::int64_t row, std::span<std::byte>) const override {
        return at(windows_.begin_of(row) + 1);
    }

private:
    const std::byte* at(std::int64_t token) const {
        return reinterpret_cast<const std::byte*>(&tokens_[static_cast<std::size_t>(token)]);
    }

    Windows windows_;
    std::vector<std::int32_t> tokens_;
};

// The same of a file that stays where it is.
class ByteSource final : public Source {
public:
    ByteSource(const Windows& windows, std::int64_t vocabulary,
               const std::array<std::int32_t, 256>& of_byte, const fs::path& path)
        : Source(windows.spec(vocabulary)),
          windows_(windows),
          of_byte_(of_byte),
          file_(path, "text") {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        return read(windows_.begin_of(row), room);
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        return read(windows_.begin_of(row) + 1, room);
    }

private:
    const std::byte* read(std::int64_t first, std::span<std::byte> room) const {
        const auto length = static_cast<std::size_t>(windows_.length);
        const std::span<std::byte> bytes = room.last(length);  // widened from the front
        file_.read_at(static_cast<std::uint64_t>(first), bytes);
        auto* tokens = reinterpret_cast<std::int32_t*>(room.data());
        for (std::size_t i = 0; i < length; ++i) {
            const auto byte = std::to_integer<std::size_t>(bytes[i]);
            const std::int32_t token = of_byte_[byte];
            if (token < 0) {
                file_.error("byte {} at {} is not in the alphabet", byte,
                            static_cast<std::size_t>(first) + i);
            }
            tokens[i] = token;
        }
        return room.data();
    }

    Windows windows_;
    std::array<std::int32_t, 256> of_byte_;
    io::RandomAccessFile file_;
};

// Tokens in an NPY file, which are checked when they are read.
class NpyTokenSource final : public Source {
public:
    NpyTokenSource(const Windows& windows, std::int64_t vocabulary, const fs::path& path,
                   const io::NpyHeader& header)
        : Source(windows.spec(vocabulary)),
          windows_(windows),
          file_(path, "npy"),
          place_("npy " + path.string()),
          header_(header) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        return read(windows_.begin_of(row), room);
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        return read(windows_.begin_of(row) + 1, room);
    }

private:
    const std::byte* read(std::int64_t first, std::span<std::byte> room) const {
        const Room elements(static_cast<std::size_t>(windows_.length) * header_.item_bytes);
        const auto place = static_cast<std::uint64_t>(first);
        file_.read_at(header_.data_offset + place * header_.item_bytes, elements.bytes());
        io::convert_npy(place_, header_, elements.bytes(), i32, room, io::NpyValues::kFinite,
                        place);
        const auto* tokens = reinterpret_cast<const std::int32_t*>(room.data());
        for (std::int64_t i = 0; i < windows_.length; ++i) {
            if (tokens[i] < 0 || tokens[i] >= spec().class_count) {
                file_.error("token {} is {}, outside 0 to {}", first + i, tokens[i],
                            spec().class_count - 1);
            }
        }
        return room.data();
    }

    Windows windows_;
    io::RandomAccessFile file_;
    std::string place_;
    io::NpyHeader header_;
};

// A whole file, which may be packed; its size then is known only at its end.
std::string read_text(const fs::path& path) {
    io::InputStream file(path, "text");
    constexpr std::size_t kChunk = std::size_t{1} << 20;
    std::string text;
    for (;;) {
        const std::size_t before = text.size();
        text.resize(before + kChunk);
        const std::size_t count =
            file.read(std::as_writable_bytes(std::span(text).subspan(before)));
        text.resize(before + count);
        if (count < kChunk) return text;
    }
}

}  // namespace

Dataset sequences(std::vector<std::int32_t> tokens, std::int64_t vocabulary,
                  const SequenceOptions& options) {
    const Windows windows(static_cast<std::int64_t>(tokens.size()), options);
    if (options.stream) {
        fail(ErrorKind::kInvalidArgument, "sequences: these tokens are in memory already");
    }
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] < 0 || tokens[i] >= vocabulary) {
            fail(ErrorKind::kData, "sequences: token {} is {}, outside 0 to {}", i, tokens[i],
                 vocabulary - 1);
        }
    }
    return Dataset(std::make_shared<TokenSource>(windows, vocabulary, std::move(tokens)));
}

Dataset sequences(const fs::path& npy, std::int64_t vocabulary, const SequenceOptions& options) {
    const io::NpyHeader header = io::npy_file_header(npy);
    if (header.shape.rank() != 1 || header.kind == 'f') {
        fail(ErrorKind::kFile, "npy {}: tokens are integers [N], these are {}{} {}", npy.string(),
             header.kind, header.item_bytes, to_string(header.shape));
    }
    if (options.stream) {
        return Dataset(std::make_shared<NpyTokenSource>(Windows(header.shape[0], options),
                                                        vocabulary, npy, header));
    }
    const HostTensor tensor = io::npy_file(npy, i32, io::NpyValues::kFinite);
    const auto tokens = tensor.values<std::int32_t>();
    return sequences(std::vector(tokens.begin(), tokens.end()), vocabulary, options);
}

Dataset text(const fs::path& file, const Tokenizer& tokenizer, const SequenceOptions& options) {
    if (!options.stream)
        return sequences(tokenizer.encode(read_text(file)), tokenizer.size(), options);
    const Tokenizer::Vocabulary& vocabulary = *tokenizer.vocabulary_;
    if (!vocabulary.merges.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "text {}: where a byte-pair token lies is not known before all of them are; only "
             "bytes can be streamed",
             file.string());
    }
    io::InputStream packed(file, "text");
    if (packed.compressed())
        packed.error("it is packed by gzip; to be streamed it must be unpacked");
    const Windows windows(static_cast<std::int64_t>(packed.size_bytes()), options);
    return Dataset(
        std::make_shared<ByteSource>(windows, tokenizer.size(), vocabulary.of_byte, file));
}

}  // namespace ingot::data
