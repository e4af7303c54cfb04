// SPDX-License-Identifier: MIT
// Bytes and byte-pair tokens there and back, GPT-2's own numbers, pieces by its pattern, sequences
// and their successors, in memory and streamed; damaged vocabularies.
#include <ingot/tokenizer.h>

#include "data/vocabulary.h"
#include "idx_bytes.h"

#include "core/random.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/batches.h>
#include <ingot/io.h>

#include <algorithm>

using namespace ingot;
using namespace ingot::testing;
using data::Tokenizer;
using Tokens = std::vector<std::int32_t>;

namespace {

std::vector<std::string> pieces(std::string_view text) {
    std::vector<std::string> all;
    while (!text.empty()) {
        const std::string_view piece = data::first_piece(text);
        all.emplace_back(piece);
        text.remove_prefix(piece.size());
    }
    return all;
}

// A vocabulary of the bytes and "ab", "abc", "bc", "aa" and " ab".
struct SmallFiles : TemporaryFolder {
    std::filesystem::path vocabulary, merges;

    explicit SmallFiles(
        const std::string& pairs = "#version: 0.2\nb c\na b\nab c\na a\n\xC4\xA0 ab\n") {
        std::string json = "{";
        int number = 0;
        std::uint32_t next = 0x100;
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            const bool visible = (byte >= 33 && byte < 127) || (byte >= 161 && byte != 173);
            const std::uint32_t point = visible ? byte : next++;
            char text[32];
            std::snprintf(text, sizeof text, "\"\\u%04x\": %d, ", point, number++);
            json += text;
        }
        json +=
            "\"ab\": 256, \"abc\": 257, \"bc\": 258, \"aa\": 259, \"\\u0120ab\": 260, "
            "\"<|endoftext|>\": 261}";
        vocabulary = put("encoder.json", json);
        merges = put("vocab.bpe", pairs);
    }
};

}  // namespace

TEST_CASE("tokenizer: bytes, all of them or an alphabet") {
    const Tokenizer all = Tokenizer::bytes();
    CHECK(all.size() == 256);
    CHECK(all.encode("az\xFF") == Tokens{97, 122, 255});
    const Tokenizer few = Tokenizer::bytes("hello");
    CHECK(few.size() == 4);
    CHECK(few.encode("hole") == Tokens{1, 3, 2, 0});
    CHECK(few.decode(Tokens{1, 3, 2, 0}) == "hole");
    CHECK(few.find("l") == 2);
    CHECK_FALSE(few.find("x").has_value());
    CHECK(thrown_message([&] { few.encode("x"); }) ==
          "data: tokenizer: byte 120 is not in the alphabet");
    CHECK(thrown_message([&] { few.decode(Tokens{4}); }) ==
          "data: tokenizer: there is no token 4, the last is 3");
}

TEST_CASE("tokenizer: pieces by GPT-2's pattern") {
    using Pieces = std::vector<std::string>;
    CHECK(pieces("Hello, world!") == Pieces{"Hello", ",", " world", "!"});
    CHECK(pieces("it's we'll I'd 'tis") ==
          Pieces{"it", "'s", " we", "'ll", " I", "'d", " '", "tis"});
    CHECK(pieces("a  b   \n\nc ") == Pieces{"a", " ", " b", "   \n", "\n", "c", " "});
    CHECK(pieces("x12y 3.5") == Pieces{"x", "12", "y", " 3", ".", "5"});
    CHECK(pieces("\t\tz") == Pieces{"\t", "\t", "z"});
    // Letters and numbers of all scripts, a space of two bytes, a mark beyond the basic plane.
    CHECK(pieces("Größe Дом日本") == Pieces{"Größe", " Дом日本"});
    CHECK(pieces("x²½Ⅷ") == Pieces{"x", "²½Ⅷ"});
    CHECK(pieces("a\xC2\xA0"
                 "b") == Pieces{"a", "\xC2\xA0", "b"});
    CHECK(pieces("😀😀 é") == Pieces{"😀😀", " é"});
    CHECK(pieces("e\xCC\x81") == Pieces{"e", "\xCC\x81"});  // a combining accent is no letter
    CHECK(pieces("a\xFF\xC3") == Pieces{"a", "\xFF\xC3"});  // no UTF-8
    CHECK(pieces("").empty());
}

