// SPDX-License-Identifier: MIT
// Text as numbers and back, and sequences of them for a language model to learn from.
//
//     auto tokens = ingot::data::Tokenizer::gpt2("gpt2-tokenizer");
//     auto train = ingot::data::text("book.txt", tokens, {.length = 128, .stride = 32, .end =
//     0.9});
#pragma once

#include <ingot/dataset.h>
#include <ingot/export.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::data {

struct SequenceOptions;

// Any bytes come back from their tokens as they were, whether they are UTF-8 or not. Copies share
// the vocabulary.
class INGOT_API Tokenizer {
public:
    // One token for each byte value that occurs in `alphabet`, in the order of their values;
    // without one, for all 256.
    static Tokenizer bytes(std::string_view alphabet = {});

    // Byte-pair tokens by GPT-2's files (Radford and others, "Language models are unsupervised
    // multitask learners", 2019): a folder with encoder.json and vocab.bpe, or with vocab.json and
    // merges.txt. Text is first cut into words, numbers and marks by GPT-2's pattern. Throws kFile
    // when the files are damaged or do not belong together.
    static Tokenizer gpt2(const std::filesystem::path& folder);
    static Tokenizer gpt2(const std::filesystem::path& vocabulary,
                          const std::filesystem::path& merges);

    std::int64_t size() const;  // of the vocabulary: tokens are 0 to size() - 1

    // Special tokens such as "<|endoftext|>" are only text here; find() has their numbers. Throws
    // kData on a byte that is not in the alphabet.
    std::vector<std::int32_t> encode(std::string_view text) const;
    std::string decode(std::span<const std::int32_t> tokens) const;  // kData when out of range

    std::string_view text_of(std::int32_t token) const;
    std::optional<std::int32_t> find(std::string_view text) const;  // the token of this very text

    class Vocabulary;

private:
    explicit Tokenizer(std::shared_ptr<const Vocabulary> vocabulary);
    friend INGOT_API Dataset text(const std::filesystem::path&, const Tokenizer&,
                                  const SequenceOptions&);

    std::shared_ptr<const Vocabulary> vocabulary_;
};

struct SequenceOptions {
    std::int64_t length = 64;   // tokens of a sample
    std::int64_t stride = 0;    // from the start of one sample to that of the next; 0: `length`
    double begin = 0, end = 1;  // the part of the text, as fractions of its tokens
    bool stream =
        false;  // of files: a plain one of bytes is read where a sample lies; byte tokenizers only
};

// Sample i is `length` tokens from i * stride on, i32 [length]; its labels, i32 [length], are the
// tokens that follow each of them. Tokens are below `vocabulary`, which is the count of classes.
INGOT_API Dataset sequences(std::vector<std::int32_t> tokens, std::int64_t vocabulary,
                            const SequenceOptions& options = {});

// The same of tokens in an NPY file [N] of integers, which with `stream` stay there: encode a text
// once, io::write_npy() it, and learn from more than fits into memory.
INGOT_API Dataset sequences(const std::filesystem::path& npy, std::int64_t vocabulary,
                            const SequenceOptions& options = {});

// The same of a text file, plain or gzip.
INGOT_API Dataset text(const std::filesystem::path& file, const Tokenizer& tokenizer,
                       const SequenceOptions& options = {});

}  // namespace ingot::data
