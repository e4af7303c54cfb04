// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "data/vocabulary.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <queue>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

// Byte-pair files write each byte as a character that can be seen: those of Latin-1 that can, as
// themselves, the others from U+0100 on, in their order.
std::array<std::uint32_t, 256> visible_points() {
    std::array<std::uint32_t, 256> points{};
    std::uint32_t next = 0x100;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        const bool is_visible =
            (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
        points[byte] = is_visible ? byte : next++;
    }
    return points;
}

constexpr std::size_t kMaxPoint = 0x143;  // of the visible ones

// From visible characters to bytes; nullopt for one that stands for none.
std::optional<std::string> hidden(std::string_view visible) {
    static const auto kBytes = [] {
        std::array<int, kMaxPoint + 1> bytes;
        bytes.fill(-1);
        const auto points = visible_points();
        for (std::size_t byte = 0; byte < 256; ++byte)
            bytes[points[byte]] = static_cast<int>(byte);
        return bytes;
    }();
    std::string bytes;
    for (std::size_t i = 0; i < visible.size(); ++i) {
        std::uint32_t point = static_cast<unsigned char>(visible[i]);
        if (point >= 0xC2 && point <= 0xC5 && i + 1 < visible.size()) {  // two bytes of UTF-8
            point = (point & 0x1FU) << 6 | (static_cast<unsigned char>(visible[++i]) & 0x3FU);
        } else if (point >= 0x80) {
            return std::nullopt;
        }
        if (point > kMaxPoint || kBytes[point] < 0) return std::nullopt;
        bytes += static_cast<char>(kBytes[point]);
    }
    return bytes;
}

template <typename... Args>
[[noreturn]] void refuse(const fs::path& path, fmt::format_string<Args...> format, Args&&... args) {
    fail(ErrorKind::kFile, "tokenizer {}: {}", path.string(),
         fmt::format(format, std::forward<Args>(args)...));
}

void read_vocabulary(const fs::path& path, Tokenizer::Vocabulary& vocabulary) {
    const auto json = nlohmann::json::parse(io::read_file(path, kMaxFileBytes), nullptr, false);
    if (!json.is_object() || json.empty()) {
        refuse(path, "it is no JSON object of tokens and their numbers");
    }
    vocabulary.texts.resize(json.size());
    std::vector<bool> is_known(json.size());
    for (const auto& [name, number] : json.items()) {
        if (!number.is_number_unsigned() || number.get<std::uint64_t>() >= json.size()) {
            refuse(path, "token '{}' has no number from 0 to {}", name, json.size() - 1);
        }
        const auto token = number.get<std::size_t>();
        if (is_known[token]) refuse(path, "two tokens have the number {}", token);
        is_known[token] = true;
        // What is not written in visible characters stands for itself.
        const std::string text = hidden(name).value_or(name);
        if (!vocabulary.numbers.emplace(text, static_cast<std::int32_t>(token)).second) {
            refuse(path, "token '{}' is there twice", name);
        }
        vocabulary.texts[token] = text;
    }
    for (std::size_t byte = 0; byte < 256; ++byte) {
        const auto found = vocabulary.numbers.find(std::string(1, static_cast<char>(byte)));
        if (found == vocabulary.numbers.end()) refuse(path, "no token stands for byte {}", byte);
        vocabulary.of_byte[byte] = found->second;
    }
}

void read_merges(const fs::path& path, Tokenizer::Vocabulary& vocabulary) {
    const std::string file = io::read_file(path, kMaxFileBytes);
    std::int32_t rank = 0;
    std::size_t number = 0;
    for (std::string_view rest = file; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || (number == 1 && line.starts_with("#version"))) continue;
        const auto space = line.find(' ');
        const auto token_of = [&](std::string_view visible) {
            const std::optional<std::string> text = hidden(visible);
            const auto found = text ? vocabulary.numbers.find(*text) : vocabulary.numbers.end();
            if (found == vocabulary.numbers.end()) {
                refuse(path, "line {}: the vocabulary has no token '{}'", number,
                       visible.substr(0, 40));
            }
            return found->second;
        };
        if (space == line.npos || space == 0 || space + 1 == line.size()) {
            refuse(path, "line {}: it is not two tokens and a space between", number);
        }
        const std::string_view left = line.substr(0, space), right = line.substr(space + 1);
        const Tokenizer::Vocabulary::Merge merge{rank++,
                                                 token_of(std::string(left) + std::string(right))};
        if (!vocabulary.merges
                 .emplace(Tokenizer::Vocabulary::key(token_of(left), token_of(right)), merge)
                 .second) {
            refuse(path, "line {}: this pair has come before", number);
        }
    }
    if (rank == 0) refuse(path, "it has no pairs");
}

}  // namespace

