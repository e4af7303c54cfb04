// SPDX-License-Identifier: MIT
// Sets made for what explore() says of them, and what is looked for in that.
#pragma once

#include <doctest/doctest.h>
#include <ingot/explore.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace ingot::testing {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Pictures of noise with labels in no order, the classes in turn of equal size.
struct Noise {
    Shape shape{3, 5, 7};
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;

    Noise(std::int64_t count, std::uint32_t seed, std::int64_t classes = 3) {
        std::minstd_rand random(seed);
        for (std::int64_t i = 0; i < count; ++i)
            labels.push_back(static_cast<std::int32_t>((i * 7 + i / classes) % classes));
        for (std::int64_t i = 0; i < count * shape.count(); ++i)
            pixels.push_back(static_cast<std::uint8_t>(random() >> 8));
    }
    std::size_t width() const { return static_cast<std::size_t>(shape.count()); }
    void copy(std::size_t from, std::size_t to) {
        std::copy_n(pixels.begin() + std::ptrdiff_t(from * width()), width(),
                    pixels.begin() + std::ptrdiff_t(to * width()));
    }
    void fill(std::size_t sample, std::uint8_t value) {
        std::fill_n(pixels.begin() + std::ptrdiff_t(sample * width()), width(), value);
    }
    data::Dataset set(std::vector<std::string> names = {"ant", "bee", "cow"}) const {
        const auto count = std::ssize(labels);
        return data::Dataset(HostTensor::of("x", {count, shape[0], shape[1], shape[2]}, pixels),
                             HostTensor::of("y", {count}, labels), std::move(names));
    }
};

inline data::Dataset floats(const Shape& shape, const std::vector<float>& values) {
    return data::Dataset(HostTensor::of("x", shape, values), HostTensor::zeros("y", {shape[0], 1}));
}

inline const data::Finding& found(const data::Exploration& exploration, const std::string& kind,
                                  const std::string& part = {}) {
    const auto match = std::ranges::find_if(exploration.findings, [&](const data::Finding& f) {
        return f.kind == kind && (part.empty() || f.part == part);
    });
    REQUIRE_MESSAGE(match != exploration.findings.end(), kind << " in " << to_text(exploration));
    return *match;
}

inline Image noise_picture(std::int64_t width, std::int64_t height, std::int64_t channels,
                           std::uint32_t seed) {
    std::minstd_rand random(seed * 7919 + 1);
    Image image{width, height, channels, {}};
    for (std::int64_t i = 0; i < width * height * channels; ++i)
        image.pixels.push_back(static_cast<std::uint8_t>(random() >> 8));
    return image;
}

inline void check_columns(const std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
        CHECK_MESSAGE(end - begin <= 80, text.substr(begin, end - begin));
        begin = end + 1;
    }
}

// Tags that are closed in the order in which they were opened; text without bare brackets.
inline void check_page(const std::string& page) {
    std::vector<std::string> open;
    const std::size_t style = page.find("<style>"), style_end = page.find("</style>");
    REQUIRE(style != std::string::npos);
    for (std::size_t i = page.find("<html"); i < page.size(); ++i) {
        if (i > style + 6 && i < style_end) i = style_end;
        if (page[i] != '<') continue;
        const std::size_t end = page.find('>', i);
        REQUIRE(end != std::string::npos);
        std::string tag = page.substr(i + 1, end - i - 1);
        CHECK(tag.find('<') == std::string::npos);
        const std::string name = tag.substr(0, tag.find_first_of(" "));
        if (name == "meta" || name == "img") continue;
        if (name[0] != '/') {
            open.push_back(name);
            continue;
        }
        REQUIRE(!open.empty());
        CHECK("/" + open.back() == name);
        open.pop_back();
    }
    CHECK(open.empty());
    for (const char* outside : {"http:", "https:", "<script", "<link", "url(", "src=\"/"})
        CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
    CHECK(page.find("prefers-color-scheme: dark") != std::string::npos);
}

}  // namespace ingot::testing