TEST_CASE("tokenizer: pairs merge by rank, and any bytes come back") {
    const SmallFiles files;
    const Tokenizer tokens = Tokenizer::gpt2(files.path());
    CHECK(tokens.size() == 262);
    CHECK(tokens.encode("abc") == Tokens{97, 258});  // "bc" comes before "ab"
    CHECK(tokens.encode("ab ab") == Tokens{256, 260});
    CHECK(tokens.encode("aaaaa") == Tokens{259, 259, 97});
    CHECK(tokens.find("<|endoftext|>") == 261);
    CHECK(tokens.encode("<|endoftext|>").size() > 1);
    CHECK(tokens.text_of(260) == " ab");
    RandomStream random(3);
    for (int i = 0; i < 300; ++i) {
        std::string text;
        for (std::uint32_t length = random.below(60); text.size() < length;)
            text += random.below(3) == 0 ? static_cast<char>(random.word())
                                         : "abc \n'\xC3\xA9"[random.below(8)];
        REQUIRE(tokens.decode(tokens.encode(text)) == text);
    }
    // A long piece takes no time that grows with its square.
    CHECK(tokens.encode(std::string(300'000, 'a')).size() == 150'000);
}

TEST_CASE("tokenizer: damaged files are refused") {
    const auto message = [](const std::string& pairs) {
        const SmallFiles files(pairs);
        return thrown_message([&] { Tokenizer::gpt2(files.path()); });
    };
    CHECK(message("").find("it has no pairs") != std::string::npos);
    CHECK(message("a b\na b\n").find("line 2: this pair has come before") != std::string::npos);
    CHECK(message("a\n").find("line 1: it is not two tokens and a space between") !=
          std::string::npos);
    CHECK(message("a d\n").find("line 1: the vocabulary has no token 'ad'") != std::string::npos);
    const SmallFiles files;
    const auto json = [&](const std::string& text) {
        const auto path = files.put("other.json", text);
        return thrown_message([&] { Tokenizer::gpt2(path, files.merges); });
    };
    CHECK(json("[1, 2]").find("it is no JSON object of tokens") != std::string::npos);
    CHECK(json("{\"a\": 0, \"b\": 0}").find("two tokens have the number 0") != std::string::npos);
    CHECK(json("{\"a\": 5}").find("token 'a' has no number from 0 to 0") != std::string::npos);
    CHECK(json("{\"a\": 0}").find("no token stands for byte 0") != std::string::npos);
    CHECK(thrown_message([&] {
              Tokenizer::gpt2(files / "none");
          }).find("holds neither encoder.json nor vocab.json") != std::string::npos);
}

TEST_CASE("sequences: each with what follows, over a part of the text, in memory and streamed") {
    Tokens numbers(11);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        numbers[i] = static_cast<std::int32_t>(i);
    const data::Dataset set = data::sequences(numbers, 11, {.length = 3, .stride = 2});
    CHECK(set.size() == 4);  // from 0, 2, 4 and 6
    CHECK(set.class_count() == 11);
    data::Batches batches(set, 4);
    const data::Batch& batch = *batches.next();
    CHECK(Tokens(batch.tokens.begin(), batch.tokens.end()) ==
          Tokens{0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8});
    CHECK(Tokens(batch.labels.begin(), batch.labels.end()) ==
          Tokens{1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9});
    CHECK(data::sequences(numbers, 11, {.length = 5}).size() == 2);

    const TemporaryFolder folder;
    const std::string words = "the cat sat on the mat";
    const auto path = folder.put("t.txt", words), packed = folder.put("t.gz", gzipped(words));
    const Tokenizer bytes = Tokenizer::bytes(words);
    const auto everything = [&](const data::Dataset& text) {
        Tokens all(static_cast<std::size_t>(text.size()) * 8), labels(all.size());
        data::Batches whole(text, text.size());
        whole.next_into({}, labels, {}, all);
        all.insert(all.end(), labels.begin(), labels.end());
        return all;
    };
    const data::SequenceOptions options{.length = 8, .stride = 1, .begin = 0.25, .end = 0.9};
    const data::Dataset whole = data::text(path, bytes, options);
    CHECK(whole.size() == 6);  // of tokens 6 to 19
    CHECK(everything(whole) == everything(data::text(packed, bytes, options)));
    CHECK(everything(whole) ==
          everything(data::text(
              path, bytes, {.length = 8, .stride = 1, .begin = 0.25, .end = 0.9, .stream = true})));
    CHECK_THROWS_AS(data::text(packed, bytes, {.length = 8, .stream = true}), Error);

    const auto npy = folder / "tokens.npy";
    io::write_npy(npy, HostTensor::of("tokens", {22}, bytes.encode(words)));
    CHECK(everything(data::sequences(npy, bytes.size(), options)) == everything(whole));
    data::SequenceOptions streamed = options;
    streamed.stream = true;
    CHECK(everything(data::sequences(npy, bytes.size(), streamed)) == everything(whole));
    CHECK(thrown_message([&] {
              everything(data::sequences(npy, 5, streamed));
          }).find("outside 0 to 4") != std::string::npos);
    io::write_npy(npy, HostTensor::zeros("x", {22}));
    CHECK_THROWS_AS(data::sequences(npy, bytes.size(), options), Error);
    CHECK(thrown_message([&] {
              everything(data::text(path, Tokenizer::bytes("the"), {.length = 8, .stream = true}));
          }) == "file: text " + path.string() + ": byte 32 at 3 is not in the alphabet");
    CHECK(thrown_message([&] { data::text(path, bytes, {.length = 22}); }) ==
          "data: sequences: 22 tokens are too few for one of 22 and what follows");
    CHECK_THROWS_AS(data::sequences({1, 2, 3}, 3, {.length = 2}), Error);
    CHECK_THROWS_AS(data::text(path, bytes, {.length = 0}), Error);
    CHECK_THROWS_AS(data::text(path, bytes, {.begin = 0.5, .end = 0.5}), Error);
}

TEST_CASE("tokenizer: GPT-2's own numbers" * doctest::test_suite("shared_data")) {
    const auto folder = shared_data("gpt2-tokenizer");
    if (!folder) return;
    const Tokenizer tokens = Tokenizer::gpt2(*folder);
    CHECK(tokens.size() == 50257);
    CHECK(tokens.find("<|endoftext|>") == 50256);
    CHECK(tokens.encode("Hello, my dog is cute") == Tokens{15496, 11, 616, 3290, 318, 13779});
    CHECK(tokens.encode("hello world") == Tokens{31373, 995});
    CHECK(tokens.encode("tiktoken is great!") == Tokens{83, 1134, 30001, 318, 1049, 0});
    CHECK(tokens.encode("antidisestablishmentarianism") == Tokens{415, 29207, 44390, 3699, 1042});
    CHECK(tokens.encode("2 + 2 = 4") == Tokens{17, 1343, 362, 796, 604});
    CHECK(tokens.encode("お誕生日おめでとう") == Tokens{2515, 232, 45739, 243, 37955, 33768, 98,
                                                        2515, 232, 1792, 223, 30640, 30201, 29557});
    const auto play = shared_data("tinyshakespeare");
    if (!play) return;
    // As many tokens as nanoGPT's documentation says of this text, cut at nine tenths.
    const std::string text = contents_of(*play / "input.txt");
    const auto train = tokens.encode(text.substr(0, 1003854));
    CHECK(train.size() == 301966);
    CHECK(tokens.encode(text.substr(1003854)).size() == 36059);
    CHECK(tokens.decode(train) == text.substr(0, 1003854));
}
