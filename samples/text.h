// SPDX-License-Identifier: MIT
// Sentences made up to learn from, where no text is at hand.
#pragma once

#include <cstdint>
#include <random>
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
