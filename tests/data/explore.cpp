// SPDX-License-Identifier: MIT
// Sets with each sickness, made for the purpose: what explore() says of them, to the last number.
#include "explore_sets.h"

#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <nlohmann/json.hpp>

#include <map>

using namespace ingot;
using namespace ingot::testing;

namespace {

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

TEST_SUITE_END();
