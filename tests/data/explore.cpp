// SPDX-License-Identifier: MIT
// Sets with each sickness, made for the purpose: what explore() says of them, to the last number.
#include "jpeg_bytes.h"

#include "support/log_capture.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/explore.h>
#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

using namespace ingot;
using namespace ingot::testing;

namespace {

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

data::Dataset floats(const Shape& shape, const std::vector<float>& values) {
    return data::Dataset(HostTensor::of("x", shape, values), HostTensor::zeros("y", {shape[0], 1}));
}

const data::Finding& found(const data::Exploration& exploration, const std::string& kind,
                           const std::string& part = {}) {
    const auto match = std::ranges::find_if(exploration.findings, [&](const data::Finding& f) {
        return f.kind == kind && (part.empty() || f.part == part);
    });
    REQUIRE_MESSAGE(match != exploration.findings.end(), kind << " in " << to_text(exploration));
    return *match;
}

bool lies_near(double value, double expected) {
    return std::abs(value - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

// Two passes in the order of the samples, in extended precision.
struct Reference {
    std::vector<float> values;

    void check(const data::ValueStatistics& measured) const {
        long double sum = 0, square = 0;
        for (const float value : values)
            sum += value;
        const long double mean = sum / static_cast<long double>(values.size());
        for (const float value : values)
            square += (value - mean) * (value - mean);
        CHECK(measured.count == std::ssize(values));
        CHECK(measured.minimum == *std::ranges::min_element(values));
        CHECK(measured.maximum == *std::ranges::max_element(values));
        CHECK(lies_near(measured.mean, static_cast<double>(mean)));
        CHECK(lies_near(
            measured.deviation,
            static_cast<double>(std::sqrt(square / static_cast<long double>(values.size())))));
    }
};

struct Folder : TemporaryFolder {
    void add(const std::string& name, const std::string& bytes) const {
        std::filesystem::create_directories((path() / name).parent_path());
        put(name, bytes);
    }
    void add_png(const std::string& name, const Image& image) const {
        const std::vector<std::byte> bytes = io::encode_png(image);
        add(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
};

Image noise_picture(std::int64_t width, std::int64_t height, std::int64_t channels,
                    std::uint32_t seed) {
    std::minstd_rand random(seed * 7919 + 1);
    Image image{width, height, channels, {}};
    for (std::int64_t i = 0; i < width * height * channels; ++i)
        image.pixels.push_back(static_cast<std::uint8_t>(random() >> 8));
    return image;
}

// Tags that are closed in the order in which they were opened; text without bare brackets.
void check_page(const std::string& page) {
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

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

void check_columns(const std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', begin)) {
        CHECK_MESSAGE(end - begin <= 80, text.substr(begin, end - begin));
        begin = end + 1;
    }
}

}  // namespace

TEST_SUITE_BEGIN("explore");

TEST_CASE("explore: nothing is said of a healthy set") {
    const data::NamedSet sets[] = {{"train", Noise(60, 1).set()},
                                   {"validation", Noise(30, 2).set()},
                                   {"test", Noise(30, 3).set()}};
    const data::Exploration result = data::explore(sets);
    CHECK_MESSAGE(result.findings.empty(), to_text(result));
    CHECK(result.leaks.empty());
    REQUIRE(result.parts.size() == 3);
    const data::PartSummary& train = result.parts[0];
    CHECK(train.samples == 60);
    CHECK(train.sample_shape == Shape{3, 5, 7});
    CHECK(train.stored == u8);
    CHECK(train.classes == std::vector<data::CategoryCount>{{"ant", 20}, {"bee", 20}, {"cow", 20}});
    CHECK(train.duplicates.count == 0);
    CHECK(train.constant_places.empty());
    CHECK(to_text(result).find("Nothing to complain about.") != std::string::npos);
}

TEST_CASE("explore: minimum, maximum, mean and deviation of bytes and of numbers") {
    const Noise noise(101, 5);
    const data::Exploration bytes = data::explore(noise.set());
    std::vector<Reference> channels(3);
    Reference all;
    for (std::size_t i = 0; i < noise.pixels.size(); ++i) {
        // The reference takes the exact quotient; delivered values are rounded to 32 bits.
        all.values.push_back(noise.pixels[i]);
        channels[i / 35 % 3].values.push_back(noise.pixels[i]);
    }
    for (std::size_t c = 0; c < 3; ++c) {
        data::ValueStatistics scaled = bytes.parts[0].channels[c];
        CHECK(scaled.name == std::vector{"red", "green", "blue"}[c]);
        for (double* value : {&scaled.minimum, &scaled.maximum, &scaled.mean, &scaled.deviation})
            *value *= 255;
        channels[c].check(scaled);
    }
    CHECK(lies_near(bytes.parts[0].values.maximum, 1));

    // Far from 0, where a sum of squares would lose all.
    for (const Shape& shape : {Shape{37, 2, 3, 5}, Shape{53, 7}, Shape{1, 1}, Shape{2, 1, 1, 1}}) {
        std::minstd_rand random(3);
        std::vector<float> values;
        for (std::int64_t i = 0; i < shape.count(); ++i)
            values.push_back(30000 + static_cast<float>(random() % 1000) / 128);
        const data::Exploration result = data::explore(floats(shape, values));
        const auto places = static_cast<std::size_t>(shape.without(0).count());
        const auto count = static_cast<std::size_t>(shape[1]);
        std::vector<Reference> references(count);
        for (std::size_t i = 0; i < values.size(); ++i)
            references[i % places / (places / count)].values.push_back(values[i]);
        REQUIRE(result.parts[0].channels.size() == count);
        for (std::size_t c = 0; c < count; ++c)
            references[c].check(result.parts[0].channels[c]);
        Reference{values}.check(result.parts[0].values);
    }
}

TEST_CASE("explore: duplicates, contradictions and leaks") {
    Noise train(30, 1), validation(20, 2), test(20, 3);
    train.copy(4, 9);
    train.copy(4, 10);
    train.copy(20, 21);
    train.labels[9] = train.labels[10] = train.labels[4];
    train.labels[20] = 0, train.labels[21] = 2;
    std::copy_n(train.pixels.begin() + std::ptrdiff_t(2 * train.width()), train.width(),
                test.pixels.begin() + std::ptrdiff_t(7 * test.width()));
    test.labels[7] = train.labels[2];
    std::copy_n(validation.pixels.begin(), validation.width(), test.pixels.begin());
    test.copy(0, 1);
    test.labels[0] = test.labels[1] = validation.labels[0];

    const data::NamedSet sets[] = {
        {"train", train.set()}, {"validation", validation.set()}, {"test", test.set()}};
    const data::Exploration result = data::explore(sets);
    CHECK(result.parts[0].duplicates.count == 3);
    CHECK(result.parts[0].duplicates.names == std::vector<std::string>{"9", "10", "21"});
    CHECK(result.parts[1].duplicates.count == 0);
    CHECK(result.parts[2].duplicates.names == std::vector<std::string>{"1"});
    CHECK(result.parts[0].contradictions.names == std::vector<std::string>{"20", "21"});
    REQUIRE(result.leaks.size() == 2);
    const auto leak = [&](const std::string& from, const std::string& to) {
        const auto match = std::ranges::find_if(
            result.leaks, [&](const data::Leak& l) { return l.from == from && l.to == to; });
        REQUIRE(match != result.leaks.end());
        return match->samples;
    };
    CHECK(leak("train", "test").names == std::vector<std::string>{"7"});
    CHECK(leak("validation", "test").count == 2);
    CHECK(leak("validation", "test").names == std::vector<std::string>{"0", "1"});
    CHECK(result.findings[0].gravity == data::Gravity::kProblem);
    CHECK(found(result, "leak").what == "1 of 20 samples (5%) stand in train, too");
    CHECK(found(result, "duplicates", "train").what ==
          "3 of 30 samples (10%) repeat an earlier one");
    CHECK(found(result, "contradiction").what ==
          "2 samples with equal inputs but different labels");
    check_columns(to_text(result));
    const auto joined = [](std::string text) {  // lines end anywhere
        std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
        return text;
    };
    CHECK(joined(to_text(result)).find("repeatanearlierone(9,10,21)") != std::string::npos);
}

TEST_CASE("explore: a leak that begins with several copies counts each sample once") {
    Noise train(10, 1), test(10, 3);
    train.copy(0, 1);
    train.copy(0, 2);
    train.labels[1] = train.labels[2] = train.labels[0];
    std::copy_n(train.pixels.begin(), train.width(), test.pixels.begin());
    test.labels[0] = train.labels[0];
    const data::NamedSet sets[] = {{"a", train.set()}, {"b", test.set()}};
    const data::Exploration result = data::explore(sets);
    REQUIRE(result.leaks.size() == 1);
    CHECK(result.leaks[0].samples.count == 1);
}

TEST_CASE("explore: classes that are empty, single, too few, or in order") {
    Noise noise(40, 1);
    std::fill(noise.labels.begin(), noise.labels.end(), 1);
    noise.labels[0] = 3;
    for (std::size_t i = 1; i < 11; ++i)
        noise.labels[i] = 2;
    const data::Exploration result = data::explore(noise.set({"none", "many", "some", "one"}));
    CHECK(found(result, "empty class").what == "no sample of none");
    CHECK(found(result, "empty class").remedy == "labels count from 0");
    CHECK(found(result, "single sample").what == "one sample only of one");
    CHECK(found(result, "imbalance").what ==
          "many has 29 samples (72.5%), one 1 (2.5%): 29 times as many");
    CHECK(result.parts[0].class_by_class);
    CHECK(found(result, "sorted").gravity == data::Gravity::kNote);
    noise.labels[39] = 2;
    CHECK(!data::explore(noise.set({"none", "many", "some", "one"})).parts[0].class_by_class);
}

TEST_CASE("explore: an imbalance below three times is none") {
    Noise noise(39, 1, 2);
    std::fill(noise.labels.begin(), noise.labels.end(), 0);
    for (std::size_t i = 0; i < 30; i += 3)
        noise.labels[i] = 1;
    CHECK_MESSAGE(data::explore(noise.set({"a", "b"})).findings.empty(), "29 to 10");
    noise.labels[0] = 0;
    CHECK(found(data::explore(noise.set({"a", "b"})), "imbalance").samples.count == 0);
}

TEST_CASE("explore: black and blank pictures, constant pixels") {
    Noise noise(20, 1);
    noise.fill(3, 0);
    noise.fill(5, 0);
    noise.fill(8, 77);
    noise.labels[5] = noise.labels[3];
    data::Exploration result = data::explore(noise.set());
    CHECK(found(result, "blank").what == "3 pictures of one value throughout, 2 of them black");
    CHECK(result.parts[0].blank.names == std::vector<std::string>{"3", "5", "8"});
    CHECK(result.parts[0].blank_black.names == std::vector<std::string>{"3", "5"});
    CHECK(result.parts[0].duplicates.count == 1);

    Noise bordered(20, 1);
    for (std::size_t i = 0; i < 20; ++i) {
        bordered.pixels[i * bordered.width() + 4] = 9;
        bordered.pixels[i * bordered.width() + 104] = 0;
    }
    result = data::explore(bordered.set());
    CHECK(result.parts[0].constant_places == std::vector<std::int64_t>{4, 104});
    REQUIRE(result.findings.size() == 1);
    CHECK(found(result, "constant pixels").what ==
          "2 of 105 values of a sample are the same in all samples");
}

TEST_CASE("explore: values that are not finite") {
    std::vector<float> values(12 * 4);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i % 7) + static_cast<float>(i) / 64;
    values[2] = values[3] = kNaN;
    values[20] = kInfinity;
    values[40] = -kInfinity;
    const data::Exploration result = data::explore(floats({12, 1, 2, 2}, values));
    CHECK(result.parts[0].values.count == 44);
    CHECK(result.parts[0].values.missing == 2);
    CHECK(result.parts[0].values.infinite == 2);
    CHECK(result.parts[0].non_finite.names == std::vector<std::string>{"0", "5", "10"});
    CHECK(found(result, "non-finite").what == "4 values (2 NaN, 2 infinite) in 3 samples");
    std::erase_if(values, [](float v) { return !std::isfinite(v); });
    Reference{values}.check(result.parts[0].values);
    CHECK(nlohmann::json::parse(to_json(result))["parts"][0]["values"]["missing"] == 2);
    // Nothing can be prepared of these, which the page says in place of pictures.
    const TemporaryFolder folder;
    const data::NamedSet set{"nan", floats({12, 1, 2, 2}, std::vector<float>(48, kNaN))};
    const data::Exploration all_nan = data::explore({&set, 1});
    CHECK(std::isnan(all_nan.parts[0].values.mean));
    data::write_exploration_html(folder / "page.html", all_nan, {&set, 1});
    const std::string page = contents_of(folder / "page.html");
    check_page(page);
    CHECK(page.find("Cannot be prepared: ") != std::string::npos);
}

TEST_CASE("explore: a table with gaps, categories and columns that say nothing") {
    const TemporaryFolder folder;
    std::string text = "size,colour,same,hollow,kind\n";
    for (int i = 0; i < 12; ++i)
        text += std::to_string(i * i) +
                (i % 4 == 3   ? ",,"
                 : i % 2 == 0 ? ",red,"
                              : ",blue,") +
                "5,NA," + (i % 2 == 0 ? "x" : "y") + "\n";
    const auto path = folder.put("t.csv", text + ",red,5,,x\n");
    const data::ExploredData data = data::open_to_explore({{path}});
    REQUIRE(data.sets.size() == 1);
    CHECK(data.sets[0].name == "t.csv");
    const data::Exploration result = data::explore(data.sets, data.pictures);
    const auto& features = result.parts[0].channels;
    REQUIRE(features.size() == 4);
    CHECK(features[0].name == "size");
    CHECK(features[0].count == 12);
    CHECK(features[0].missing == 1);
    CHECK(features[0].maximum == 121);
    CHECK(lies_near(features[0].mean, 506 / 12.0));
    CHECK(features[1].categories == std::vector<data::CategoryCount>{{"blue", 3}, {"red", 7}});
    CHECK(features[1].missing == 3);
    CHECK(found(result, "missing").what == "17 values missing: size 1, colour 3");
    CHECK(found(result, "constant feature").what == "one value throughout in same");
    CHECK(found(result, "empty feature").what == "no value at all in hollow");
    CHECK(std::ranges::none_of(result.findings,
                               [](const auto& f) { return f.kind == "non-finite"; }));
    check_columns(to_text(result));
    CHECK(to_text(result).find("2 values: red 7 blue 3") != std::string::npos);
    data::write_exploration_html(folder / "page.html", result, data.sets);
    check_page(contents_of(folder / "page.html"));

    const auto bare = folder.put("bare.csv", "5.1,3.5,0\n4.9,3,1\n4.7,3.2,0\n4.6,3.1,1\n");
    const auto open_bare = [&](bool header) {
        const data::ExploredData one =
            data::open_to_explore({{bare}}, {.open = {.header = header, .labels = true}});
        return data::explore(one.sets);
    };
    CHECK(found(open_bare(true), "header").what == "its columns are named 5.1 to 3.5");
    CHECK(open_bare(false).findings.empty());
    CHECK(open_bare(false).parts[0].samples == 4);
}

TEST_CASE("explore: equal rows of files that number their categories differently") {
    const TemporaryFolder folder;
    const auto train =
        folder.put("train.csv", "size,colour,kind\n1,red,x\n2,blue,y\n3,,x\n4,red,y\n");
    const auto test =
        folder.put("test.csv", "size,colour,kind\n4,red,y\n3,,y\n1,green,x\n2,red,y\n");
    const auto other =
        folder.put("other.csv", "width,colour,kind\n4,red,y\n4,blue,x\n5,red,x\n6,red,y\n");
    const data::ExploredData data = data::open_to_explore({{train, test, other}});
    const data::Exploration result = data::explore(data.sets);
    REQUIRE(!result.leaks.empty());
    CHECK(result.leaks[0].from == "train.csv");
    CHECK(result.leaks[0].to == "test.csv");
    CHECK(result.leaks[0].samples.names == std::vector<std::string>{"0", "1"});
    CHECK(result.parts[0].contradictions.names == std::vector<std::string>{"2"});
    CHECK(result.parts[1].contradictions.names == std::vector<std::string>{"1"});
    CHECK(found(result, "unseen category").what == "not in train.csv: colour green");
    CHECK(found(result, "parts differ").what ==
          "its columns are width, colour, those of train.csv are size, colour");
}

TEST_CASE("explore: parts that do not fit together") {
    const Noise noise(12, 1), more(12, 2);
    Noise odd(12, 3);
    odd.shape = {1, 15, 7};
    const data::NamedSet sets[] = {
        {"a", noise.set()}, {"b", more.set({"bee", "ant", "cow"})}, {"c", odd.set()}};
    const data::Exploration result = data::explore(sets);
    CHECK(found(result, "parts differ", "b").what ==
          "its classes are bee, ant, cow, those of a are ant, bee, cow");
    CHECK(found(result, "parts differ", "c").what ==
          "samples are [1, 15, 7], those of a [3, 5, 7]");
    CHECK(thrown_message([] { data::explore(std::span<const data::NamedSet>{}); }) ==
          "invalid argument: explore: there are no samples");
    const data::NamedSet empty{"nothing", {}};
    CHECK(thrown_message([&] {
              data::explore({&empty, 1});
          }) == "invalid argument: explore: 'nothing' holds 0 samples []");
}

TEST_CASE("explore: a folder of pictures with mixed sizes, unreadable files and a leak") {
    const Folder folder;
    for (std::uint32_t i = 0; i < 6; ++i) {
        const std::string name = std::to_string(i) + ".png";
        folder.add_png("set/train/a/" + name, noise_picture(12, 10, 3, i));
        folder.add_png("set/train/b/" + name, noise_picture(9, 16, 3, 50 + i));
        folder.add_png("set/test/a/" + name, noise_picture(12, 10, 1, 100 + i));
        folder.add_png("set/test/b/" + name, noise_picture(12, 10, 3, 150 + i));
    }
    folder.add_png("set/test/b/copy.png", noise_picture(12, 10, 3, 150));
    folder.add_png("set/test/a/leak.png", noise_picture(12, 10, 3, 4));
    folder.add_png("set/train/a/copy.png", noise_picture(12, 10, 3, 0));
    folder.add("set/train/b/broken.png", "no picture at all");
    folder.add("set/train/b/empty.jpg", "");
    const std::filesystem::path path = folder / "set";

    const std::string refused = thrown_message([&] { data::open_to_explore({{path}}); });
    CHECK(refused.starts_with("file: explore: 2 of 29 pictures cannot be read "));
    CHECK(refused.find("train/b/broken.png: ") != std::string::npos);
    CHECK(refused.find("train/b/empty.jpg: ") != std::string::npos);

    const LogCapture log;
    const data::ExploredData data = data::open_to_explore({{path}}, {.skip_unreadable = true});
    const data::Exploration result = data::explore(data.sets, data.pictures);
    REQUIRE(result.parts.size() == 2);
    const data::PartSummary& train = result.parts[0];
    CHECK(train.name == "train");
    CHECK(train.samples == 13);
    CHECK(train.sample_shape == Shape{3, 9, 9});
    CHECK(train.pictures.files == 15);
    CHECK(train.pictures.colour == 13);
    CHECK(result.parts[1].pictures.grey == 6);
    CHECK(train.pictures.sizes == std::vector<data::PictureSize>{{12, 10, 7}, {9, 16, 6}});
    CHECK(train.duplicates.names == std::vector<std::string>{"a/copy.png"});
    CHECK(result.parts[1].duplicates.names == std::vector<std::string>{"b/copy.png"});
    REQUIRE(result.leaks.size() == 1);
    CHECK(result.leaks[0].samples.names == std::vector<std::string>{"a/leak.png"});
    REQUIRE(train.pictures.unreadable.size() == 2);
    CHECK(train.pictures.unreadable[0].name == "b/broken.png");
    CHECK(!train.pictures.unreadable[0].reason.empty());
    CHECK(found(result, "unreadable").what == "2 of 15 files cannot be read and were left out");
    CHECK(found(result, "mixed sizes").what ==
          "2 sizes from 12 x 10 to 9 x 16; looked at as 9 x 9");
    check_columns(to_text(result));
    CHECK(to_text(result).find("12 x 10: 7, 9 x 16: 6") != std::string::npos);

    const auto json = nlohmann::json::parse(to_json(result));
    CHECK(json["parts"][0]["pictures"]["unreadable"].size() == 2);
    CHECK(json["leaks"][0]["samples"]["count"] == 1);
}

TEST_CASE("explore: a streamed set is read once, in order, and looks like the same in memory") {
    struct Counting final : data::Source {
        Counting(const Noise& noise_, data::SourceSpec wanted)
            : Source(std::move(wanted)), noise(noise_) {}
        const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
            CHECK(row == reads++);
            const auto* from = noise.pixels.data() + static_cast<std::size_t>(row) * room.size();
            std::copy_n(reinterpret_cast<const std::byte*>(from), room.size(), room.begin());
            return room.data();
        }
        const std::byte* target(std::int64_t row, std::span<std::byte>) const override {
            return reinterpret_cast<const std::byte*>(&noise.labels[static_cast<std::size_t>(row)]);
        }
        const Noise& noise;
        mutable std::int64_t reads = 0;
    };
    Noise noise(50, 1);
    noise.copy(1, 30);
    noise.fill(7, 0);
    const auto source =
        std::make_shared<Counting>(noise, data::SourceSpec{.size = 50,
                                                           .sample_shape = noise.shape,
                                                           .input_dtype = u8,
                                                           .class_count = 3,
                                                           .class_names = {"ant", "bee", "cow"}});
    const data::Dataset streamed{source};
    CHECK(to_json(data::explore(streamed)) == to_json(data::explore(noise.set())));
    CHECK(source->reads == 50);

    // Records in files, too.
    const TemporaryFolder folder;
    std::string records;
    std::minstd_rand random(4);
    for (int i = 0; i < 40 * 3073; ++i)
        records += static_cast<char>(i % 3073 == 0 ? i / 3073 % 10 : random() >> 8 & 255);
    const auto path = folder.put("records.bin", records);
    std::string texts[2];
    for (const bool stream : {false, true}) {
        const data::ExploredData data =
            data::open_to_explore({{path}}, {.open = {.stream = stream}});
        texts[stream] = to_json(data::explore(data.sets));
    }
    CHECK(texts[0] == texts[1]);
    CHECK(texts[0].find("\"airplane\"") != std::string::npos);
}

TEST_CASE("preview: what is received is what Batches delivers") {
    const Noise noise(30, 1);
    const augment::Transform transform = augment::compose(
        {augment::random_crop({.size = 5, .padding = 1}), augment::random_horizontal_flip()});
    const data::Dataset train = noise.set();
    const auto previews =
        data::preview(train, {.augment = transform, .per_class = 4, .classes = 2, .seed = 9});
    REQUIRE(previews.size() == 8);
    data::Batches batches(train.normalized(train.measure()), 30, {.seed = 9, .augment = transform});
    const data::Batch& batch = *batches.next();
    for (const data::Preview& one : previews) {
        CHECK(one.label == noise.labels[static_cast<std::size_t>(one.sample)]);
        CHECK(one.label < 2);
        CHECK(one.stored.shape() == Shape{3, 5, 7});
        CHECK(one.stored.values[1] ==
              static_cast<float>(
                  noise.pixels[static_cast<std::size_t>(one.sample) * noise.width() + 1]) /
                  255.0F);
        CHECK(one.augmented == augment::applied(transform, one.stored, 9, 0, one.sample));
        REQUIRE(one.received.shape() == Shape{3, 5, 5});
        CHECK(std::ranges::equal(
            one.received.values,
            batch.inputs.subspan(static_cast<std::size_t>(one.sample) * 75, 75)));
    }
    CHECK(thrown_message([] {
              data::preview(floats({2, 3}, {1, 2, 3, 4, 5, 6}));
          }) == "invalid argument: preview: samples [3] are no pictures [C, H, W]");
}

TEST_CASE("explore: the page holds all pictures and states the numbers") {
    const TemporaryFolder folder;
    const data::NamedSet sets[] = {{"<train> & \"co\"", Noise(30, 1).set({"<b>", "&amp", "cow"})},
                                   {"test", Noise(30, 2).set({"<b>", "&amp", "cow"})}};
    const data::Exploration result = data::explore(sets);
    data::write_exploration_html(folder / "page.html", result, sets,
                                 {.augment = augment::random_horizontal_flip(), .per_class = 5});
    const std::string page = contents_of(folder / "page.html");
    check_page(page);
    CHECK(count_of(page, "<img ") == 3 * 5 * 3);
    CHECK(page.find("&lt;b&gt;") != std::string::npos);
    CHECK(page.find("&amp;amp") != std::string::npos);
    CHECK(page.find("random_horizontal_flip()") != std::string::npos);
    CHECK(page.find("Received values from -1.") != std::string::npos);
    CHECK(page.find("are drawn from black to white") != std::string::npos);
    data::write_exploration_html(folder / "plain.html", result, sets, {.per_class = 2});
    CHECK(count_of(contents_of(folder / "plain.html"), "<img ") == 3 * 2 * 2);
    CHECK(thrown_message([&] {
              data::write_exploration_html(folder / "x.html", result, {sets, 1});
          }) == "invalid argument: explore: 1 sets for an exploration of 2");
}

TEST_SUITE_END();