// Pairs wait in a queue, the lowest rank first, of equal ones the leftmost; a pair that has changed
// since is passed over. n log n for a piece of n bytes.
void Tokenizer::Vocabulary::encode(std::string_view piece,
                                   std::vector<std::int32_t>& tokens) const {
    struct Part {
        std::int32_t token;
        std::int32_t before, after;  // its neighbours; -1 at the ends
    };
    struct Waiting {
        std::int32_t rank, left;
        std::uint64_t pair;
        bool operator>(const Waiting& other) const {
            return std::pair(rank, left) > std::pair(other.rank, other.left);
        }
    };
    std::vector<Part> parts;
    for (const char character : piece) {
        const std::int32_t token = of_byte[static_cast<unsigned char>(character)];
        if (token == kNone) {
            fail(ErrorKind::kData, "tokenizer: byte {} is not in the alphabet",
                 static_cast<unsigned char>(character));
        }
        const auto place = static_cast<std::int32_t>(parts.size());
        parts.push_back({token, place - 1, place + 1});
    }
    if (parts.empty()) return;
    parts.back().after = -1;

    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> queue;
    const auto consider = [&](std::int32_t left) {
        if (left < 0) return;
        const Part& part = parts[static_cast<std::size_t>(left)];
        if (part.after < 0) return;
        const auto pair = key(part.token, parts[static_cast<std::size_t>(part.after)].token);
        const auto found = merges.find(pair);
        if (found != merges.end()) queue.push({found->second.rank, left, pair});
    };
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(parts.size()); ++i)
        consider(i);
    while (!queue.empty()) {
        const Waiting best = queue.top();
        queue.pop();
        Part& left = parts[static_cast<std::size_t>(best.left)];
        if (left.token == kNone || left.after < 0) continue;
        Part& right = parts[static_cast<std::size_t>(left.after)];
        if (key(left.token, right.token) != best.pair) continue;
        left.token = merges.at(best.pair).result;
        right.token = kNone;
        left.after = right.after;
        if (left.after >= 0) parts[static_cast<std::size_t>(left.after)].before = best.left;
        consider(left.before);
        consider(best.left);
    }
    for (std::int32_t i = 0; i >= 0; i = parts[static_cast<std::size_t>(i)].after)
        tokens.push_back(parts[static_cast<std::size_t>(i)].token);
}

Tokenizer::Tokenizer(std::shared_ptr<const Vocabulary> vocabulary)
    : vocabulary_(std::move(vocabulary)) {}

Tokenizer Tokenizer::bytes(std::string_view alphabet) {
    std::array<bool, 256> occurs{};
    occurs.fill(alphabet.empty());
    for (const char character : alphabet)
        occurs[static_cast<unsigned char>(character)] = true;
    auto vocabulary = std::make_shared<Vocabulary>();
    for (std::size_t byte = 0; byte < 256; ++byte) {
        vocabulary->of_byte[byte] = Vocabulary::kNone;
        if (!occurs[byte]) continue;
        const auto token = static_cast<std::int32_t>(vocabulary->texts.size());
        vocabulary->of_byte[byte] = token;
        vocabulary->texts.emplace_back(1, static_cast<char>(byte));
        vocabulary->numbers.emplace(vocabulary->texts.back(), token);
    }
    return Tokenizer(std::move(vocabulary));
}

Tokenizer Tokenizer::gpt2(const fs::path& vocabulary, const fs::path& merges) {
    auto read = std::make_shared<Vocabulary>();
    read_vocabulary(vocabulary, *read);
    read_merges(merges, *read);
    return Tokenizer(std::move(read));
}

Tokenizer Tokenizer::gpt2(const fs::path& folder) {
    std::error_code code;
    if (fs::exists(folder / "encoder.json", code)) {
        return gpt2(folder / "encoder.json", folder / "vocab.bpe");
    }
    if (fs::exists(folder / "vocab.json", code)) {
        return gpt2(folder / "vocab.json", folder / "merges.txt");
    }
    refuse(folder, "it holds neither encoder.json nor vocab.json");
}

std::int64_t Tokenizer::size() const {
    return static_cast<std::int64_t>(vocabulary_->texts.size());
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text) const {
    std::vector<std::int32_t> tokens;
    if (vocabulary_->merges.empty()) {
        tokens.reserve(text.size());
        for (const char& character : text)
            vocabulary_->encode({&character, 1}, tokens);
        return tokens;
    }
    while (!text.empty()) {
        const std::string_view piece = first_piece(text);
        vocabulary_->encode(piece, tokens);
        text.remove_prefix(piece.size());
    }
    return tokens;
}

std::string Tokenizer::decode(std::span<const std::int32_t> tokens) const {
    std::string text;
    for (const std::int32_t token : tokens)
        text += text_of(token);
    return text;
}

std::string_view Tokenizer::text_of(std::int32_t token) const {
    if (token < 0 || token >= size()) {
        fail(ErrorKind::kData, "tokenizer: there is no token {}, the last is {}", token,
             size() - 1);
    }
    return vocabulary_->texts[static_cast<std::size_t>(token)];
}

std::optional<std::int32_t> Tokenizer::find(std::string_view text) const {
    const auto found = vocabulary_->numbers.find(std::string(text));
    if (found == vocabulary_->numbers.end()) return std::nullopt;
    return found->second;
}

}  // namespace ingot::data
