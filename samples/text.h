// SPDX-License-Identifier: MIT
// Text as numbers, and windows of it to learn from: each character of a file, or of sentences made
// up here, by its place in the alphabet of those that occur.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

// "every small cat who hears the king follows no dog", one a line, of 19 words.
inline std::string sentences(int count, std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto one_of = [&](const std::vector<std::string>& words) {
        return words[random() % words.size()] + ' ';
    };
    const auto noun = [&] {
        const std::string article = one_of({"the", "every", "no", "one"});
        const std::string quality = random() % 2 == 0 ? one_of({"small", "old", "quiet"}) : "";
        return article + quality + one_of({"cat", "dog", "bird", "sailor", "baker", "king"});
    };
    const auto verb = [&] { return one_of({"sees", "follows", "greets", "hears", "forgets"}); };
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += noun();
        if (random() % 3 == 0) text += "who " + verb() + noun();
        text += verb() + noun();
        text.back() = '\n';
    }
    return text;
}

struct Windows {
    std::vector<std::int32_t> inputs, labels;  // [count, length]: characters, and their successors
};

class Text {
public:
    explicit Text(const std::string& text) {
        const std::set<char> characters(text.begin(), text.end());
        alphabet_.assign(characters.begin(), characters.end());
        for (const char character : text)
            tokens_.push_back(token(character));
    }
    std::size_t size() const { return tokens_.size(); }
    std::int64_t kinds() const { return static_cast<std::int64_t>(alphabet_.size()); }
    char character(std::size_t token) const { return alphabet_.at(token); }
    std::int32_t token(char character) const {
        return static_cast<std::int32_t>(alphabet_.find(character));
    }

    // At random places of the first nine tenths, or of the last one, which is held out.
    Windows windows(std::int64_t count, std::int64_t length, bool held_out,
                    std::mt19937& random) const {
        const auto split = static_cast<std::ptrdiff_t>(tokens_.size() * 9 / 10);
        const auto end = static_cast<std::ptrdiff_t>(tokens_.size());
        const std::ptrdiff_t first = held_out ? split : 0;
        const std::ptrdiff_t places = (held_out ? end : split) - first - length;
        if (places < 1) throw std::runtime_error("the text is too short for its windows");
        Windows result;
        for (std::int64_t i = 0; i < count; ++i) {
            const auto at =
                tokens_.begin() + first + static_cast<std::ptrdiff_t>(random()) % places;
            result.inputs.insert(result.inputs.end(), at, at + length);
            result.labels.insert(result.labels.end(), at + 1, at + 1 + length);
        }
        return result;
    }

private:
    std::string alphabet_;
    std::vector<std::int32_t> tokens_;
};
